"""Scan to verify: what a scanned or typed code means for the parcel at hand; pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from shared.fulfillment.queries import PickRow
from shared.kernel.ids import OrderLineId

COMMAND_PREFIX = "PC:"
_QUANTITY = re.compile(r"^\s*(\d{1,4})\s*\*\s*(.*)$")


class Step(StrEnum):
    """What is done with the goods now."""

    PICK = "pick"
    PACK = "pack"


class Finding(StrEnum):
    """What came out of a scan."""

    ACCEPTED = "accepted"
    WRONG = "wrong"
    """Not in this parcel."""
    COMPLETE = "complete"
    """Of this parcel, but there is nothing left to do with it."""
    TOO_MANY = "too_many"
    """More units than are left."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a code means; `qty` units of `line` are to be counted when it is accepted."""

    finding: Finding
    code: str
    qty: int
    left_qty: int
    line: PickRow | None


def left_of(line: PickRow, step: Step) -> int:
    """How many units of a line are still to be picked or packed."""
    if step is Step.PICK:
        return line.qty - line.picked_qty - line.short_qty
    return line.picked_qty - line.packed_qty


def split_quantity(text: str) -> tuple[int, str]:
    """Read "5*CODE" as five of a code; a code alone stands for one."""
    found = _QUANTITY.match(text)
    if found is None:
        return 1, text.strip()
    return int(found.group(1)), found.group(2).strip()


def verify(
    lines: Sequence[PickRow], code: str, *, qty: int, step: Step, prefers: OrderLineId | None
) -> Verdict:
    """Judge a code against the lines; of two lines with one code, the preferred or open one."""
    hits = [line for line in lines if _is_code_of(line, code)]
    if not hits:
        return Verdict(Finding.WRONG, code, qty, 0, None)
    hits.sort(key=lambda line: (left_of(line, step) == 0, line.order_line_id != prefers))
    line = hits[0]
    left = left_of(line, step)
    if left == 0:
        return Verdict(Finding.COMPLETE, code, qty, 0, line)
    if qty > left or qty < 1:
        return Verdict(Finding.TOO_MANY, code, qty, left, line)
    return Verdict(Finding.ACCEPTED, code, qty, left, line)


def _is_code_of(line: PickRow, code: str) -> bool:
    wanted = code.casefold()
    if (line.sku or "").casefold() == wanted:
        return True
    bare = code.lstrip("0")
    return any(known == code or (bare and known.lstrip("0") == bare) for known in line.codes)
