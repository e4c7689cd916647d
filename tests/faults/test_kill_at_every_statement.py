"""A device that is cut off at any statement starts again as if it had happened between two."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from shared.kernel.errors import Rejected
from shared.kernel.ids import ShiftId
from shared.pos.commands import RECEIPT_SERIES
from tests.support.cut_off import Moment, Recorder, files_hash, torn_copy
from tests.support.world import World
from tests.support.world_device import DeviceInWorld

pytestmark = [pytest.mark.fault, pytest.mark.timeout(600)]

WAL_HEADER_BYTES = 32
WAL_FRAME_BYTES = 24 + 4096


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path)
    yield made
    made.close()


def _sell(world: World, till: DeviceInWorld, *, shift_id: ShiftId, recorder: Recorder) -> None:
    """Sell, and print the receipt as soon as the command is true."""
    receipt = world.sell(till, shift_id)
    recorder.printed.append(receipt.numbers[RECEIPT_SERIES])


def _story(world: World, till: DeviceInWorld, recorder: Recorder) -> None:
    """A morning in which everything happens that writes to either file."""
    shift_id = world.open_shift(till)
    _sell(world, till, shift_id=shift_id, recorder=recorder)
    till.bench.save_draft("cart", b"two mugs")
    receipt = till.submit(world.sale(shift_id, qty=2), world.cashier_id, clears_draft="cart")
    recorder.printed.append(receipt.numbers[RECEIPT_SERIES])
    with pytest.raises(Rejected):
        till.submit(world.price_change(1), world.cashier_id)
    till.send()
    _sell(world, till, shift_id=shift_id, recorder=recorder)
    world.server.do(world.price_change(1100))
    till.pull()
    reply = till.send()
    assert reply is not None
    till.take_reply(reply)
    _sell(world, till, shift_id=shift_id, recorder=recorder)
    world.product("Bowl", on_hand_qty=5)
    till.pull(limit=2)
    _sell(world, till, shift_id=shift_id, recorder=recorder)
    till.sync()


@pytest.fixture
def recorded(world: World, tmp_path: Path) -> tuple[World, DeviceInWorld, Recorder]:
    till = world.till()
    recorder = Recorder(till.profile, world.server, tmp_path / "moments")
    till.stop()
    till.start(tap=recorder)
    recorder.is_on = True
    _story(world, till, recorder)
    recorder.is_on = False
    return world, till, recorder


def _started_again(
    world: World, till: DeviceInWorld, *, folder: Path, moment: Moment
) -> DeviceInWorld:
    world.server.rewind(moment.server)
    return DeviceInWorld(world.server, folder, clock=world.clock, keys=till.keys)


def _check_and_finish(device: DeviceInWorld, moment: Moment, server_runs: dict[str, int]) -> None:
    device.check()
    entries = device.bench.journal.entries(after=0)
    numbers = [entry.envelope.numbers.get(RECEIPT_SERIES) for entry in entries]
    assert set(moment.printed) <= set(numbers), "a printed receipt is lost"
    device.sync()
    device.check()
    device.check_same_as_server()
    assert set(server_runs.values()) <= {1}, "a command ran twice"
    assert {entry.envelope.cmd_id for entry in entries} <= server_runs.keys()


def test_a_kill_at_any_statement_loses_nothing_and_doubles_nothing(
    recorded: tuple[World, DeviceInWorld, Recorder],
) -> None:
    world, till, recorder = recorded
    assert recorder.statements > 300
    assert len(recorder.moments) > 20
    for moment in recorder.moments:
        device = _started_again(world, till, folder=moment.folder, moment=moment)
        _check_and_finish(device, moment, world.server.runs)
        device.stop()


@pytest.mark.slow
def test_a_kill_in_the_middle_of_a_commit_leaves_it_whole_or_not_at_all(
    recorded: tuple[World, DeviceInWorld, Recorder], tmp_path: Path
) -> None:
    world, till, recorder = recorded
    tried = 0
    for before, after in zip(recorder.moments, recorder.moments[1:], strict=False):
        for name in ("journal.db-wal", "replica.db-wal"):
            for size in _sizes_between(before.folder / name, after.folder / name):
                folder = tmp_path / f"torn-{tried}"
                torn_copy(after.folder, name, folder, size=size)
                device = _started_again(world, till, folder=folder, moment=before)
                _check_and_finish(device, before, world.server.runs)
                device.stop()
                tried += 1
    assert tried > 20


def _sizes_between(before: Path, after: Path) -> list[int]:
    """Ends at which a write of frames can have stopped, were it only begun."""
    start = before.stat().st_size if before.exists() else 0
    end = after.stat().st_size if after.exists() else 0
    if end <= start:
        return []
    return sorted({start + 1, (start + end) // 2, end - WAL_FRAME_BYTES, end - 1})


def test_a_power_cut_that_takes_the_replicas_last_commits_is_made_up_from_the_journal(
    recorded: tuple[World, DeviceInWorld, Recorder], tmp_path: Path
) -> None:
    world, till, recorder = recorded
    last = recorder.moments[-1]
    log = last.folder / "replica.db-wal"
    frames = (log.stat().st_size - WAL_HEADER_BYTES) // WAL_FRAME_BYTES
    assert frames > 20
    for kept in range(0, frames, max(1, frames // 12)):
        folder = tmp_path / f"power-{kept}"
        torn_copy(last.folder, log.name, folder, size=WAL_HEADER_BYTES + kept * WAL_FRAME_BYTES)
        device = _started_again(world, till, folder=folder, moment=last)
        _check_and_finish(device, last, world.server.runs)
        device.stop()


def test_a_refused_command_leaves_both_files_as_they_were(world: World) -> None:
    till = world.till()
    shift_id = world.open_shift(till)
    before = files_hash(till.profile.folder)
    with pytest.raises(Rejected):
        till.submit(world.price_change(1), world.cashier_id)
    assert files_hash(till.profile.folder) == before
    receipt = world.sell(till, shift_id)
    assert receipt.numbers == {RECEIPT_SERIES: 1}
