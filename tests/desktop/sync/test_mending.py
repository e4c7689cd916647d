"""Rows that differ from the server's are found, replaced and told of, while people keep working."""

import json
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from desktop.diagnostics import Report
from desktop.sync.sync_status import RepairState, SyncStatus
from shared.catalog.tables import VariantRow
from shared.sync.confirmed import correct_kept, kept_errors
from tests.desktop.sync.conftest import Running, running
from tests.support.loopback import Network
from tests.support.world import World
from tests.support.world_device import DeviceInWorld

GNAW = "UPDATE variant SET price_amount = 1 WHERE sku = 'MUG'"
GNAW_DIGEST = "UPDATE digest SET digest_sum = digest_sum + 1 WHERE tbl = 'variant'"


def damage(device: DeviceInWorld, *statements: str, is_noticed: bool = True) -> None:
    """Change a replica behind its back; noticed damage shows in the next comparison of digests."""
    with device.files.replica.begin():
        for statement in statements:
            device.files.replica.exec_driver_sql(statement)
        if is_noticed:
            correct_kept(device.files.replica, kept_errors(device.files.replica))


def is_mended(status: SyncStatus) -> bool:
    """Whether something was replaced and both sides agree."""
    is_repaired = status.repair.state is RepairState.NOT_NEEDED
    return status.repair.replaced_rows > 0 and is_repaired and not status.mismatches


@pytest.fixture
def damaged(world: World) -> DeviceInWorld:
    """A till with a sale not sent yet, whose copy of a price is wrong."""
    till = world.till()
    world.sell(till, world.open_shift(till))
    damage(till, GNAW)
    return till


@pytest.fixture
def mended(damaged: DeviceInWorld, network: Network, world: World) -> Iterator[Running]:
    """The damaged till after its engine has had its time."""
    with running(damaged, network, world) as made:
        made.watcher.until(is_mended)
        made.settle()
        yield made


def report_of(status: SyncStatus) -> Report:
    """The report that a status names."""
    return msgspec.json.decode(Path(status.repair.report).read_bytes(), type=Report)


def test_a_row_that_differs_is_fetched_again_and_both_sides_agree(mended: Running) -> None:
    status = mended.settle()
    assert status.mismatches == ()
    assert status.verified_at is not None
    prices = mended.work.fetch(lambda reader: reader.find(VariantRow)).result()
    assert {row.price_amount for row in prices} == {1000}


def test_only_the_range_that_differs_is_fetched(mended: Running, network: Network) -> None:
    _request, reply = network.verified[0]
    assert [len(each.puts) for each in reply.rows] == [1]
    assert mended.watcher.seen[-1].repair.replaced_rows == 1


def test_the_report_names_columns_and_commands_and_says_nothing_personal(mended: Running) -> None:
    report = report_of(mended.watcher.seen[-1])
    (found,) = report.tables
    assert (found.table, found.scope, found.columns) == ("variant", "tenant", ("price_amount",))
    assert (found.changed, found.missing, found.surplus) == (1, 0, 0)
    assert [each.name for each in report.last_commands] == ["open_shift", "complete_sale"]
    text = Path(mended.watcher.seen[-1].repair.report).read_text()
    for secret in ("Mug", "MUG", "Carl", "Corner Store", "1000"):
        assert secret not in text
    assert json.loads(text)["tables"][0]["ranges"][0]["ours"]["row_count"] == 1
