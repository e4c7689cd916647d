"""What stands when the disk is in the way, or the replica fell behind."""

from collections.abc import Callable

import pytest
import sqlalchemy as sa

from desktop.journal import Head
from shared.kernel.errors import Rejected, Unavailable
from shared.pos.commands import RECEIPT_SERIES
from tests.support import oracle
from tests.support.world import World
from tests.support.world_device import DeviceInWorld


def _limit_pages(connection: sa.Connection, spare: int) -> None:
    """Let a database grow by so many pages and no more."""
    used = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
    connection.exec_driver_sql(f"PRAGMA max_page_count = {used + spare}")
    connection.rollback()


def _content(till: DeviceInWorld) -> tuple[Head, oracle.Rows]:
    """What both files say."""
    with till.files.replica.begin():
        return till.bench.journal.head(), oracle.visible_rows(till.files.replica)


def _sell_until_full(world: World, till: DeviceInWorld) -> tuple[int, object]:
    """How many sales fitted, and what the files said when the last one did not."""
    for sold in range(100):
        before = _content(till)
        try:
            world.sell(till, world.shift_of(till))
        except Unavailable as error:
            if error.code == "disk_full":
                return sold, before
            raise
    return 100, None


@pytest.mark.parametrize("which", ["journal", "replica"])
def test_a_full_disk_refuses_the_sale_and_changes_nothing(
    world: World, till: DeviceInWorld, which: str
) -> None:
    connection = {"journal": till.files.journal_connection, "replica": till.files.replica}[which]
    _limit_pages(connection, 0)
    sold, before = _sell_until_full(world, till)
    assert _content(till) == before
    assert sold < 100
    assert till.bench.head.seq == 1 + sold
    till.stop()
    till.start()
    assert world.sell(till, world.shift_of(till)).numbers == {RECEIPT_SERIES: sold + 1}
    till.check()


def test_a_sale_whose_effects_could_not_be_committed_is_true_and_made_up_for(
    world: World, till: DeviceInWorld, refuse_commit: Callable[[int], None]
) -> None:
    shift_id = world.shift_of(till)
    refuse_commit(1)
    receipt = world.sell(till, shift_id)
    assert receipt.numbers == {RECEIPT_SERIES: 1}
    assert till.bench.journal.command(receipt.cmd_id) is not None
    world.sell(till, shift_id)
    till.check()
    assert till.bench.head.seq == 3


@pytest.fixture
def refuse_commit(till: DeviceInWorld) -> Callable[[int], None]:
    """Let the next commits of the replica fail as a full disk makes them fail."""
    left = [0]
    engine = till.files.replica.engine

    @sa.event.listens_for(engine, "commit")
    def refuse(connection: sa.Connection) -> None:
        if left[0] > 0:
            left[0] -= 1
            raise sa.exc.OperationalError("COMMIT", None, Exception("database or disk is full"))

    def arm(times: int) -> None:
        left[0] = times

    return arm


def test_a_command_too_large_for_the_server_is_refused_where_it_is_made(
    world: World, till: DeviceInWorld
) -> None:
    huge = world.new_location(code="x" * (9 << 20))
    with pytest.raises(Rejected, match="command_too_large"):
        till.submit(huge, world.owner_id)
    assert till.bench.head.seq == 1
