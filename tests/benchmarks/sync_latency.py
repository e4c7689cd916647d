"""How long a write on one device takes until other devices show it, two of them and fifty."""

import time
from collections.abc import Sequence

from shared.customers.commands import SaveCustomer
from shared.kernel.ids import CustomerId, new_id
from tests.benchmarks.child import tell
from tests.benchmarks.result import BenchResult, measured, percentile
from tests.benchmarks.sync_ceilings import fsync_ms
from tests.benchmarks.sync_device import RealDevice
from tests.benchmarks.sync_stage import Stage, stage

RUNS = 5
WRITES_OF_TWO = 40
WRITES_OF_FIFTY = 6
DEVICES = 50


def figures() -> list[BenchResult]:
    """All devices live in this process, each with its own files, threads and engine."""
    with stage() as opened:
        goods = opened.goods(10)
        devices = [
            RealDevice(goods, opened.folder / f"device-{number}", opened.address)
            for number in range(DEVICES)
        ]
        for device in devices[:2]:
            device.pair()
            device.start()
        _runs(devices[:2], 1, WRITES_OF_TWO)
        cpu = opened.cpu_s() + time.process_time()
        two = _runs(devices[:2], RUNS, WRITES_OF_TWO)
        busy = (opened.cpu_s() + time.process_time() - cpu) / (RUNS * WRITES_OF_TWO) * 1000
        for device in devices[2:]:
            device.pair()
            device.start()
        _runs(devices, 1, WRITES_OF_FIFTY)
        cpu = opened.cpu_s() + time.process_time()
        fifty = _runs(devices, RUNS, WRITES_OF_FIFTY)
        crowd = (opened.cpu_s() + time.process_time() - cpu) / (RUNS * WRITES_OF_FIFTY) * 1000
        results = [
            *_results("2 devices", two, targets=(15, 60), cpu_ms=busy, disk_ms=_disk_ms(opened)),
            *_results(
                "50 devices", fifty, targets=(60, 300), cpu_ms=crowd, disk_ms=_disk_ms(opened)
            ),
        ]
        for device in devices:
            device.close()
        return results


def _runs(devices: Sequence[RealDevice], runs: int, writes: int) -> list[list[float]]:
    """Milliseconds of each write on the first device until each other one was told of it."""
    return [
        [spent for _write in range(writes) for spent in _write_once(devices)] for _ in range(runs)
    ]


def _write_once(devices: Sequence[RealDevice]) -> list[float]:
    customer_id = new_id()
    started = time.perf_counter()
    devices[0].do(SaveCustomer(customer_id=CustomerId(customer_id), name="Ada"))
    return [(device.until_rows(customer_id) - started) * 1000 for device in devices[1:]]


def _results(
    who: str,
    runs: list[list[float]],
    *,
    targets: tuple[float, float],
    cpu_ms: float,
    disk_ms: float,
) -> list[BenchResult]:
    return [
        measured(
            f"write on A to visible on B, {who}, p50",
            "ms",
            [percentile(run, 0.5) for run in runs],
            better="lower",
            target=targets[0],
            # The journal, the database's log: both wait for the disk before anything goes on.
            ceiling=2 * disk_ms,
        ),
        measured(
            f"write on A to visible on B, {who}, p99",
            "ms",
            [percentile(run, 0.99) for run in runs],
            better="lower",
            target=targets[1],
        ),
        measured("  processor time of a write, all sides", "ms", [cpu_ms], better="lower"),
    ]


def _disk_ms(opened: Stage) -> float:
    return percentile([fsync_ms(opened.folder / "fsync.bin") for _ in range(50)], 0.5)


if __name__ == "__main__":
    tell(figures())
