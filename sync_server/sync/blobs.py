"""Blobs of tenants: taken in pieces, checked when whole, given from any byte on."""

import hashlib
import logging
import os
import re
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import BinaryIO

from shared.kernel.blobs import MAX_BLOB_BYTES, NAMED_BY, is_sha256, media_type_of
from shared.kernel.clock import Clock
from shared.kernel.errors import Rejected, Unavailable
from shared.kernel.ids import TenantId
from shared.sync.protocol.blob import BlobReceived
from shared.sync.protocol.version import PROTOCOL_VERSION
from sync_server.auth import links
from sync_server.auth.tokens import Identity
from sync_server.database import Database
from sync_server.objects import ObjectStore

_log = logging.getLogger(__name__)

UNFINISHED_KEPT = timedelta(days=14)
"""A device that sends nothing of a blob for so long begins it again."""
_LOOKS_EVERY = timedelta(hours=1)
_RANGE = re.compile(r"bytes=(\d{1,15})-(\d{1,15})?")


def blob_name(tenant_id: TenantId, sha256: str) -> str:
    """Where a tenant's blob lies; no two tenants share one, whatever it contains."""
    return f"{tenant_id}/blob/{sha256}"


@dataclass(frozen=True, slots=True)
class Part:
    """What a device asked for: bytes `start` up to but not including `end`, of `size_bytes`."""

    file: BinaryIO
    media_type: str
    size_bytes: int
    start: int
    end: int

    @property
    def is_whole(self) -> bool:
        """Whether it is all of the blob."""
        return self.end - self.start == self.size_bytes


@dataclass(slots=True)
class Blobs:
    """Keeps blobs in the object store, and what has come of others in a folder of this machine.

    The tenant comes from the token alone, so a name never leads to another tenant's blob.
    """

    database: Database
    clock: Clock
    objects: ObjectStore
    unfinished: Path
    _state: threading.Condition = field(default_factory=threading.Condition)
    _busy: Counter[Path] = field(default_factory=Counter)
    _looked_at: float | None = None

    def take(
        self, identity: Identity, sha256: str, piece: bytes, *, start: int, size_bytes: int
    ) -> BlobReceived:
        """Add a piece of a blob of that size; one that does not follow on is left aside.

        Raises Rejected: blob_name_malformed, blob_too_large, blob_type_unknown, blob_wrong,
        device_unknown or device_revoked; Unavailable("server_disk_failed").
        """
        self._admit(identity, sha256)
        if not 0 < size_bytes <= MAX_BLOB_BYTES:
            raise Rejected("blob_too_large", limit_mib=MAX_BLOB_BYTES >> 20)
        name = blob_name(identity.tenant_id, sha256)
        try:
            self._prune_now_and_then()
            with self._alone(self.unfinished / identity.tenant_id / f"{sha256}.part") as part:
                if (kept := self.objects.open(name)) is not None:
                    with kept:
                        return _received(sha256, _size_of(kept), is_complete=True)
                here = self._add(part, piece, start=start, size_bytes=size_bytes)
                if here == size_bytes:
                    self._keep(name, part, sha256)
                return _received(sha256, here, is_complete=here == size_bytes)
        except OSError as error:
            raise Unavailable("server_disk_failed") from error

    def open(self, identity: Identity, sha256: str, wanted: str | None = None) -> Part:
        """A blob of the device's own tenant; `wanted` is a Range header, other units ignored.

        Raises Rejected: blob_name_malformed, blob_unknown, range_unknown, device_unknown or
        device_revoked.
        """
        self._admit(identity, sha256)
        file = self.objects.open(blob_name(identity.tenant_id, sha256))
        if file is None:
            raise Rejected("blob_unknown")
        size = _size_of(file)
        file.seek(0)
        media_type = media_type_of(file.read(NAMED_BY)) or "application/octet-stream"
        found = None if wanted is None else _RANGE.fullmatch(wanted.strip())
        start = int(found[1]) if found else 0
        end = min(size, int(found[2]) + 1) if found and found[2] else size
        if start >= end:
            file.close()
            raise Rejected("range_unknown", size=size)
        return Part(file, media_type, size, start, end)

    def prune(self) -> int:
        """Forget what has come of blobs of which nothing more came for days; gives how many."""
        oldest = (self.clock.now() - UNFINISHED_KEPT).timestamp()
        gone = 0
        for path in self.unfinished.glob("*/*.part"):
            with self._alone(path) as part:
                if part.exists() and part.stat().st_mtime < oldest:
                    part.unlink()
                    gone += 1
        if gone:
            _log.info("%s unfinished blobs were forgotten", gone)
        return gone

    # -- inside ------------------------------------------------------------------------------

    def _admit(self, identity: Identity, sha256: str) -> None:
        if not is_sha256(sha256):
            raise Rejected("blob_name_malformed")
        with self.database.tenant_snapshot(identity.tenant_id) as connection:
            links.require_admitted(connection, identity.device_id)

    @contextmanager
    def _alone(self, part: Path) -> Iterator[Path]:
        """One request at a time for each unfinished blob."""
        with self._state:
            self._state.wait_for(lambda: not self._busy[part])
            self._busy[part] += 1
        try:
            yield part
        finally:
            with self._state:
                del self._busy[part]
                self._state.notify_all()

    def _add(self, part: Path, piece: bytes, *, start: int, size_bytes: int) -> int:
        """Write a piece behind what is here, if it follows on; gives how much is here then."""
        here = part.stat().st_size if part.exists() else 0
        if not 0 <= start <= size_bytes - len(piece):
            raise Rejected("blob_wrong")
        if here > size_bytes:
            part.unlink()
            raise Rejected("blob_wrong")
        if not piece or start > here or start + len(piece) <= here:
            return here
        if not here:
            part.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with part.open("ab") as target:
            target.write(piece[here - start :])
        now = self.clock.now().timestamp()
        os.utime(part, (now, now))
        here = start + len(piece)
        if here >= min(NAMED_BY, size_bytes):
            _require_known_type(part)
        return here

    def _keep(self, name: str, part: Path, sha256: str) -> None:
        """Put a whole blob into the store, if it is what its name says."""
        with part.open("rb") as source:
            is_right = hashlib.file_digest(source, "sha256").hexdigest() == sha256
        if is_right:
            self.objects.put(name, part)
        part.unlink()
        if not is_right:
            raise Rejected("blob_wrong")

    def _prune_now_and_then(self) -> None:
        now = self.clock.now().timestamp()
        if self._looked_at is None or abs(now - self._looked_at) >= _LOOKS_EVERY.total_seconds():
            self._looked_at = now
            self.prune()


def _require_known_type(part: Path) -> None:
    """Refuse what is no file of a kind that we keep, as soon as its first bytes are here."""
    with part.open("rb") as source:
        if media_type_of(source.read(NAMED_BY)) is not None:
            return
    part.unlink()
    raise Rejected("blob_type_unknown")


def _size_of(file: BinaryIO) -> int:
    return file.seek(0, os.SEEK_END)


def _received(sha256: str, received_bytes: int, *, is_complete: bool) -> BlobReceived:
    return BlobReceived(
        protocol=PROTOCOL_VERSION,
        sha256=sha256,
        received_bytes=received_bytes,
        is_complete=is_complete,
    )
