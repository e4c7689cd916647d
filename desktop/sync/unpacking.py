"""A server's file becomes a sealed replica: hashed, decompressed and sealed in one pass."""

import hashlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

import zstandard
from cryptography.hazmat.primitives.ciphers import Cipher, CipherContext, algorithms, modes

from desktop.sealing import PageSealer
from desktop.sync.arrivals import Arrivals
from shared.kernel.errors import Unavailable
from shared.sync.protocol.bootstrap import PAGE_BYTES, BootstrapFile

CUT_OFF = "bootstrap_cut_off"
"""Unavailable: the line ended before the file did; what came is kept."""
DAMAGED = "bootstrap_damaged"
"""Unavailable: what came is not what the server made; it is thrown away."""
_PACKED_BLOCK = 256 * 1024
_SEALED_AT_ONCE = 24 * PAGE_BYTES
"""Below the 128 KiB from which glibc takes every piece of memory anew from the system, which here
made the sealing of a file take twice as long."""
_COUNTED_BYTES = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class BootstrapPlace:
    """Where a device puts a bootstrap file, and what it knows to check and seal it by.

    `part` grows while the file comes, enciphered; `sealed` is the replica that is made of it with
    `key`. `signing_key` is the server's raw Ed25519 key; `life` is the device and its incarnation.
    """

    part: Path
    sealed: Path
    key: bytes
    signing_key: bytes
    tenant_id: str
    scopes: tuple[str, ...]
    life: tuple[str, int] = ("", 1)


class _DamagedError(Exception):
    """What is being unpacked is not what the server packed."""


def part_cipher(file: BootstrapFile, key: bytes, *, start: int) -> CipherContext:
    """Enciphers or deciphers a part from byte `start` on: no row lies on the disk in the clear.

    AES-256 in counter mode, with a key of this device's and a counter of this very file.
    """
    named = file.sha256.encode()
    own = hashlib.blake2b(named, key=key, digest_size=32, person=b"bootstrap part").digest()
    first = int.from_bytes(bytes.fromhex(file.sha256)[:_COUNTED_BYTES], "big")
    block, offset = divmod(start, _COUNTED_BYTES)
    counter = ((first + block) % (1 << 128)).to_bytes(_COUNTED_BYTES, "big")
    made = Cipher(algorithms.AES(own), modes.CTR(counter)).encryptor()
    made.update(bytes(offset))
    return made


def mark_of(part: Path) -> Path:
    """Says which file the part is of."""
    return part.with_name(f"{part.name}.sha256")


def forget(part: Path) -> None:
    """Take away what has come."""
    part.unlink(missing_ok=True)
    mark_of(part).unlink(missing_ok=True)


def unpack(file: BootstrapFile, place: BootstrapPlace, arrivals: Arrivals | None = None) -> None:
    """Make the sealed replica of the compressed file, and take that away.

    With `arrivals`, the file is still on its way. Raises Unavailable: bootstrap_cut_off when it
    ended too early, and what has come stays; bootstrap_damaged, and nothing stays.
    """
    if arrivals is None:
        arrivals = Arrivals(place.part.stat().st_size)
        arrivals.end()
    try:
        is_right = _Unpacking(file, place, arrivals).is_right()
    except _DamagedError:
        is_right = False
    except BaseException:
        place.sealed.unlink(missing_ok=True)
        raise
    if not is_right:
        place.sealed.unlink(missing_ok=True)
        if arrivals.is_given_up or place.part.stat().st_size < file.size_bytes:
            raise Unavailable(CUT_OFF)
    forget(place.part)
    if not is_right:
        raise Unavailable(DAMAGED)


class _Unpacking:
    """One pass over one file."""

    def __init__(self, file: BootstrapFile, place: BootstrapPlace, arrivals: Arrivals) -> None:
        self._file = file
        self._place = place
        self._arrivals = arrivals
        self._digest = hashlib.sha256()
        self._cipher = part_cipher(file, place.key, start=0)

    def is_right(self) -> bool:
        """Write the sealed replica; whether it was made of what the server signed."""
        sealer, written = PageSealer(self._place.key), 0
        with self._place.part.open("rb") as source, self._place.sealed.open("wb") as target:
            for pages in self._pages(source):
                target.write(sealer.seal(pages))
                written += len(pages)
        return written == self._file.plain_bytes and self._digest.hexdigest() == self._file.sha256

    def _pages(self, source: BinaryIO) -> Iterator[bytes]:
        """Whole plain pages; a thread decompresses the next ones while these are sealed."""
        plain = self._plain(source)
        with ThreadPoolExecutor(1, "unpacking") as thread:
            coming = thread.submit(next, plain, b"")
            while pages := coming.result():
                coming = thread.submit(next, plain, b"")
                yield pages

    def _plain(self, source: BinaryIO) -> Iterator[bytes]:
        packed = _Packed(self, source)
        whole = cast("BinaryIO", packed)
        stream = zstandard.ZstdDecompressor().stream_reader(whole, read_size=_PACKED_BLOCK)
        total = 0
        try:
            # Never more than that at once, whatever the bytes say.
            while fresh := stream.read(_SEALED_AT_ONCE):
                total += len(fresh)
                if total > self._file.plain_bytes or len(fresh) % PAGE_BYTES:
                    raise _DamagedError
                yield fresh
        except zstandard.ZstdError as error:
            raise _DamagedError from error
        if packed.read(1):
            raise _DamagedError

    def packed(self, source: BinaryIO, most: int) -> bytes:
        """The next compressed bytes, deciphered and added to the digest; none at the end."""
        came = self._cipher.update(self._arrivals.read(source, most))
        self._digest.update(came)
        return came


class _Packed:
    """The compressed bytes as something that can be read."""

    def __init__(self, unpacking: _Unpacking, source: BinaryIO) -> None:
        self._unpacking = unpacking
        self._source = source

    def read(self, size: int = -1) -> bytes:
        """Up to so many bytes; none at the end."""
        return self._unpacking.packed(self._source, _PACKED_BLOCK if size < 0 else size)
