"""The chip of the status strip that counts cases."""

from desktop.ui import i18n
from desktop.ui.status_strip import Chip, Severity

CASES = "cases"
"""The id of the chip."""


def cases_chip(count: int, keys: str) -> Chip:
    """How many cases wait here; `keys` open them."""
    tip = i18n.tr("case.chip.tip", keys=keys)
    if not count:
        return Chip(CASES, "inbox", i18n.tr("case.chip.none"), tip=tip)
    figure = i18n.format_number(count)
    return Chip(CASES, "inbox", i18n.tr("case.chip"), Severity.DEGRADED, count=figure, tip=tip)
