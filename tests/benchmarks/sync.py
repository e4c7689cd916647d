"""Synchronisation, part by part, each in a process of its own with a server of its own."""

from tests.benchmarks.child import heard_all
from tests.benchmarks.result import BenchResult

PARTS = (
    "sync_fill",
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
    """All figures of synchronisation."""
    return heard_all(PARTS)
