"""What a case says, in the language of whoever reads it."""

from collections.abc import Mapping

from desktop.ui import i18n
from desktop.ui.columns import Badge
from desktop.ui.tokens import Tone
from shared.inbox.commands import Resolution
from shared.inbox.tables import CaseRow

KIND_BADGES = {
    "fact": Badge("case.fact", Tone.WARN, "flag"),
    "request": Badge("case.request", Tone.DANGER, "circle-x"),
}
RESOLUTION_BADGES = {
    Resolution.ACCEPTED: Badge("case.accepted", Tone.OK, "check"),
    Resolution.REVERSED: Badge("case.reversed", Tone.NEUTRAL, "undo-2"),
    Resolution.RESENT: Badge("case.resent", Tone.NEUTRAL, "send"),
}


def case_text(case: CaseRow) -> str:
    """What is odd, in one sentence."""
    return i18n.tr(f"error.{case.code}", **_worded(case.params))


def cure_text(case: CaseRow) -> str:
    """What can be done, or nothing."""
    key = f"error.{case.code}.cure"
    return i18n.tr(key, **_worded(case.params)) if i18n.has_text(key) else ""


def floor_text(case: CaseRow, workspace: str) -> str:
    """What it means for whoever works at a till or station, and what to do; else the usual cure."""
    key = f"case.{workspace}.{case.code}"
    return i18n.tr(key, **_worded(case.params)) if i18n.has_text(key) else cure_text(case)


def stands_text(case: CaseRow) -> str:
    """Whether it is in the books."""
    return i18n.tr("case.fact.text" if case.is_fact else "case.request.text")


def command_text(name: str) -> str:
    """What somebody wanted to do, in words."""
    key = f"case.command.{name}"
    return i18n.tr(key) if i18n.has_text(key) else name


def _worded(params: Mapping[str, str | int]) -> dict[str, str | int]:
    """Parameters that are words of the program, such as a reason, in the person's language."""
    return {
        name: i18n.tr(f"case.word.{value}") if i18n.has_text(f"case.word.{value}") else value
        for name, value in params.items()
    }
