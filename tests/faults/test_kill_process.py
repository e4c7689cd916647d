"""A till whose process is killed while it sells keeps every receipt that was printed."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from shared.pos.commands import RECEIPT_SERIES
from tests.faults.selling_child import Orders
from tests.support.world import World

pytestmark = [pytest.mark.fault, pytest.mark.slow, pytest.mark.timeout(600)]
KILLS = 5
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path)
    yield made
    made.close()


def _sell_until_killed(orders: Orders, receipts: int) -> list[int]:
    """The numbers that a till printed before it was killed, some time after the last expected."""
    command = [sys.executable, "-m", "tests.faults.selling_child"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT, text=True
    ) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        child.stdin.write(msgspec.json.encode(orders).decode() + "\n")
        child.stdin.flush()
        printed = [int(child.stdout.readline()) for _ in range(receipts)]
        child.send_signal(signal.SIGKILL)
        printed += [int(number) for number in child.stdout.read().split()]
        child.wait()
    return printed


def test_every_printed_receipt_survives_a_kill_and_reaches_the_server_once(world: World) -> None:
    till = world.till()
    orders = Orders(
        folder=str(till.profile.folder),
        journal_key=till.keys.journal,
        replica_key=till.keys.replica,
        shift_id=world.open_shift(till),
        cashier_id=world.cashier_id,
        variant_id=world.variants[0],
    )
    printed: list[int] = []
    for kill in range(KILLS):
        till.stop()
        printed += _sell_until_killed(orders, receipts=3 + 4 * kill)
        till.start()
        till.check()
    numbers = [
        entry.envelope.numbers[RECEIPT_SERIES]
        for entry in till.bench.journal.entries(after=0)
        if RECEIPT_SERIES in entry.envelope.numbers
    ]
    assert set(printed) <= set(numbers)
    assert len(numbers) - len(printed) <= KILLS
    till.sync()
    till.check_same_as_server()
    assert set(world.server.runs.values()) == {1}
