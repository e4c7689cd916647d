"""A server whose files and blobs lie in a bucket: what breaks is never taken for their end."""

import hashlib
import random
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from shared.customers.commands import SaveCustomer
from shared.kernel.ids import CustomerId, new_id
from shared.sync.endpoint import BOOTSTRAP_FILE_PATH, BOOTSTRAP_PATH, PULL_PATH
from shared.sync.protocol.blob import BlobReceived
from shared.sync.protocol.bootstrap import BootstrapFile
from sync_server.app import create_app
from sync_server.bucket import object_store
from sync_server.settings import Settings
from tests.support.buckets import BucketHost, bucket_server, buckets, keys
from tests.support.cable import Cable
from tests.support.databases import ServerDatabase
from tests.support.pictures import picture, ref_of
from tests.sync_server.blob_sender import Sender
from tests.sync_server.devices import Device, Site, read
from tests.sync_server.filled_shop import made

__all__ = ["bucket_server", "buckets", "keys"]


@pytest.fixture
def line(buckets: BucketHost, keys: pytest.MonkeyPatch) -> Iterator[Cable]:
    """What lies between the server and its bucket."""
    with Cable(buckets.port) as cable:
        yield cable


@pytest.fixture
def settings(
    server_database: ServerDatabase, buckets: BucketHost, line: Cable, *, tmp_path: Path
) -> Settings:
    return Settings(
        data_folder=tmp_path / "server",
        database_url=server_database.url,
        bootstrap_rows=1,
        objects_url=f"s3://{buckets.new_bucket()}/shops",
        objects_endpoint=line.url,
    )


@pytest.fixture
def app(settings: Settings, server_database: ServerDatabase) -> FastAPI:
    return create_app(settings, clock=server_database.clock)


@pytest.fixture
def file(site: Site, settings: Settings) -> BootstrapFile:
    """A file of several pieces."""
    chance = random.Random(4)
    notes = (chance.randbytes(2_000).hex() for _ in range(600))
    site.run(
        *(SaveCustomer(customer_id=CustomerId(new_id()), name="Ada", note=note) for note in notes)
    )
    return made(site, object_store(settings))


def fetch(device: Device, file: BootstrapFile, *, into: bytearray) -> None:
    """Go on with a file where `into` ends."""
    params: dict[str, str | int] = {"cursor": file.cursor, "start": len(into)}
    asked = device.client.stream("GET", BOOTSTRAP_FILE_PATH, params=params, headers=device.headers)
    with asked as answer:
        assert answer.status_code == 200
        for block in answer.iter_raw():
            into += block


def test_a_store_that_goes_away_in_the_middle_breaks_the_line_and_the_rest_comes_later(
    site: Site, file: BootstrapFile, line: Cable
) -> None:
    device, came = site.device(), bytearray()
    line.cut_after(file.size_bytes // 2)
    with pytest.raises(httpx.RemoteProtocolError):
        fetch(device, file, into=came)
    before = len(came)
    line.mend()
    fetch(device, file, into=came)

    assert 0 < before < file.size_bytes == len(came)
    assert hashlib.sha256(came).hexdigest() == file.sha256


def test_while_the_store_is_away_all_else_is_answered(
    site: Site, file: BootstrapFile, line: Cable
) -> None:
    device = site.device()
    line.cut()

    asked = {
        path: device.client.get(path, params=params, headers=device.headers)
        for path, params in (
            (BOOTSTRAP_PATH, {"schema": file.schema}),
            (BOOTSTRAP_FILE_PATH, {"cursor": file.cursor}),
            (PULL_PATH, {"cursor": "0.0"}),
        )
    }

    for path in (BOOTSTRAP_PATH, BOOTSTRAP_FILE_PATH):
        assert asked[path].status_code == 503
        assert asked[path].json()["code"] == "objects_unreachable"
        assert asked[path].headers["Retry-After"]
    assert asked[PULL_PATH].status_code == 200


def test_blobs_lie_in_the_same_bucket_and_come_back_in_any_range(
    site: Site, settings: Settings
) -> None:
    content, sender = picture(700_000), Sender(site.device())
    blob = sender.send(content)

    kept = object_store(settings).names(f"{site.tenant_id}/blob/")
    assert [name.rpartition("/")[2] for name in kept] == [blob.sha256]
    assert sender.get(blob).content == content
    part = sender.get(blob, "bytes=300001-699998")
    assert (part.status_code, part.content) == (206, content[300_001:699_999])


def test_a_blob_waits_for_a_store_that_is_away_and_is_not_sent_twice(
    site: Site, settings: Settings, line: Cable
) -> None:
    content, sender = picture(700_000), Sender(site.device())
    blob = ref_of(content)
    sender.put(blob, content[:400_000])
    line.cut()
    answer = sender.put(blob, content[400_000:], start=400_000)
    assert (answer.status_code, answer.json()["code"]) == (503, "objects_unreachable")
    line.mend()

    assert read(sender.put(blob, content[400_000:], start=400_000), BlobReceived).is_complete
    assert sender.get(blob).content == content
