"""Two servers on hosts of their own share one bucket: what the one made, the other serves."""

import random
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from shared.customers.commands import SaveCustomer
from shared.customers.tables import CustomerRow
from shared.kernel.clock import SystemClock
from shared.kernel.ids import CustomerId, new_id
from shared.storage.reader import Reader
from shared.sync.state import SyncState
from sync_server.bucket import BucketStore
from tests.desktop.sync.machine import Machine
from tests.support.buckets import BucketHost, bucket_server, buckets, keys
from tests.support.cable import Cable
from tests.sync_server.conftest import (
    app,
    client,
    listening,
    migrated_url,
    served,
    server_database,
    site,
)
from tests.sync_server.devices import Site
from tests.sync_server.processes import address_of, run, server_process

__all__ = ["app", "bucket_server", "buckets", "client", "keys", "listening"]
__all__ += ["migrated_url", "served", "server_database", "site"]

pytestmark = pytest.mark.fault

CUSTOMERS = 1_500


@pytest.fixture
def store(buckets: BucketHost, keys: pytest.MonkeyPatch) -> BucketStore:
    """The bucket that every server process started from now on shares."""
    url = f"s3://{buckets.new_bucket()}/shops"
    keys.setenv("PYCOMMERCE_OBJECTS", url)
    keys.setenv("PYCOMMERCE_OBJECTS_ENDPOINT", buckets.endpoint)
    keys.setenv("PYCOMMERCE_BOOTSTRAP_ROWS", "1")
    return BucketStore(url, endpoint=buckets.endpoint)


@pytest.fixture
def host(
    store: BucketStore, site: Site, tmp_path: Path, *, keys: pytest.MonkeyPatch
) -> Iterator[int]:
    """The port of a server with an empty folder of its own."""
    assert store.names("bootstrap/") == []
    # A process has the clock of this machine.
    site.server.clock.advance(SystemClock().now() - site.server.clock.now())
    keys.setenv("PYCOMMERCE_DATA", str(tmp_path / "second host"))
    with server_process(site.server.url, "serve", "--port", "0") as process:
        port = urlsplit(address_of(process)).port
        assert port is not None
        yield port


def _names(reader: Reader) -> int:
    return len(reader.find(CustomerRow))


def add_customers(site: Site) -> None:
    """So many, and with so little in common, that their file is several blocks long."""
    chance = random.Random(3)
    site.run(
        *(
            SaveCustomer(
                customer_id=CustomerId(new_id()),
                name=f"Customer {number}",
                note=chance.randbytes(300).hex(),
            )
            for number in range(CUSTOMERS)
        )
    )


def test_a_file_made_on_one_host_comes_from_the_other_and_goes_on_after_a_cut(
    store: BucketStore, site: Site, host: int, *, tmp_path: Path, keys: pytest.MonkeyPatch
) -> None:
    add_customers(site)
    keys.setenv("PYCOMMERCE_DATA", str(tmp_path / "first host"))
    built = run(site.server.url, "bootstrap", "--tenant-id", site.tenant_id)
    assert built.returncode == 0, built.stderr
    packed, manifest = sorted(store.names("bootstrap/"), reverse=True)
    assert (Path(packed).suffix, Path(manifest).suffix) == (".zst", ".json")

    with Cable(host) as cable:
        machine = Machine(site, tmp_path / "machine", cable)
        machine.pair(site.code())
        cable.cut_after(450_000)
        machine.start()
        before = machine.watcher.until(lambda status: status.state is SyncState.OFFLINE)
        cable.mend()
        relayed = cable.relayed_bytes
        status = machine.settle()
        names = machine.work.fetch(_names).result()
        machine.stop()
        machine.work.close()

    assert 0 < before.fetched_bytes < status.file_bytes
    assert status.fetched_bytes == status.file_bytes
    assert cable.relayed_bytes - relayed < status.file_bytes
    assert status.mismatches == ()
    assert names == CUSTOMERS
    assert store.names("bootstrap/") == [manifest, packed]
    assert not (tmp_path / "first host").exists()
    assert not (tmp_path / "second host" / "objects").exists()
