"""The bytes of an import file: opening, telling what it is not, unzipping, counting, hashing."""

import gzip
import hashlib
import io
import os
import zlib
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import BinaryIO, Self, cast

from shared.kernel.errors import Rejected, Unavailable

BLOCK_BYTES = 128 * 1024
_PEEK_BYTES = 8192
_GZIP = b"\x1f\x8b"
_ZIP = b"PK\x03\x04"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ARCHIVES = (b"7z\xbc\xaf\x27\x1c", b"Rar!\x1a\x07", b"\xfd7zXZ\x00", b"BZh", b"\x28\xb5\x2f\xfd")
_BINARIES = (
    (b"\x89PNG\r\n\x1a\n", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"GIF8", "GIF"),
    (b"%PDF-", "PDF"),
    (b"SQLite format 3\x00", "SQLite"),
    (b"\x7fELF", "ELF"),
    (b"MZ\x90\x00", "EXE"),
)
_SPREADSHEET_SIGNS = (b"xl/", b"opendocument.spreadsheet", b"[Content_Types].xml", b"Index/")


class _RawBytes:
    """The file as it lies on disk; counts and hashes what is read, and can look ahead."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._ahead = b""
        self._hash = hashlib.sha256()
        self.count = 0

    def peek(self) -> bytes:
        """The first bytes, without taking them."""
        while len(self._ahead) < _PEEK_BYTES:
            block = self._take(_PEEK_BYTES - len(self._ahead))
            if not block:
                break
            self._ahead += block
        return self._ahead

    def read(self, size: int = -1) -> bytes:
        """The next bytes; empty at the end."""
        if self._ahead:
            cut = len(self._ahead) if size < 0 else size
            block, self._ahead = self._ahead[:cut], self._ahead[cut:]
        else:
            block = self._take(size)
        self.count += len(block)
        return block

    def hexdigest(self) -> str:
        """SHA-256 of all that was read."""
        return self._hash.hexdigest()

    def _take(self, size: int) -> bytes:
        try:
            block = self._stream.read(size)
        except OSError as error:
            reason = error.strerror or type(error).__name__
            raise Unavailable("import_read_failed", reason=reason) from error
        self._hash.update(block)
        return block


class ByteSource:
    """Decompressed bytes of an import file, block by block; use it in a `with` statement.

    `bytes_total` is the size on disk, None for a stream that cannot tell; `bytes_read` counts the
    same bytes. A stream that was handed in stays open.
    """

    def __init__(self, source: Path | BinaryIO) -> None:
        with ExitStack() as opened:
            if isinstance(source, Path):
                self.name = source.name
                stream = opened.enter_context(open_file(source))
            else:
                self.name = _name_of(source)
                stream = source
            self.bytes_total = _size_of(stream)
            self._raw = _RawBytes(stream)
            self._stream = self._unpacked(opened)
            self._opened = opened.pop_all()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file if it was opened here."""
        self._opened.close()

    @property
    def bytes_read(self) -> int:
        """Bytes taken from disk so far."""
        return self._raw.count

    @property
    def digest(self) -> str:
        """SHA-256 of the bytes on disk; of the whole file once `read` gave nothing more."""
        return self._raw.hexdigest()

    def read(self) -> bytes:
        """The next block, at most BLOCK_BYTES; empty at the end.

        Raises Rejected (import_gzip_truncated, import_gzip_damaged) and Unavailable
        (import_read_failed).
        """
        try:
            return self._stream.read(BLOCK_BYTES)
        except EOFError as error:
            raise Rejected("import_gzip_truncated", name=self.name) from error
        except (gzip.BadGzipFile, zlib.error) as error:
            raise Rejected("import_gzip_damaged", name=self.name) from error

    def _unpacked(self, opened: ExitStack) -> _RawBytes | gzip.GzipFile:
        start = self._raw.peek()
        if not start:
            raise Rejected("import_file_empty", name=self.name)
        if not start.startswith(_GZIP):
            refuse_other_kinds(start, self.name)
            return self._raw
        try:
            with gzip.GzipFile(fileobj=io.BytesIO(start)) as inner:
                refuse_other_kinds(_first_bytes(inner), self.name)
        except (gzip.BadGzipFile, zlib.error) as error:
            raise Rejected("import_gzip_damaged", name=self.name) from error
        # GzipFile asks for nothing but read() when it only goes forward.
        return opened.enter_context(gzip.GzipFile(fileobj=cast("BinaryIO", self._raw)))


def _first_bytes(inner: gzip.GzipFile) -> bytes:
    """What can be unpacked of a gzip file's start."""
    found = b""
    with suppress(EOFError):
        while len(found) < _PEEK_BYTES:
            block = inner.read1(512)
            if not block:
                break
            found += block
    return found


def open_file(path: Path) -> BinaryIO:
    """Open a file for reading.

    Raises Rejected: import_file_missing, import_is_directory, import_file_unreadable.
    """
    try:
        return path.open("rb", buffering=0)
    except FileNotFoundError as error:
        raise Rejected("import_file_missing", name=path.name) from error
    except IsADirectoryError as error:
        raise Rejected("import_is_directory", name=path.name) from error
    except (OSError, ValueError) as error:
        if path.is_dir():
            raise Rejected("import_is_directory", name=path.name) from error
        raise Rejected("import_file_unreadable", name=path.name) from error


def refuse_other_kinds(start: bytes, name: str) -> None:
    """Recognise files that are no text by their first bytes.

    Raises Rejected: import_is_spreadsheet, import_is_archive, import_is_binary.
    """
    if start.startswith(_OLE):
        raise Rejected("import_is_spreadsheet", name=name)
    if start.startswith(_ZIP):
        is_sheet = any(sign in start for sign in _SPREADSHEET_SIGNS)
        raise Rejected("import_is_spreadsheet" if is_sheet else "import_is_archive", name=name)
    if start.startswith((_GZIP, *_ARCHIVES)):
        raise Rejected("import_is_archive", name=name)
    for sign, kind in _BINARIES:
        if start.startswith(sign):
            raise Rejected("import_is_binary", name=name, kind=kind)


def _size_of(stream: BinaryIO) -> int | None:
    """Bytes from here to the end, None where the stream cannot tell."""
    try:
        here = stream.tell()
        size = stream.seek(0, os.SEEK_END) - here
        stream.seek(here)
    except (OSError, ValueError, AttributeError):
        return None
    return size


def _name_of(stream: BinaryIO) -> str:
    """The file name of a stream, "-" where it has none."""
    name = getattr(stream, "name", None)
    return Path(name).name if isinstance(name, str) else "-"
