"""Synchronisation, part by part, each in a process of its own with a server of its own."""

from tests.benchmarks.child import heard_all
from tests.benchmarks.result import BenchResult, measured
from tests.benchmarks.sync_ceilings import python_ms

PARTS = (
    "sync_fill",
    "sync_storm",
    "sync_pull",
    "sync_edits",
    "sync_sales",
    "sync_latency",
    "sync_rebase",
    "sync_drain",
    "sync_idle",
    "sync_crowd",
)


def run() -> list[BenchResult]:
    """All figures of synchronisation, after one that tells how busy the machine is."""
    yardstick = measured(
        "a fixed piece of Python", "ms", [python_ms() for _ in range(9)], better="lower"
    )
    return [yardstick, *heard_all(PARTS)]
