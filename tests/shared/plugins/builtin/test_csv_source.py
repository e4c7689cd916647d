"""Opening import files: what is no text is recognised, what is broken is named."""

import gzip
import hashlib
import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from shared.kernel.errors import Rejected, Unavailable
from shared.plugins.builtin.csv_source import BLOCK_BYTES, ByteSource

TEXT = b"a,b\n" + b"1,2\n" * 100_000


def content(source: ByteSource) -> bytes:
    with source:
        return b"".join(iter(source.read, b""))


def zipped(*names: str) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name in names:
            archive.writestr(zipfile.ZipInfo(name), "x" * 100)
    return packed.getvalue()


def test_a_plain_file_comes_back_in_blocks_with_its_size_and_digest(tmp_path: Path) -> None:
    path = tmp_path / "lines.csv"
    path.write_bytes(TEXT)

    with ByteSource(path) as source:
        blocks = list(iter(source.read, b""))

    assert b"".join(blocks) == TEXT
    assert max(map(len, blocks)) <= BLOCK_BYTES
    assert source.bytes_total == source.bytes_read == len(TEXT)
    assert source.digest == hashlib.sha256(TEXT).hexdigest()
    assert source.name == "lines.csv"


def test_a_gzipped_file_is_unpacked_and_counted_as_it_lies_on_disk(tmp_path: Path) -> None:
    path = tmp_path / "lines.csv.gz"
    path.write_bytes(gzip.compress(TEXT))

    with ByteSource(path) as source:
        assert b"".join(iter(source.read, b"")) == TEXT

    assert source.bytes_total == source.bytes_read == path.stat().st_size
    assert source.digest == hashlib.sha256(path.read_bytes()).hexdigest()


def test_gzip_is_told_by_its_bytes_not_by_its_name(tmp_path: Path) -> None:
    path = tmp_path / "lines.csv"
    path.write_bytes(gzip.compress(TEXT[:40]) + gzip.compress(TEXT[40:]))

    assert content(ByteSource(path)) == TEXT


def test_a_stream_is_read_from_where_it_stands_and_stays_open() -> None:
    stream = io.BytesIO(b"skipped" + TEXT)
    stream.seek(7)

    source = ByteSource(stream)

    assert source.bytes_total == len(TEXT)
    assert content(source) == TEXT
    assert not stream.closed


def test_a_stream_that_cannot_seek_has_no_total() -> None:
    class Pipe(io.BytesIO):
        def seekable(self) -> bool:
            return False

        def tell(self) -> int:
            raise OSError

    source = ByteSource(Pipe(TEXT))

    assert source.bytes_total is None
    assert content(source) == TEXT


@pytest.mark.parametrize(
    ("start", "code"),
    [
        (b"", "import_file_empty"),
        (zipped("[Content_Types].xml", "xl/workbook.xml"), "import_is_spreadsheet"),
        (zipped("mimetypeapplication/vnd.oasis.opendocument.spreadsheet"), "import_is_spreadsheet"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500), "import_is_spreadsheet"),
        (zipped("products.csv"), "import_is_archive"),
        (b"7z\xbc\xaf\x27\x1c" + bytes(20), "import_is_archive"),
        (gzip.compress(gzip.compress(TEXT, mtime=0), mtime=0), "import_is_archive"),
        (gzip.compress(zipped("xl/workbook.xml"), mtime=0), "import_is_spreadsheet"),
        (b"\x89PNG\r\n\x1a\n" + bytes(100), "import_is_binary"),
        (b"\xff\xd8\xff\xe0" + bytes(100), "import_is_binary"),
        (b"%PDF-1.7\n", "import_is_binary"),
        (b"\x1f\x8b\x08\x00garbage that is no deflate stream", "import_gzip_damaged"),
    ],
)
def test_what_is_no_csv_is_refused_for_what_it_is(start: bytes, code: str) -> None:
    with pytest.raises(Rejected) as caught:
        ByteSource(io.BytesIO(start))

    assert caught.value.code == code


def test_a_truncated_gzip_file_is_refused_where_it_ends() -> None:
    packed = gzip.compress(TEXT)

    with pytest.raises(Rejected) as caught:
        content(ByteSource(io.BytesIO(packed[:-20])))

    assert caught.value.code == "import_gzip_truncated"


def test_a_gzip_file_with_a_flipped_byte_is_refused() -> None:
    packed = bytearray(gzip.compress(TEXT))
    packed[-6] ^= 0xFF

    with pytest.raises(Rejected) as caught:
        content(ByteSource(io.BytesIO(packed)))

    assert caught.value.code == "import_gzip_damaged"


def folder(tmp_path: Path) -> Path:
    return tmp_path


def absent(tmp_path: Path) -> Path:
    return tmp_path / "nowhere" / "absent.csv"


def below_a_file(tmp_path: Path) -> Path:
    (tmp_path / "file").write_text("x")
    return tmp_path / "file" / "inner.csv"


@pytest.mark.parametrize(
    ("place", "code"),
    [
        (absent, "import_file_missing"),
        (folder, "import_is_directory"),
        (below_a_file, "import_file_unreadable"),
    ],
)
def test_a_path_that_cannot_be_opened_is_refused(
    tmp_path: Path, place: Callable[[Path], Path], code: str
) -> None:
    with pytest.raises(Rejected) as caught:
        ByteSource(place(tmp_path))

    assert caught.value.code == code


def test_a_disk_that_fails_midway_is_unavailable_not_the_persons_fault() -> None:
    class Failing(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            if self.tell() > BLOCK_BYTES:
                raise OSError(5, "Input/output error")
            return super().read(size)

    with pytest.raises(Unavailable) as caught:
        content(ByteSource(Failing(TEXT)))

    assert caught.value.code == "import_read_failed"
    assert caught.value.params == {"reason": "Input/output error"}
