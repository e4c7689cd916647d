"""Object stores: whole or not at all, read piece by piece; a folder and a bucket alike."""

import logging
import random
import subprocess
import sys
import traceback
from collections.abc import Iterator
from pathlib import Path

import pytest

from shared.kernel.errors import Bug, Unavailable
from sync_server.bucket import BucketStore, object_store
from sync_server.errors import LANGUAGES, said
from sync_server.objects import FolderStore, ObjectStore
from sync_server.settings import Settings
from tests.support.buckets import SECRET, BucketHost, bucket_server, buckets, keys
from tests.support.cable import Cable

__all__ = ["bucket_server", "buckets", "keys"]

MIB = 1 << 20


@pytest.fixture(params=["folder", "bucket"])
def store(
    request: pytest.FixtureRequest, tmp_path: Path, bucket_server: BucketHost | None
) -> ObjectStore:
    if request.param == "folder":
        return FolderStore(tmp_path / "objects")
    host: BucketHost = request.getfixturevalue("buckets")
    request.getfixturevalue("keys")
    return BucketStore(f"s3://{host.new_bucket()}/some/prefix", endpoint=host.endpoint)


@pytest.fixture
def line(buckets: BucketHost, keys: pytest.MonkeyPatch) -> Iterator[Cable]:
    """What lies between a server and the bucket."""
    with Cable(buckets.port) as made:
        yield made


def a_file(folder: Path, content: bytes) -> Path:
    path = folder / "source"
    path.write_bytes(content)
    return path


def content_of(store: ObjectStore, name: str) -> bytes | None:
    found = store.open(name)
    if found is None:
        return None
    with found:
        return found.read()


# -- what both promise -----------------------------------------------------------------------------


def test_what_is_put_is_there_until_it_is_removed(store: ObjectStore, tmp_path: Path) -> None:
    assert content_of(store, "a/b.json") is None

    store.put("a/b.json", a_file(tmp_path, b"rows"))
    store.put("a/b.json", a_file(tmp_path, b"other rows"))
    assert content_of(store, "a/b.json") == b"other rows"

    store.remove("a/b.json")
    store.remove("a/b.json")
    assert content_of(store, "a/b.json") is None


def test_names_are_those_of_a_shelf_in_order(store: ObjectStore, tmp_path: Path) -> None:
    source = a_file(tmp_path, b"x")
    assert store.names("a/") == []
    for name in ("a/2.json", "a/1.json", "a/deep/3.json", "ab/4.json"):
        store.put(name, source)

    assert store.names("a/") == ["a/1.json", "a/2.json", "a/deep/3.json"]
    assert store.names("ab/") == ["ab/4.json"]


def test_an_empty_file_is_a_file(store: ObjectStore, tmp_path: Path) -> None:
    store.put("a/empty", a_file(tmp_path, b""))

    assert content_of(store, "a/empty") == b""


def test_a_large_file_comes_back_from_any_place_on(store: ObjectStore, tmp_path: Path) -> None:
    whole = random.Random(1).randbytes(20 * MIB + 7)
    store.put("a/large", a_file(tmp_path, whole))

    found = store.open("a/large")
    assert found is not None
    with found:
        for start in (0, 1, MIB + 3, len(whole) - 5, len(whole), len(whole) + 9):
            found.seek(start)
            assert found.read(3 * MIB) == whole[start : start + 3 * MIB]
        found.seek(0)
        assert found.read() == whole


def test_a_put_that_fails_leaves_what_was_there(store: ObjectStore, tmp_path: Path) -> None:
    store.put("a/b", a_file(tmp_path, b"rows"))

    with pytest.raises(FileNotFoundError):
        store.put("a/b", tmp_path / "missing")

    assert content_of(store, "a/b") == b"rows"
    assert store.names("a/") == ["a/b"]


@pytest.mark.parametrize("name", ["", "/etc/passwd", "../a", "a/../../b"])
def test_a_name_leads_nowhere_else(store: ObjectStore, name: str, tmp_path: Path) -> None:
    source = a_file(tmp_path, b"rows")
    for call in (
        lambda: store.put(name, source),
        lambda: store.open(name),
        lambda: store.names(name),
        lambda: store.remove(name),
    ):
        with pytest.raises(Bug, match="no name of an object"):
            call()


# -- the bucket alone ------------------------------------------------------------------------------


def test_only_what_is_asked_for_travels(buckets: BucketHost, line: Cable, tmp_path: Path) -> None:
    store = BucketStore(f"s3://{buckets.new_bucket()}", endpoint=line.url)
    whole = random.Random(2).randbytes(12 * MIB)
    store.put("large", a_file(tmp_path, whole))
    before = line.relayed_bytes

    found = store.open("large")
    assert found is not None
    with found:
        found.seek(5 * MIB)
        came = found.read(MIB)

    assert came == whole[5 * MIB : 6 * MIB]
    assert line.relayed_bytes - before < MIB * 1.1


