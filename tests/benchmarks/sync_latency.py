"""How long a write on one device takes until other devices show it, two of them and fifty."""

import time
from collections.abc import Sequence

from shared.customers.commands import SaveCustomer
from shared.kernel.ids import CustomerId, new_id
from tests.benchmarks.child import tell
from tests.benchmarks.result import BenchResult, measured, percentile
from tests.benchmarks.sync_ceilings import answers_ms, fsync_ms
from tests.benchmarks.sync_device import RealDevice
from tests.benchmarks.sync_stage import Stage, stage

RUNS = 5
WRITES_OF_TWO = 40
WRITES_OF_50 = 6
DEVICES = 50


def figures() -> list[BenchResult]:
    """All devices live in this process, each with its own files, threads and engine."""
    with stage() as opened:
        goods = opened.goods(10)
        devices = [
            RealDevice(goods, opened.folder / f"device-{number}", opened.address)
            for number in range(DEVICES)
        ]
        results: list[BenchResult] = []
        for count, writes, targets in ((2, WRITES_OF_TWO, (15, 60)), (50, WRITES_OF_50, (60, 300))):
            for device in devices[:count]:
                if not device.is_paired:
                    device.pair()
                    device.start()
            _runs(devices[:count], 1, writes)
            cpu = opened.cpu_s() + time.process_time()
            runs = _runs(devices[:count], RUNS, writes)
            cpu_ms = (opened.cpu_s() + time.process_time() - cpu) / (RUNS * writes) * 1000
            results += _results(opened, f"{count} devices", runs, targets=targets)
            results.append(
                measured("  processor time of a write, all sides", "ms", [cpu_ms], better="lower")
            )
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
    opened: Stage, who: str, runs: list[list[float]], *, targets: tuple[float, float]
) -> list[BenchResult]:
    results = []
    for word, share, target in zip(("p50", "p99"), (0.5, 0.99), targets, strict=True):
        answers = answers_ms(opened.address, int(who.split(maxsplit=1)[0]), share)
        made = measured(
            f"write on A to visible on B, {who}, {word}",
            "ms",
            [percentile(run, share) for run in runs],
            better="lower",
            target=target,
            ceiling=_disk_ms(opened) + answers,
        )
        results.append(made)
    return results


def _disk_ms(opened: Stage) -> float:
    """Journal and database both wait for the disk before anybody else may hear of a write."""
    return 2 * percentile([fsync_ms(opened.folder / "fsync.bin") for _ in range(50)], 0.5)


if __name__ == "__main__":
    tell(figures())
