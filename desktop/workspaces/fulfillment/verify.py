"""Scan to verify: what a scanned or typed code means for the parcel at hand; pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from shared.fulfillment.queries import PickRow
from shared.kernel.ids import OrderLineId

COMMAND_PREFIX = "PC:"
_QUANTITY = re.compile(r"^\s*([1-9]\d{0,3})\s*\*\s*(.*)$")


class Word(StrEnum):
    """What a command barcode asks for; its code is `COMMAND_PREFIX` and this."""

    NEXT = "NEXT"
    CONFIRM = "CONFIRM"
    SHORT = "SHORT"
    PRINT = "PRINT"
    BACK = "BACK"

    @property
    def code(self) -> str:
        """What the scanner reads."""
        return f"{COMMAND_PREFIX}{self.value}"


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
    """What a code means; `qty` units of `line` are to be counted when it is accepted.

    `case_qty` is how many units one scan of the code stands for.
    """

    finding: Finding
    code: str
    qty: int
    case_qty: int
    left_qty: int
    line: PickRow | None


def left_of(line: PickRow, step: Step) -> int:
    """How many units of a line are still to be picked or packed."""
    if step is Step.PICK:
        return line.qty - line.picked_qty - line.short_qty
    return line.picked_qty - line.packed_qty


def is_command(code: str) -> bool:
    """Whether a code is meant for the station, not for the goods."""
    return code.strip().upper().startswith(COMMAND_PREFIX)


def command_of(code: str) -> Word | None:
    """What a command barcode asks for; None when the station knows no such command."""
    word = code.strip().upper().removeprefix(COMMAND_PREFIX)
    return next((known for known in Word if known.value == word), None)


def split_quantity(text: str) -> tuple[int, str]:
    """Read "5*CODE" as five of a code; a code alone stands for one."""
    found = _QUANTITY.match(text)
    if found is None:
        return 1, text.strip()
    return int(found.group(1)), found.group(2).strip()


def verify(
    lines: Sequence[PickRow], code: str, *, times: int, step: Step, prefers: OrderLineId | None
) -> Verdict:
    """Judge a code against the lines; of lines with one code, one that takes it all comes first.

    `times` is how often the code counts, for example 2 cases of 12.
    """
    hits = [(line, case_qty) for line in lines if (case_qty := _units_of(line, code))]
    if not hits:
        return Verdict(Finding.WRONG, code, times, 1, 0, None)

    def rank(hit: tuple[PickRow, int]) -> tuple[bool, bool, bool]:
        line, case_qty = hit
        left = left_of(line, step)
        return left == 0, times * case_qty > left, line.order_line_id != prefers

    line, case_qty = min(hits, key=rank)
    qty, left = times * case_qty, left_of(line, step)
    finding = Finding.ACCEPTED
    if left == 0:
        finding = Finding.COMPLETE
    elif qty > left:
        finding = Finding.TOO_MANY
    return Verdict(finding, code, qty, case_qty, left, line)


def is_of_parcel(lines: Sequence[PickRow], code: str) -> bool:
    """Whether a code is one of the goods in a parcel."""
    return any(_units_of(line, code) for line in lines)


def _units_of(line: PickRow, code: str) -> int:
    """How many units of a line a code stands for; 0 when it is not of this line."""
    bare = code.lstrip("0")
    for known in line.codes:
        if known.code == code or (bare and known.code.lstrip("0") == bare):
            return known.unit_qty
    return 1 if line.sku and line.sku.casefold() == code.casefold() else 0
