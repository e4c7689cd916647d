"""Quantities of a parcel in words: pieces are counted, weighed goods keep their unit."""

from desktop.ui.i18n import format_qty, tr
from desktop.workspaces.fulfillment.verify import Step
from shared.fulfillment.queries import PickRow


def qty_words(line: PickRow, qty: int, *, has_unit: bool = True) -> str:
    """A quantity of a line (minor units of measure), with the unit where it is not pieces."""
    unit = line.unit_code if has_unit and line.is_weighed else ""
    return format_qty(qty, line.qty_exponent, unit)


def done_words(line: PickRow, done: int, whole: int) -> str:
    """How much of a line is done, for example "1 of 3" or "0.5 of 1.25 kg"."""
    return tr(
        "fulfillment.done_of",
        done=qty_words(line, done, has_unit=False),
        whole=qty_words(line, whole),
    )


def whole_qty(line: PickRow, step: Step) -> int:
    """How much of a line there is to do at a step; minor units of measure."""
    return line.qty - line.short_qty if step is Step.PICK else line.picked_qty


def done_qty(line: PickRow, step: Step) -> int:
    """How much of a line is done at a step; minor units of measure."""
    return line.picked_qty if step is Step.PICK else line.packed_qty


def units_of(line: PickRow, qty: int, *, of: int) -> int:
    """Units to be added up over lines: pieces as they are, a weighed line is one once complete."""
    if not line.is_weighed:
        return qty
    return 1 if qty and qty == of else 0
