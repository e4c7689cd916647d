"""Scan to verify: what a scanned or typed code means for the parcel at hand; pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from shared.fulfillment.queries import PickRow
from shared.kernel.ids import OrderLineId

COMMAND_PREFIX = "PC:"
_QUANTITY = re.compile(r"^\s*(\d{1,4}(?:[.,]\d{1,3})?)\s*\*\s*(.*)$")


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
    UNEVEN = "uneven"
    """A part of something that comes in whole units."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a code means; `qty` of `line` is to be counted when it is accepted.

    `qty` and `left_qty` are minor units of the line's unit of measure; `case_qty` is how many whole
    units one scan of the code stands for.
    """

    finding: Finding
    code: str
    qty: int
    case_qty: int
    left_qty: int
    line: PickRow | None


def left_of(line: PickRow, step: Step) -> int:
    """How much of a line is still to be picked or packed; minor units of measure."""
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


def split_quantity(text: str) -> tuple[Decimal | None, str]:
    """Read "5*CODE" as five of a code, "0.75*CODE" as three quarters; None for a code alone."""
    found = _QUANTITY.match(text)
    times = None if found is None else Decimal(found.group(1).replace(",", "."))
    if found is None or not times:
        return None, text.strip()
    return times, found.group(2).strip()


def verify(
    lines: Sequence[PickRow],
    code: str,
    *,
    times: Decimal | None,
    step: Step,
    prefers: OrderLineId | None,
) -> Verdict:
    """Judge a code against the lines; of lines with one code, one that takes it all comes first.

    `times` is how often the code counts, for example 2 cases of 12, or None where nobody said: one
    of what is counted, and all that is left of what is weighed, for the scale counts that.
    """
    hits = [(line, case_qty) for line in lines if (case_qty := _units_of(line, code))]
    if not hits:
        return Verdict(Finding.WRONG, code, 0, 1, 0, None)

    def rank(hit: tuple[PickRow, int]) -> tuple[bool, bool, bool]:
        line, case_qty = hit
        left = left_of(line, step)
        too_many = _meant(line, case_qty, times=times, left=left) > left
        return left == 0, too_many, line.order_line_id != prefers

    line, case_qty = min(hits, key=rank)
    left = left_of(line, step)
    meant = _meant(line, case_qty, times=times, left=left)
    qty = int(meant)
    finding = Finding.ACCEPTED
    if left == 0:
        finding = Finding.COMPLETE
    elif meant != qty:
        finding = Finding.UNEVEN
    elif qty > left:
        finding = Finding.TOO_MANY
    return Verdict(finding, code, qty, case_qty, left, line)


def _meant(line: PickRow, case_qty: int, *, times: Decimal | None, left: int) -> Decimal:
    """How much a scan stands for, in minor units of measure; a fraction where that is none."""
    if times is None and case_qty == 1 and line.is_weighed:
        return Decimal(left)
    return ((times or Decimal(1)) * case_qty).scaleb(line.qty_exponent)


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