def test_memory_stays_flat_however_large_a_file_is(
    buckets: BucketHost, keys: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with (tmp_path / "large").open("wb") as large:
        large.truncate(200 * MIB)
    told = subprocess.run(
        [
            *(sys.executable, "-m", "tests.sync_server.put_child"),
            *(f"s3://{buckets.new_bucket()}", buckets.endpoint, str(tmp_path / "large")),
        ],
        stdout=subprocess.PIPE,
        check=True,
        text=True,
        timeout=60,
    )

    assert float(told.stdout) < 100


def test_a_store_out_of_reach_says_so_and_the_old_file_stays(
    buckets: BucketHost, line: Cable, tmp_path: Path
) -> None:
    store = BucketStore(f"s3://{buckets.new_bucket()}", endpoint=line.url)
    store.put("a/b", a_file(tmp_path, b"rows"))
    found = store.open("a/b")
    assert found is not None
    line.cut()
    source = a_file(tmp_path, bytes(10 * MIB))

    for call in (
        lambda: store.put("a/b", source),
        lambda: store.open("a/b"),
        lambda: store.names("a/"),
        lambda: store.remove("a/b"),
        found.read,
    ):
        with pytest.raises(Unavailable, match="objects_unreachable"):
            call()

    line.mend()
    assert content_of(store, "a/b") == b"rows"


def test_an_object_that_went_away_while_it_was_read_is_no_end_of_file(
    buckets: BucketHost, keys: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    store = BucketStore(f"s3://{buckets.new_bucket()}", endpoint=buckets.endpoint)
    store.put("a/b", a_file(tmp_path, bytes(MIB)))
    found = store.open("a/b")
    assert found is not None
    assert len(found.read(1000)) == 1000

    store.remove("a/b")

    with pytest.raises(Unavailable, match="objects_unreachable"):
        found.read()


@pytest.mark.parametrize("what", ["secret", "bucket"])
def test_a_store_that_refuses_says_so_and_no_secret_is_told(
    buckets: BucketHost,
    keys: pytest.MonkeyPatch,
    tmp_path: Path,
    *,
    caplog: pytest.LogCaptureFixture,
    what: str,
) -> None:
    caplog.set_level(logging.DEBUG)
    bucket = buckets.new_bucket()
    if what == "secret":
        keys.setenv("AWS_SECRET_ACCESS_KEY", f"{SECRET}-but-wrong")
    else:
        bucket = "there-is-none"
    store = BucketStore(f"s3://{bucket}", endpoint=buckets.endpoint)
    source = a_file(tmp_path, b"rows")

    told = []
    for call in (lambda: store.put("a", source), lambda: store.names("a/")):
        with pytest.raises(Unavailable, match="objects_refused") as refused:
            call()
        told += traceback.format_exception(refused.value)
        assert all(bucket in said(refused.value, language) for language in LANGUAGES)

    assert SECRET not in "".join(told) + caplog.text + repr(store)


def test_the_store_is_the_one_that_is_set(
    buckets: BucketHost, keys: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    at_home = object_store(Settings(data_folder=tmp_path))
    shared = object_store(
        Settings.from_environment(
            {
                "PYCOMMERCE_DATA": str(tmp_path),
                "PYCOMMERCE_OBJECTS": f"s3://{buckets.new_bucket()}/shops",
                "PYCOMMERCE_OBJECTS_ENDPOINT": buckets.endpoint,
                "PYCOMMERCE_OBJECTS_REGION": "eu-central-1",
            }
        )
    )

    assert isinstance(at_home, FolderStore)
    assert isinstance(shared, BucketStore)
    shared.put("a/b", a_file(tmp_path, b"rows"))
    assert content_of(shared, "a/b") == b"rows"


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("PYCOMMERCE_OBJECTS", "bucket"),
        ("PYCOMMERCE_OBJECTS", "https://bucket"),
        ("PYCOMMERCE_OBJECTS", "s3://key:secret@bucket"),
        ("PYCOMMERCE_OBJECTS", "s3://bucket?region=x"),
        ("PYCOMMERCE_OBJECTS", "s3://"),
        ("PYCOMMERCE_OBJECTS_ENDPOINT", "127.0.0.1:9000"),
    ],
)
def test_a_setting_that_names_no_bucket_is_refused(setting: str, value: str) -> None:
    with pytest.raises(Unavailable, match="setting_wrong") as refused:
        Settings.from_environment({setting: value})

    assert refused.value.params == {"setting": setting}
