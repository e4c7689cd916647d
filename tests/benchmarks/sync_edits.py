"""How long 1,000 product edits made offline take until the server has decided them all."""

import time
from collections.abc import Sequence

from shared.catalog.commands import EditProduct, EditProducts, ProductEdit, ProductValues
from shared.kernel.messages import Command
from shared.sync.state import SyncState
from tests.benchmarks.child import tell
from tests.benchmarks.result import BenchResult, measured
from tests.benchmarks.sync_device import RealDevice
from tests.benchmarks.sync_stage import Goods, Stage, stage

EDITS = 1_000
RUNS = 3
BULK_RUNS = 5


def figures() -> list[BenchResult]:
    """Edits made while the engine rests, as commands of their own and as one; then it may send."""
    with stage() as opened:
        goods = opened.goods(EDITS)
        device = RealDevice(goods, opened.folder / "office", opened.address)
        device.pair()
        device.start()
        one_by_one = [_pushed(opened, device, _edits(goods, run)) for run in range(RUNS)]
        at_once = [_pushed(opened, device, [_bulk_edit(goods, run)]) for run in range(BULK_RUNS)]
        device.close()
    return [
        *_told("push of 1,000 edits made offline", one_by_one, target=1.0),
        *_told("push of 1,000 edits made as one bulk edit", at_once, target=0.4),
    ]


def _edits(goods: Goods, run: int) -> list[EditProduct]:
    return [
        EditProduct(product_id=product_id, title=f"Edited {run} {number}")
        for number, product_id in enumerate(goods.product_ids)
    ]


def _bulk_edit(goods: Goods, run: int) -> EditProducts:
    return EditProducts(
        products=tuple(
            ProductEdit(product_id=product_id, to=ProductValues(title=f"Bulk {run} {number}"))
            for number, product_id in enumerate(goods.product_ids)
        )
    )


def _pushed(
    opened: Stage, device: RealDevice, commands: Sequence[Command]
) -> tuple[float, float, float]:
    """Seconds until all are decided, and processor seconds of server and client meanwhile."""
    device.engine.pause()
    device.until(lambda status: status.state is SyncState.PAUSED)
    for command in commands:
        device.do(command)
    device.until(lambda status: status.pending == len(commands))
    server, client = opened.cpu_s(), time.process_time()
    started = time.perf_counter()
    device.engine.resume()
    device.until(lambda status: status.pending == 0)
    wall = time.perf_counter() - started
    spent = wall, opened.cpu_s() - server, time.process_time() - client
    device.until(lambda status: status.state is SyncState.IDLE)
    return spent


def _told(name: str, runs: list[tuple[float, float, float]], *, target: float) -> list[BenchResult]:
    walls, servers, clients = zip(*runs, strict=True)
    return [
        measured(name, "s", list(walls), better="lower", target=target),
        measured("  server processor time", "s", list(servers), better="lower"),
        measured("  client processor time", "s", list(clients), better="lower"),
    ]


if __name__ == "__main__":
    tell(figures())
