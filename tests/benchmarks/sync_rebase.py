"""How long a page takes to get below a hundred unsent sales, and what else may run meanwhile."""

import gc
import shutil
import tempfile
import threading
import time
from pathlib import Path

from shared.catalog.commands import ChangePrice
from shared.kernel.ids import VariantId
from shared.organization.commands import Workspace
from tests.benchmarks.child import tell
from tests.benchmarks.result import BenchResult, measured, peak_memory_mib
from tests.benchmarks.sync_stage import three_lines
from tests.support.world import World
from tests.support.world_device import DeviceInWorld

RUNS = 7
SALES = 100
PAGE = 1_000
_TICK_S = 0.001


def figures() -> list[BenchResult]:
    """A till with a hundred unsent sales takes pages of a thousand changed prices."""
    folder = Path(tempfile.mkdtemp(prefix="pycommerce-bench-"))
    try:
        world = World(folder)
        for number in range(PAGE):
            world.product(f"Product {number}", on_hand_qty=1_000)
        till = world.till()
        shift_id = world.open_shift(till)
        for turn in range(SALES):
            lines = [world.variants[3 * turn + place] for place in range(3)]
            till.submit(three_lines(lines, shift_id), world.cashier_id)
        # As the client does: it looks for cycles in its own time, never in the middle of a page.
        gc.collect()
        gc.freeze()
        gc.disable()
        walls, cpus, stalls = [], [], []
        for run in range(RUNS + 1):
            wall, cpu, stall = _rebase(world, till, price=2_000 + run)
            if run:
                walls.append(wall)
                cpus.append(cpu)
                stalls.append(stall)
        till.check()
        world.close()
    finally:
        shutil.rmtree(folder)
    what = "rebase of 100 sales over a page of 1,000 rows"
    return [
        measured(what, "ms", walls, better="lower", target=100),
        measured("  its processor time", "ms", cpus, better="lower", target=100),
        measured("  longest stall of another thread", "ms", stalls, better="lower", target=50),
        measured("memory of the device", "MiB", [peak_memory_mib()], better="lower"),
    ]


def _rebase(world: World, till: DeviceInWorld, *, price: int) -> tuple[float, float, float]:
    """Wall and processor milliseconds of one page, and the longest pause of another thread."""
    for variant_id in world.variants[:PAGE]:
        world.server.do(ChangePrice(variant_id=VariantId(variant_id), price_amount=price))
    page = till.page(limit=2 * PAGE)
    assert page.is_last
    assert till.bench.identity.workspace is Workspace.KIOSK
    spent: list[float] = []

    def take() -> None:
        cpu, started = time.thread_time(), time.perf_counter()
        applied = till.take_page(page)
        spent.extend(((time.perf_counter() - started) * 1000, (time.thread_time() - cpu) * 1000))
        assert applied is not None
        assert not applied.mismatches

    writer = threading.Thread(target=take)
    writer.start()
    longest, last = 0.0, time.perf_counter()
    while writer.is_alive():
        writer.join(_TICK_S)
        now = time.perf_counter()
        longest, last = max(longest, now - last), now
    assert len(spent) == 2
    return spent[0], spent[1], longest * 1000


if __name__ == "__main__":
    tell(figures())
