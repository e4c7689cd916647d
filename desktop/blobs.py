"""Blobs on a device: whole files by the hash of their content, sealed, those not used lately go."""

import errno
import hashlib
import hmac
import logging
import os
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from desktop.settings import make_folder
from shared.kernel.blobs import NAMED_BY, BlobRef, media_type_of
from shared.kernel.errors import Bug, Unavailable

_log = logging.getLogger(__name__)

DAMAGED = "blob_damaged"
"""Unavailable: what came is not what the name says; it is thrown away."""
PLAIN_BYTES = 64 * 1024
"""So many bytes are sealed together; of a file that is cut off, less than that is lost."""
_NONCE_BYTES = 12
_OVERHEAD = _NONCE_BYTES + 16
_SEALED_BYTES = PLAIN_BYTES + _OVERHEAD
_KEY_BYTES = 32
_WHOLE, _PART, _NEW = ".blob", ".part", ".new"


def sealed_size(size_bytes: int) -> int:
    """How large a blob of that many bytes is when sealed."""
    return size_bytes + _OVERHEAD * -(-size_bytes // PLAIN_BYTES)


def ref_of(content: bytes) -> BlobRef | None:
    """What a row says of a file, or None when it is of no kind that is kept."""
    media_type = media_type_of(content[:NAMED_BY])
    if media_type is None:
        return None
    digest = hashlib.sha256(content).hexdigest()
    return BlobRef(sha256=digest, size_bytes=len(content), media_type=media_type)


class _Seal:
    """Seals the pieces of one blob: AES-256-GCM with a key of its own and a nonce for each piece.

    Each piece is bound to its place and to whether it is the last (the STREAM construction of
    Hoang, Reyhanitabar, Rogaway and Vizár), so that none can be left out, added or exchanged.
    """

    def __init__(self, key: bytes, sha256: str) -> None:
        own = HKDF(hashes.SHA256(), _KEY_BYTES, None, b"pycommerce blob 1\n" + sha256.encode())
        self._cipher = AESGCM(own.derive(key))

    def seal(self, plain: bytes, place: int, *, is_last: bool) -> bytes:
        nonce = os.urandom(_NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, plain, _bound(place, is_last=is_last))

    def unseal(self, sealed: bytes, place: int, *, is_last: bool) -> bytes:
        """Raises InvalidTag for anything that was not sealed for this place."""
        if len(sealed) <= _OVERHEAD:
            raise InvalidTag
        nonce, body = sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:]
        return self._cipher.decrypt(nonce, body, _bound(place, is_last=is_last))


def _bound(place: int, *, is_last: bool) -> bytes:
    return place.to_bytes(8, "big") + (b"\x01" if is_last else b"\x00")


class BlobFolder:
    """The blobs of one profile; any thread may use it, and one at a time writes a blob.

    Files are named by a keyed hash, so that nobody can tell from outside which files are here.
    Every method raises Unavailable when the disk is in the way: disk_full or disk_failed.
    """

    def __init__(self, folder: Path, key: bytes) -> None:
        """`key` is the profile's first key; files and names get keys made of it."""
        self._folder = folder
        derived = HKDF(hashes.SHA256(), 2 * _KEY_BYTES, None, b"pycommerce blobs 1").derive(key)
        self._key, self._name_key = derived[:_KEY_BYTES], derived[_KEY_BYTES:]
        with _disk_errors():
            for path in folder.glob(f"*{_NEW}"):
                # Whoever was keeping it was cut off, and told nobody that it is kept.
                path.unlink()

    # -- whole files -------------------------------------------------------------------------

    def keep(self, content: bytes, blob: BlobRef) -> None:
        """Keep a file, on the disk when this returns."""
        path = self._path(blob.sha256, _WHOLE)
        if path.exists():
            return
        seal, fresh = _Seal(self._key, blob.sha256), self._path(blob.sha256, _NEW)
        with _disk_errors():
            make_folder(self._folder)
            with fresh.open("wb") as target:
                for place, start in enumerate(range(0, blob.size_bytes, PLAIN_BYTES)):
                    plain = content[start : start + PLAIN_BYTES]
                    is_last = start + PLAIN_BYTES >= blob.size_bytes
                    target.write(seal.seal(plain, place, is_last=is_last))
                target.flush()
                os.fsync(target.fileno())
            _name(fresh, path)

    def has(self, sha256: str) -> bool:
        """Whether a blob is here as a whole."""
        return self._path(sha256, _WHOLE).exists()

    def read(self, blob: BlobRef) -> bytes | None:
        """All of a blob, or None when it is not here; a damaged one is forgotten."""
        path = self._path(blob.sha256, _WHOLE)
        try:
            content = b"".join(self._pieces(path, blob))
            os.utime(path)
        except FileNotFoundError:
            return None
        except InvalidTag:
            _log.error("a blob is damaged: %s", blob.sha256)
            path.unlink(missing_ok=True)
            return None
        except OSError as error:
            raise _obstacle(error) from error
        return content

    def piece(self, blob: BlobRef, start: int, most: int) -> bytes | None:
        """Up to so many bytes of a blob from `start` on; None when it is not here or damaged."""
        first, skipped = divmod(start, PLAIN_BYTES)
        plain = bytearray()
        try:
            for part in self._pieces(self._path(blob.sha256, _WHOLE), blob, first):
                plain += part
                if len(plain) >= skipped + most:
                    break
        except (FileNotFoundError, InvalidTag):
            return None
        except OSError as error:
            raise _obstacle(error) from error
        return bytes(plain[skipped : skipped + most])

    def trim(self, most_bytes: int, *, kept: Collection[str]) -> int:
        """Remove what was used longest ago until the rest fits; gives how many files.

        Those in `kept` stay, whatever there is of them: they are not anywhere else yet.
        """
        stay = {self._path(sha256, _WHOLE) for sha256 in kept}
        with _disk_errors():
            files = [(path, path.stat()) for path in self._folder.glob(f"*{_WHOLE}")]
            files += [(path, path.stat()) for path in self._folder.glob(f"*{_PART}")]
            files.sort(key=lambda each: each[1].st_mtime_ns)
            total, removed = sum(stat.st_size for _path, stat in files), 0
            for path, stat in files:
                if total > most_bytes and path not in stay:
                    path.unlink(missing_ok=True)
                    total -= stat.st_size
                    removed += 1
        return removed

    # -- files that are on their way ---------------------------------------------------------

    def arriving(self, blob: BlobRef) -> "Arriving":
        """Go on with a blob where an earlier attempt ended; `close` it, whatever happens."""
        with _disk_errors():
            make_folder(self._folder)
            return Arriving(self, blob, self._path(blob.sha256, _PART))

    def take_in(self, blob: BlobRef, part: Path) -> None:
        """Make a whole blob of what has come. Raises Unavailable("blob_damaged")."""
        digest, is_sound = hashlib.sha256(), True
        with _disk_errors():
            try:
                for plain in self._pieces(part, blob):
                    digest.update(plain)
            except InvalidTag:
                is_sound = False
            if not is_sound or digest.hexdigest() != blob.sha256:
                part.unlink()
                raise Unavailable(DAMAGED)
            _name(part, self._path(blob.sha256, _WHOLE))

    def seal_of(self, blob: BlobRef) -> _Seal:
        """What seals a blob's pieces."""
        return _Seal(self._key, blob.sha256)

    # -- inside ------------------------------------------------------------------------------

    def _pieces(self, path: Path, blob: BlobRef, first: int = 0) -> Iterator[bytes]:
        """The plain pieces of a sealed file. Raises InvalidTag when it is not as it was sealed."""
        seal = self.seal_of(blob)
        last = (blob.size_bytes - 1) // PLAIN_BYTES
        with path.open("rb") as source:
            source.seek(first * _SEALED_BYTES)
            for place in range(first, last + 1):
                sealed = source.read(_SEALED_BYTES)
                yield seal.unseal(sealed, place, is_last=place == last)

    def _path(self, sha256: str, ending: str) -> Path:
        named = hmac.digest(self._name_key, sha256.encode(), "sha256").hex()
        return self._folder / f"{named[:48]}{ending}"


