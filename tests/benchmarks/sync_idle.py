"""What an idle device costs: bytes on its line and processor time."""

import threading
import time

from tests.benchmarks.child import tell
from tests.benchmarks.result import BenchResult, measured
from tests.benchmarks.sync_device import RealDevice
from tests.benchmarks.sync_stage import stage
from tests.support.cable import Cable

REST_S = 60
TOKENS_PER_HOUR = 6
"""Lines end with their token, after ten minutes; then a device comes back, as at its start."""
SHORT_REST_S = 5


def figures() -> list[BenchResult]:
    """A minute at rest; the coming back of every ten minutes is measured by itself."""
    with stage() as opened:
        goods = opened.goods(10)
        port = int(opened.address.rpartition(":")[2])
        with Cable(port) as cable:
            device = RealDevice(goods, opened.folder / "device", cable.url)
            device.pair()
            device.start()
            device.engine.stop()
            before = cable.relayed_bytes
            device.engine.start()
            _rest(SHORT_REST_S)
            coming_back = cable.relayed_bytes - before
            before, cpu, server = cable.relayed_bytes, time.process_time(), opened.cpu_s()
            _rest(REST_S)
            resting = cable.relayed_bytes - before
            cpu, server = time.process_time() - cpu, opened.cpu_s() - server
            device.close()
    an_hour = (resting * 3600 / REST_S + coming_back * TOKENS_PER_HOUR) / 1024
    return [
        measured("idle device, bytes on the line", "KB/h", [an_hour], better="lower", target=100),
        measured("  of a coming back", "bytes", [coming_back], better="lower"),
        measured(
            "idle device, processor time",
            "% of one",
            [cpu * 100 / REST_S],
            better="lower",
            target=0.2,
        ),
        measured("  and of its server", "% of one", [server * 100 / REST_S], better="lower"),
    ]


def _rest(seconds: float) -> None:
    """Let others work; this thread takes no processor time."""
    threading.Event().wait(seconds)


if __name__ == "__main__":
    tell(figures())
