"""How fast an exchange goes: smoothed while it runs, kept when it is over, and what is left."""

from dataclasses import replace

import pytest

from desktop.sync.pace import Meter
from desktop.sync.sync_status import Speed, SyncStatus
from shared.sync.cursor import Cursor
from tests.desktop.sync.conftest import Running
from tests.support.loopback import Network
from tests.support.world import World

IDLE = SyncStatus(is_filled=True, is_online=True)


class Line:
    """A line and its clock, both moved by hand."""

    def __init__(self) -> None:
        self.seconds = 100.0
        self.carried = 5_000
        self.meter = Meter(lambda: self.seconds, lambda: self.carried)

    def goes(self, seconds: float, *, commands: int = 0, rows: int = 0, size: int = 0) -> Speed:
        """Time passes, and so much goes over the line meanwhile."""
        self.seconds += seconds
        self.carried += size
        self.meter.count(commands=commands, rows=rows, commits=rows)
        return self.meter.speed(IDLE)


def test_nothing_is_said_before_anything_was_measured() -> None:
    assert Line().meter.speed(IDLE) == Speed()


def test_what_goes_evenly_is_measured_as_it_is() -> None:
    line = Line()
    line.meter.begin()
    for _ in range(4):
        line.goes(1.0, commands=10, rows=200, size=4_000)
    assert line.goes(1.0, commands=10, rows=200, size=4_000) == Speed(
        commands_per_s=10.0, rows_per_s=200.0, bytes_per_s=4_000, is_current=True
    )


def test_one_slow_answer_does_not_turn_the_figure_over() -> None:
    line = Line()
    line.meter.begin()
    for _ in range(5):
        line.goes(1.0, rows=1_000)
    assert 600 < line.goes(1.0).rows_per_s < 1_000
    for _ in range(30):
        line.goes(1.0, rows=100)
    assert line.goes(1.0, rows=100).rows_per_s == pytest.approx(100, abs=1)


def test_answers_in_quick_succession_are_measured_together() -> None:
    line = Line()
    line.meter.begin()
    line.goes(1.0, rows=100)
    assert line.goes(0.001, rows=500).rows_per_s == 100
    assert line.goes(0.999, rows=0).rows_per_s > 100


def test_the_last_exchange_stays_on_view_with_its_average() -> None:
    line = Line()
    line.meter.begin()
    line.goes(1.0, rows=300)
    line.goes(2.0, commands=6, size=9_000)
    line.meter.end()
    line.goes(3_600.0, size=123)
    expected = Speed(commands_per_s=2.0, rows_per_s=100.0, bytes_per_s=3_000)
    assert line.meter.speed(IDLE) == expected

    line.meter.begin()
    line.goes(1.0, size=500)
    line.meter.end()
    assert line.meter.speed(IDLE) == expected, "an exchange that moved nothing says nothing"


def test_what_is_left_follows_from_what_is_pending_and_how_far_the_server_is() -> None:
    line = Line()
    line.meter.begin()
    line.goes(1.0, commands=20, rows=50)
    behind = replace(IDLE, pending=100, head=Cursor(1, 500), cursor=Cursor(1, 0))
    assert line.meter.speed(behind).seconds_left == 5 + 10
    assert line.meter.speed(IDLE).seconds_left is None


def test_what_is_left_of_a_file_follows_from_its_bytes() -> None:
    line = Line()
    line.meter.begin()
    line.goes(2.0, size=2_000_000)
    fill = SyncStatus(is_online=True, fetched_bytes=2_000_000, file_bytes=12_000_000)
    assert line.meter.speed(fill).seconds_left == 10


def test_nothing_is_promised_where_nothing_moves() -> None:
    line = Line()
    line.meter.begin()
    line.goes(10.0)
    assert line.meter.speed(replace(IDLE, pending=3)).seconds_left is None


def test_an_engine_says_how_fast_it_was(till: Running, world: World, network: Network) -> None:
    till.engine.pause()
    for _ in range(20):
        sale = world.sale(world.shift_of(till.device))
        till.work.submit(sale, actor_id=world.cashier_id).result()
    till.engine.resume()
    till.settle()
    status = till.watcher.until(
        lambda status: status.speed.commands_per_s > 0 and not status.speed.is_current
    )
    assert network.true_head == status.cursor
    assert status.speed.rows_per_s > 0
    assert status.speed.bytes_per_s > 0
