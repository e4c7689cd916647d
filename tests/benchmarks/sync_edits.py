"""How long 1,000 product edits made offline take until the server has decided them all."""

import time

from shared.catalog.commands import EditProduct
from shared.sync.state import SyncState
from tests.benchmarks.child import tell
from tests.benchmarks.result import BenchResult, measured
from tests.benchmarks.sync_device import RealDevice
from tests.benchmarks.sync_stage import stage

EDITS = 1_000
RUNS = 3


def figures() -> list[BenchResult]:
    """Edits as commands of their own, made while the engine rests; then it may send them."""
    with stage() as opened:
        goods = opened.goods(EDITS)
        device = RealDevice(goods, opened.folder / "office", opened.address)
        device.pair()
        device.start()
        walls, servers, clients = [], [], []
        for run in range(RUNS):
            device.engine.pause()
            device.until(lambda status: status.state is SyncState.PAUSED)
            for number, product_id in enumerate(goods.product_ids):
                device.do(EditProduct(product_id=product_id, title=f"Edited {run} {number}"))
            device.until(lambda status: status.pending == EDITS)
            server, client = opened.cpu_s(), time.process_time()
            started = time.perf_counter()
            device.engine.resume()
            device.until(lambda status: status.pending == 0)
            walls.append(time.perf_counter() - started)
            clients.append(time.process_time() - client)
            servers.append(opened.cpu_s() - server)
            device.until(lambda status: status.state is SyncState.IDLE)
        device.close()
        return [
            measured("push of 1,000 edits made offline", "s", walls, better="lower", target=1.0),
            measured("  server processor time", "s", servers, better="lower"),
            measured("  client processor time", "s", clients, better="lower"),
        ]


if __name__ == "__main__":
    tell(figures())
