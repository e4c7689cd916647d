"""The first fill from one file: fetched with resume, verified, sealed into a replica beside."""

import asyncio
import base64
import binascii
import hashlib
import logging
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import zstandard
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from desktop.database import storage_errors
from desktop.sealing import PageSealer
from desktop.sync.arrivals import Arrivals
from desktop.work import BEHIND, Work
from desktop.workbench import Workbench
from migrations.replica import schema_fingerprint
from shared.kernel.errors import Bug, Unavailable
from shared.sync.cursor import Cursor
from shared.sync.endpoint import SyncEndpoint
from shared.sync.protocol.bootstrap import (
    PAGE_BYTES,
    BootstrapFile,
    BootstrapOffer,
    BootstrapState,
)
from shared.sync.replica import ReplicaState

_log = logging.getLogger(__name__)

CUT_OFF = "bootstrap_cut_off"
"""Unavailable: the line ended before the file did; what came is kept."""
DAMAGED = "bootstrap_damaged"
"""Unavailable: what came is not what the server made; it is thrown away."""
_PACKED_BLOCK = 256 * 1024
_SEALED_AT_ONCE = 256 * PAGE_BYTES

Progress = Callable[[int, int], None]
"""Is told how many bytes of how many have come."""


class _DamagedError(Exception):
    """What is being unpacked is not what the server packed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BootstrapPlace:
    """Where a device puts a bootstrap file, and what it knows to check and seal it by.

    `part` grows while the file comes; `sealed` is the replica that is made of it with `key`.
    `signing_key` is the server's raw Ed25519 key.
    """

    part: Path
    sealed: Path
    key: bytes
    signing_key: bytes
    tenant_id: str
    scopes: tuple[str, ...]


async def begin_from_file(
    work: Work, endpoint: SyncEndpoint, *, progress: Progress
) -> BootstrapOffer | None:
    """Begin the replica that is being filled from the server's file, if there is one.

    Gives what the server offered: after `ready`, pulls go on at the file's cursor. None when this
    device cannot check files. Raises Rejected, or Unavailable with what has come kept.
    """
    place = await work.ask(_place)
    if place is None:
        return None
    offer = await endpoint.bootstrap(schema=schema_fingerprint())
    if offer.state is not BootstrapState.READY or offer.file is None:
        return offer
    require_genuine(offer.file, place)
    await _fetch_and_unpack(endpoint, offer.file, place, progress=progress)
    await work.ask(lambda bench: _begin(bench, place.sealed, offer), urgency=BEHIND)
    return offer


def _begin(bench: Workbench, sealed: Path, offer: BootstrapOffer) -> None:
    """Fill on from the sealed replica; people go on working on the present one, if there is one."""
    if offer.file is None:
        raise Bug("no file was offered")
    state = ReplicaState(
        device_id=bench.identity.device_id,
        incarnation=bench.identity.incarnation,
        cursor=Cursor.parse(offer.file.cursor),
        acked_seq=offer.acked_seq,
        applied_local_seq=offer.acked_seq,
    )
    with storage_errors():
        bench.files.begin_filling_from(sealed, state)


def _place(bench: Workbench) -> BootstrapPlace | None:
    with storage_errors():
        spot, identity = bench.files.bootstrap_spot(), bench.identity
    if spot.signing_key is None:
        return None
    try:
        signing_key = base64.b64decode(spot.signing_key, validate=True)
    except binascii.Error as error:
        raise Bug("the server's key in the journal is none") from error
    return BootstrapPlace(
        part=spot.part,
        sealed=spot.sealed,
        key=spot.key,
        signing_key=signing_key,
        tenant_id=identity.tenant_id,
        scopes=identity.scopes,
    )


def require_genuine(file: BootstrapFile, place: BootstrapPlace) -> None:
    """Raise Unavailable unless the server made this file, for this tenant, scopes and tables."""
    is_ours = (
        file.tenant_id == place.tenant_id
        and set(file.scopes) == set(place.scopes)
        and file.schema == schema_fingerprint()
        and file.plain_bytes % PAGE_BYTES == 0
    )
    try:
        signature = base64.b64decode(file.signature, validate=True)
        key = Ed25519PublicKey.from_public_bytes(place.signing_key)
        key.verify(signature, file.signed_bytes())
    except (InvalidSignature, binascii.Error) as error:
        raise Unavailable(DAMAGED) from error
    if not is_ours:
        raise Unavailable(DAMAGED)


def _kept(file: BootstrapFile, part: Path) -> int:
    """How many bytes of this very file an earlier attempt has left; others are thrown away."""
    mark = _mark(part)
    if not (mark.exists() and mark.read_text() == file.sha256):
        part.unlink(missing_ok=True)
        mark.write_text(file.sha256)
    part.touch()
    return part.stat().st_size


def _mark(part: Path) -> Path:
    """Says which file the part is of."""
    return part.with_name(f"{part.name}.sha256")


async def _fetch_and_unpack(
    endpoint: SyncEndpoint, file: BootstrapFile, place: BootstrapPlace, *, progress: Progress
) -> None:
    """Bring the file, going on where an earlier attempt ended; what is here is sealed meanwhile."""
    here = await asyncio.to_thread(_kept, file, place.part)
    arrivals = Arrivals(here)
    unpacking = asyncio.to_thread(unpack, file, place, arrivals)
    progress(here, file.size_bytes)

    async def fetch() -> None:
        came = here
        try:
            if came < file.size_bytes:
                with place.part.open("ab", buffering=0) as target:
                    async for block in endpoint.bootstrap_file(file, start=came):
                        target.write(block)
                        came += len(block)
                        arrivals.came(len(block))
                        progress(came, file.size_bytes)
        finally:
            # Whatever ended it: nobody may go on waiting for the rest.
            arrivals.end()

    try:
        both = await asyncio.gather(fetch(), unpacking, return_exceptions=True)
    except asyncio.CancelledError:
        arrivals.give_up()
        raise
    for ended in both:
        if isinstance(ended, BaseException):
            raise ended


def unpack(file: BootstrapFile, place: BootstrapPlace, arrivals: Arrivals | None = None) -> None:
    """Make the sealed replica of the compressed file, and take that away.

    With `arrivals`, the file is still on its way. Raises Unavailable: bootstrap_cut_off when it
    ended too early, and what has come stays; bootstrap_damaged, and nothing stays.
    """
    digest = hashlib.sha256()
    if arrivals is None:
        arrivals = Arrivals(place.part.stat().st_size)
        arrivals.end()
    try:
        written = _seal(place, digest, arrivals, most=file.plain_bytes)
        is_right = written == file.plain_bytes and digest.hexdigest() == file.sha256
    except _DamagedError:
        is_right = False
    except BaseException:
        place.sealed.unlink(missing_ok=True)
        raise
    if not is_right:
        place.sealed.unlink(missing_ok=True)
        if place.part.stat().st_size < file.size_bytes:
            raise Unavailable(CUT_OFF)
    _forget(place.part)
    if not is_right:
        raise Unavailable(DAMAGED)


def _forget(part: Path) -> None:
    part.unlink(missing_ok=True)
    _mark(part).unlink(missing_ok=True)


def _seal(place: BootstrapPlace, digest: "hashlib._Hash", arrivals: Arrivals, *, most: int) -> int:
    """Write the sealed replica; gives how many plain bytes it was made of."""
    sealer, written = PageSealer(place.key), 0
    with place.sealed.open("wb") as target:
        for pages in _pages(place.part, digest, arrivals, most=most):
            target.write(sealer.seal(pages))
            written += len(pages)
    return written


def _pages(
    part: Path, digest: "hashlib._Hash", arrivals: Arrivals, *, most: int
) -> Iterator[bytes]:
    """Whole plain pages; a thread decompresses the next ones while these are sealed."""
    plain = _plain(part, digest, arrivals, most=most)
    with ThreadPoolExecutor(1, "unpacking") as thread:
        coming = thread.submit(next, plain, b"")
        while pages := coming.result():
            coming = thread.submit(next, plain, b"")
            yield pages


def _plain(
    part: Path, digest: "hashlib._Hash", arrivals: Arrivals, *, most: int
) -> Iterator[bytes]:
    stream = zstandard.ZstdDecompressor().decompressobj()
    waiting = bytearray()
    total = 0
    with part.open("rb") as source:
        while packed := arrivals.read(source, _PACKED_BLOCK):
            digest.update(packed)
            try:
                fresh = stream.decompress(packed)
            except zstandard.ZstdError as error:
                raise _DamagedError from error
            total += len(fresh)
            if total > most:
                raise _DamagedError
            waiting += fresh
            if len(waiting) >= _SEALED_AT_ONCE:
                whole = len(waiting) - len(waiting) % PAGE_BYTES
                yield bytes(memoryview(waiting)[:whole])
                del waiting[:whole]
    if len(waiting) % PAGE_BYTES:
        raise _DamagedError
    if waiting:
        yield bytes(waiting)
