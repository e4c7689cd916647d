"""How one order of ids becomes another: runs to remove, whether to reorder, runs to insert."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field

# Above this many differing ids a list is laid anew; the view keeps selection and place by id.
LARGEST_DIFF = 4096
# A list longer than this is never reordered step by step: looking places up costs too much.
LARGEST_REORDER = 50_000
_CHUNK = 4096


@dataclass(frozen=True, slots=True)
class Run:
    """Rows `first` to `last`, both included."""

    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Diff:
    """Steps in order: remove runs (from the end), reorder, insert runs (from the start)."""

    removals: list[Run] = field(default_factory=list)
    is_reordered: bool = False
    insertions: list[Run] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        """Say whether both orders are the same."""
        return not (self.removals or self.is_reordered or self.insertions)


def diff(old: Sequence[Hashable], new: Sequence[Hashable]) -> Diff | None:
    """Compare two orders of unique ids; None when they differ too much for single steps."""
    head = _common_head(old, new)
    tail = _common_tail(old, new, head)
    old_mid = old[head : len(old) - tail]
    new_mid = new[head : len(new) - tail]
    if len(old_mid) > LARGEST_DIFF or len(new_mid) > LARGEST_DIFF:
        return None
    kept_in_new, kept_in_old = set(new_mid), set(old_mid)
    gone = [head + at for at, key in enumerate(old_mid) if key not in kept_in_new]
    come = [head + at for at, key in enumerate(new_mid) if key not in kept_in_old]
    stay_old = [key for key in old_mid if key in kept_in_new]
    stay_new = [key for key in new_mid if key in kept_in_old]
    is_reordered = stay_old != stay_new
    if is_reordered and len(new) > LARGEST_REORDER:
        return None
    return Diff(list(reversed(_runs(gone))), is_reordered, _runs(come))


def _runs(places: list[int]) -> list[Run]:
    runs: list[Run] = []
    for place in places:
        if runs and runs[-1].last == place - 1:
            runs[-1] = Run(runs[-1].first, place)
        else:
            runs.append(Run(place, place))
    return runs


def _common_head(old: Sequence[Hashable], new: Sequence[Hashable]) -> int:
    shorter = min(len(old), len(new))
    at = 0
    while at < shorter and old[at : at + _CHUNK] == new[at : at + _CHUNK]:
        at += _CHUNK
    if at >= shorter:
        return shorter
    while at < shorter and old[at] == new[at]:
        at += 1
    return at


def _common_tail(old: Sequence[Hashable], new: Sequence[Hashable], head: int) -> int:
    most = min(len(old), len(new)) - head
    at = 0
    while at + _CHUNK <= most and (
        old[len(old) - at - _CHUNK : len(old) - at] == new[len(new) - at - _CHUNK : len(new) - at]
    ):
        at += _CHUNK
    while at < most and old[len(old) - 1 - at] == new[len(new) - 1 - at]:
        at += 1
    return at
