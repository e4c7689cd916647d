"""One measured figure beside its target, and how it is printed."""

import resource
import statistics
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class BenchResult:
    """Median, least and greatest of several runs in `unit`; `ceiling` is what the machine allows.

    `target` and `ceiling` are None where none was set or measured.
    """

    name: str
    unit: str
    median: float
    min: float
    max: float
    runs: int
    target: float | None
    better: Literal["lower", "higher"]
    ceiling: float | None

    @property
    def is_met(self) -> bool | None:
        """Whether the median reaches the target; None without one."""
        if self.target is None:
            return None
        if self.better == "lower":
            return self.median <= self.target
        return self.median >= self.target


def measured(
    name: str,
    unit: str,
    samples: Sequence[float],
    *,
    better: Literal["lower", "higher"],
    target: float | None = None,
    ceiling: float | None = None,
) -> BenchResult:
    """The result of repeated measurements of one figure."""
    return BenchResult(
        name=name,
        unit=unit,
        median=round(statistics.median(samples), 4),
        min=round(min(samples), 4),
        max=round(max(samples), 4),
        runs=len(samples),
        target=target,
        better=better,
        ceiling=None if ceiling is None else round(ceiling, 4),
    )


def percentile(samples: Sequence[float], share: float) -> float:
    """The value below which `share` (0 to 1) of the samples lie, nearest rank."""
    ordered = sorted(samples)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def peak_memory_mib() -> float:
    """The greatest resident memory of this process so far, in MiB."""
    if sys.platform == "linux":
        # The other figure begins with that of the process which started this one.
        return _kept_by("self", "VmHWM") / 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1024 * 1024) if sys.platform == "darwin" else peak / 1024


def memory_mib_of(pid: int) -> float:
    """The resident memory of another process now, in MiB; Linux only."""
    return _kept_by(str(pid), "VmRSS") / 1024


def _kept_by(process: str, what: str) -> int:
    """One figure of a process's memory, in KiB."""
    status = Path(f"/proc/{process}/status").read_text(encoding="ascii")
    return int(status.partition(f"{what}:")[2].split()[0])
