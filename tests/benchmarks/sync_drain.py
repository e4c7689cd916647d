"""How long a till that was offline for thirty days needs until 10,000 sales are with the server."""

import time

from shared.kernel.ids import ShiftId, new_id
from shared.organization.commands import Workspace
from shared.pos.commands import OpenShift
from shared.sync.state import SyncState
from tests.benchmarks.child import tell
from tests.benchmarks.result import BenchResult, measured, peak_memory_mib
from tests.benchmarks.sync_device import RealDevice
from tests.benchmarks.sync_stage import Goods, stage

COMMANDS = 10_000
PRODUCTS = 500


def figures() -> list[BenchResult]:
    """Sales are made one by one as at a till, then the cable is plugged in; one run, it is long."""
    with stage() as opened:
        goods = opened.goods(PRODUCTS)
        till = RealDevice(goods, opened.folder / "till", opened.address)
        till.pair(Workspace.KIOSK)
        till.start()
        till.engine.stop()
        made = time.perf_counter()
        _sell(till, goods)
        made = time.perf_counter() - made
        server, client = opened.cpu_s(), time.process_time()
        started = time.perf_counter()
        till.engine.start()
        till.until(lambda status: status.is_online and status.pending == 0)
        drained = time.perf_counter() - started
        till.until(lambda status: status.state is SyncState.IDLE)
        settled = time.perf_counter() - started
        cpus = opened.cpu_s() - server, time.process_time() - client
        assert till.status.mismatches == ()
        till.close()
        memory = opened.memory_mib()
    return [
        measured("30 days offline, 10,000 sales sent", "s", [drained], better="lower", target=40),
        measured("  until rows agree as well", "s", [settled], better="lower"),
        measured("  server processor time", "s", [cpus[0]], better="lower"),
        measured("  client processor time", "s", [cpus[1]], better="lower"),
        measured("  making one of them offline", "ms", [made * 1000 / COMMANDS], better="lower"),
        measured("memory of the device", "MiB", [peak_memory_mib()], better="lower"),
        measured("memory of the server", "MiB", [memory], better="lower"),
    ]


def _sell(till: RealDevice, goods: Goods) -> None:
    shift_id = ShiftId(new_id())
    till.do(OpenShift(shift_id=shift_id, opening_float_amount=10_000))
    for _ in range(COMMANDS - 1):
        till.do(goods.sale(shift_id))


if __name__ == "__main__":
    tell(figures())
