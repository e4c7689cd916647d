"""Blobs on a device: sealed, resumed from any byte, and the ones nobody looked at go first."""

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from desktop.blobs import PLAIN_BYTES, BlobFolder, ref_of, sealed_size
from shared.kernel.blobs import BlobRef
from shared.kernel.errors import Bug, Unavailable
from tests.support.pictures import picture

KEY = bytes(range(32))
EVERYWHERE = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
SIZES = st.sampled_from(
    [20, PLAIN_BYTES - 1, PLAIN_BYTES, PLAIN_BYTES + 1, 2 * PLAIN_BYTES, 3 * PLAIN_BYTES + 77]
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "blobs"


@pytest.fixture
def folder(path: Path) -> BlobFolder:
    return BlobFolder(path, KEY)


def kept(folder: BlobFolder, content: bytes) -> BlobRef:
    """Keep a picture."""
    blob = ref_of(content)
    assert blob is not None
    folder.keep(content, blob)
    return blob


def only_file(path: Path) -> Path:
    """The one file of the folder."""
    (found,) = path.iterdir()
    return found


@EVERYWHERE
@given(size=SIZES, start=st.floats(0, 1), most=st.integers(1, 3 * PLAIN_BYTES))
def test_what_is_kept_is_read_as_it_was_whole_and_in_pieces(
    folder: BlobFolder, *, size: int, start: float, most: int
) -> None:
    content, at = picture(size), int(start * size)
    blob = kept(folder, content)

    assert folder.read(blob) == content
    assert folder.piece(blob, at, most) == content[at : at + most]


def test_nothing_of_a_picture_and_not_its_hash_can_be_seen_in_the_folder(
    folder: BlobFolder, path: Path
) -> None:
    content = picture(100_000)
    blob = kept(folder, content)

    file = only_file(path)
    assert file.stat().st_size == sealed_size(len(content))
    sealed = file.read_bytes()
    assert not any(content[at : at + 16] in sealed for at in range(0, len(content) - 16, 1000))
    assert blob.sha256[:16] not in file.name


def test_another_key_opens_nothing(folder: BlobFolder, path: Path) -> None:
    blob = kept(folder, picture())
    file = only_file(path)
    other = BlobFolder(path, bytes(32))

    assert other.read(blob) is None
    kept(other, picture(seed=2))
    theirs = next(each for each in path.iterdir() if each != file)
    file.replace(theirs)
    second = ref_of(picture(seed=2))
    assert second is not None
    assert other.read(second) is None


@EVERYWHERE
@given(at=st.floats(0, 1, exclude_max=True), mask=st.integers(1, 255))
def test_a_changed_byte_is_noticed_and_the_blob_is_fetched_again(
    folder: BlobFolder, path: Path, *, at: float, mask: int
) -> None:
    blob = kept(folder, picture(PLAIN_BYTES + 500))
    file = only_file(path)
    sealed = bytearray(file.read_bytes())
    sealed[int(at * len(sealed))] ^= mask
    file.write_bytes(sealed)

    assert folder.read(blob) is None
    assert not folder.has(blob.sha256)


def test_pieces_can_be_neither_left_out_nor_exchanged(folder: BlobFolder, path: Path) -> None:
    size = 3 * PLAIN_BYTES
    for order in ((0, 1), (1, 0, 2), (0, 1, 1), (2,), ()):
        blob = kept(folder, picture(size))
        file = only_file(path)
        sealed, step = file.read_bytes(), sealed_size(PLAIN_BYTES)
        file.write_bytes(b"".join(sealed[at * step : (at + 1) * step] for at in order))

        assert folder.piece(blob, 0, size) is None
        assert folder.read(blob) is None


@EVERYWHERE
@given(size=SIZES, cuts=st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), max_size=4))
def test_what_arrives_goes_on_after_a_cut_at_any_byte_of_the_file(
    folder: BlobFolder, path: Path, *, size: int, cuts: list[tuple[float, float]]
) -> None:
    content = picture(size, seed=size)
    blob = ref_of(content)
    assert blob is not None
    for came, on_disk in cuts:
        arriving = folder.arriving(blob)
        arriving.add(content[arriving.here : arriving.here + int(came * size)])
        arriving.close()
        (part,) = path.glob("*.part")
        # A power cut leaves any beginning of what was written.
        os.truncate(part, int(on_disk * part.stat().st_size))
    arriving = folder.arriving(blob)
    while arriving.here < size:
        arriving.add(content[arriving.here : arriving.here + 50_000])
    arriving.finish()

    assert folder.read(blob) == content
    assert not list(path.glob("*.part"))
    for file in path.iterdir():
        file.unlink()


def test_what_is_not_what_its_name_says_is_thrown_away(folder: BlobFolder, path: Path) -> None:
    content, other = picture(seed=1), picture(seed=2)
    blob = ref_of(content)
    assert blob is not None
    arriving = folder.arriving(blob)
    arriving.add(other)

    with pytest.raises(Unavailable, match="blob_damaged"):
        arriving.finish()
    assert list(path.iterdir()) == []


def test_more_than_was_said_is_refused_and_less_is_no_end(folder: BlobFolder) -> None:
    blob = ref_of(picture(1000))
    assert blob is not None
    arriving = folder.arriving(blob)
    with pytest.raises(Unavailable, match="blob_damaged"):
        arriving.add(bytes(1001))
    with pytest.raises(Bug):
        arriving.finish()
    arriving.close()


def test_what_was_looked_at_longest_ago_goes_first_and_what_is_unsent_stays(
    folder: BlobFolder, path: Path
) -> None:
    blobs = [kept(folder, picture(10_000, seed=seed)) for seed in range(4)]
    for file in path.iterdir():
        os.utime(file, (1, 1))
    unsent, first, _second, third = blobs
    for blob, at in ((first, 2), (third, 3)):
        assert folder.read(blob) is not None
        just_read = max(path.iterdir(), key=lambda each: each.stat().st_mtime)
        os.utime(just_read, (at, at))

    assert folder.trim(2 * sealed_size(10_000), kept={unsent.sha256}) == 2
    assert [folder.has(blob.sha256) for blob in blobs] == [True, False, False, True]


def test_a_disk_that_fails_is_an_obstacle(tmp_path: Path) -> None:
    blocked = tmp_path / "blobs"
    blocked.write_text("not a folder")
    blob = ref_of(picture())
    assert blob is not None

    with pytest.raises(Unavailable):
        BlobFolder(blocked, KEY).keep(picture(), blob)


def test_what_a_cut_left_half_kept_is_taken_away(folder: BlobFolder, path: Path) -> None:
    blob = kept(folder, picture())
    only_file(path).rename(path / "half.new")

    assert BlobFolder(path, KEY).read(blob) is None
    assert list(path.iterdir()) == []


@pytest.mark.parametrize("content", [b"", b"GIF89a", b"<html>"])
def test_other_kinds_of_files_are_not_named(content: bytes) -> None:
    assert ref_of(content) is None
