"""The first fill from one file: fetched with resume, verified, sealed into a replica beside."""

import asyncio
import base64
import binascii
import errno
from collections.abc import Callable
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from desktop.database import storage_errors
from desktop.sync.arrivals import Arrivals
from desktop.sync.unpacking import (
    CUT_OFF,
    DAMAGED,
    BootstrapPlace,
    mark_of,
    part_cipher,
    unpack,
)
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

Progress = Callable[[int, int], None]
"""Is told how many bytes of how many have come."""


async def begin_from_file(
    work: Work, endpoint: SyncEndpoint, *, progress: Progress
) -> BootstrapOffer | None:
    """Begin the replica that is being filled from the server's file, if there is one.

    Gives what the server offered: after `ready`, pulls go on at the file's cursor. None when this
    device cannot check files. Raises Rejected, or Unavailable with what has come kept.
    """
    told = await endpoint.signing_key()
    place = await work.ask(lambda bench: _place(bench, told))
    if place is None:
        return None
    offer = await endpoint.bootstrap(schema=schema_fingerprint())
    if offer.state is not BootstrapState.READY or offer.file is None:
        return offer
    require_genuine(offer.file, place)
    await _fetch_and_unpack(endpoint, offer.file, place, progress=progress)
    await work.ask(lambda bench: _begin(bench, place, offer), urgency=BEHIND)
    return offer


def _begin(bench: Workbench, place: BootstrapPlace, offer: BootstrapOffer) -> None:
    """Fill on from the sealed replica; people go on working on the present one, if there is one."""
    if offer.file is None:
        raise Bug("no file was offered")
    if place.life != _life(bench):
        raise Unavailable(CUT_OFF)
    state = ReplicaState(
        device_id=bench.identity.device_id,
        incarnation=bench.identity.incarnation,
        cursor=Cursor.parse(offer.file.cursor),
        acked_seq=offer.acked_seq,
        applied_local_seq=offer.acked_seq,
    )
    with storage_errors():
        bench.files.begin_filling_from(place.sealed, state, beside=offer.beside)


def _life(bench: Workbench) -> tuple[str, int]:
    """Which device this is, and which life of its journal."""
    return bench.identity.device_id, bench.identity.incarnation


def _place(bench: Workbench, told_key: str) -> BootstrapPlace | None:
    bench.hear_signing_key(told_key)
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
        life=_life(bench),
    )


def require_genuine(file: BootstrapFile, place: BootstrapPlace) -> None:
    """Raise Unavailable unless the server made this file, for this tenant and these tables.

    It may hold fewer scopes than the device, never others; the rest comes beside it.
    """
    is_ours = (
        file.tenant_id == place.tenant_id
        and set(file.scopes) <= set(place.scopes)
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
    mark = mark_of(part)
    if not (mark.exists() and mark.read_text() == file.sha256):
        part.unlink(missing_ok=True)
        mark.write_text(file.sha256)
    part.touch()
    return part.stat().st_size


async def _fetch_and_unpack(
    endpoint: SyncEndpoint, file: BootstrapFile, place: BootstrapPlace, *, progress: Progress
) -> None:
    """Bring the file, going on where an earlier attempt ended; what is here is sealed meanwhile."""
    here = await asyncio.to_thread(_kept, file, place.part)
    arrivals = Arrivals(here)
    progress(here, file.size_bytes)
    try:
        both = await asyncio.gather(
            _fetch(endpoint, file, place, arrivals=arrivals, here=here, progress=progress),
            asyncio.to_thread(unpack, file, place, arrivals),
            return_exceptions=True,
        )
    except asyncio.CancelledError:
        arrivals.give_up()
        raise
    for ended in both:
        if isinstance(ended, OSError):
            raise _obstacle(ended) from ended
        if isinstance(ended, BaseException):
            raise ended


async def _fetch(
    endpoint: SyncEndpoint,
    file: BootstrapFile,
    place: BootstrapPlace,
    *,
    arrivals: Arrivals,
    here: int,
    progress: Progress,
) -> None:
    """Write what comes behind what is here, enciphered."""
    cipher = part_cipher(file, place.key, start=here)
    try:
        if here < file.size_bytes:
            with place.part.open("ab") as target:
                async for block in endpoint.bootstrap_file(file, start=here):
                    here += len(block)
                    if here > file.size_bytes:
                        raise Unavailable(DAMAGED)
                    target.write(cipher.update(block))
                    target.flush()
                    arrivals.came(len(block))
                    progress(here, file.size_bytes)
    except OSError as error:
        raise _obstacle(error) from error
    finally:
        # Whatever ended it: nobody may go on waiting for the rest.
        arrivals.end()


def _obstacle(error: OSError) -> Unavailable:
    """What people are told of a disk that does not take the file."""
    return Unavailable("disk_full" if error.errno == errno.ENOSPC else "disk_failed")