class Arriving:
    """A blob of which some bytes are here; what comes is sealed piece by piece."""

    def __init__(self, folder: BlobFolder, blob: BlobRef, path: Path) -> None:
        self._folder, self._blob, self._path = folder, blob, path
        self._seal = folder.seal_of(blob)
        self._waiting = bytearray()
        self._file = path.open("ab", buffering=0)
        kept = min(path.stat().st_size, sealed_size(blob.size_bytes))
        if kept == sealed_size(blob.size_bytes):
            self._place, self._sealed = kept // _SEALED_BYTES + 1, blob.size_bytes
        else:
            self._place = kept // _SEALED_BYTES
            self._sealed = self._place * PLAIN_BYTES
            # A piece that was cut off in the middle comes again.
            self._file.truncate(self._place * _SEALED_BYTES)

    @property
    def here(self) -> int:
        """How many bytes have come."""
        return self._sealed + len(self._waiting)

    def add(self, plain: bytes) -> None:
        """Take the next bytes. Raises Unavailable: blob_damaged when they are too many."""
        if self.here + len(plain) > self._blob.size_bytes:
            raise Unavailable(DAMAGED)
        self._waiting += plain
        with _disk_errors():
            while len(self._waiting) >= PLAIN_BYTES or self._has_last():
                self._write(bytes(self._waiting[:PLAIN_BYTES]))

    def _has_last(self) -> bool:
        return bool(self._waiting) and self.here == self._blob.size_bytes

    def _write(self, plain: bytes) -> None:
        is_last = self._sealed + len(plain) == self._blob.size_bytes
        sealed = self._seal.seal(plain, self._place, is_last=is_last)
        if self._file.write(sealed) != len(sealed):
            raise Unavailable("disk_full")
        del self._waiting[: len(plain)]
        self._sealed += len(plain)
        self._place += 1

    def finish(self) -> None:
        """Make a whole blob of it, on the disk when this returns.

        Raises Unavailable("blob_damaged") when it is not what its name says, and Bug too early.
        """
        if self.here != self._blob.size_bytes:
            raise Bug("a blob is not here as a whole")
        with _disk_errors():
            os.fsync(self._file.fileno())
        self.close()
        self._folder.take_in(self._blob, self._path)

    def close(self) -> None:
        """Let go of the file; what has come stays."""
        self._file.close()


@contextmanager
def _disk_errors() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise _obstacle(error) from error


def _obstacle(error: OSError) -> Unavailable:
    return Unavailable("disk_full" if error.errno == errno.ENOSPC else "disk_failed")


def _name(fresh: Path, path: Path) -> None:
    """Give a file that is on the disk its name, and put that on the disk too where one can."""
    fresh.replace(path)
    if os.name == "posix":
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
