"""Rows and columns of the inbox."""

from dataclasses import dataclass
from datetime import datetime

from desktop.ui.columns import Badge, Column, Kind, fixed, stretch
from desktop.ui.tokens import Tone
from shared.inbox.commands import Resolution
from shared.inbox.tables import CaseRow

KIND_BADGES = {
    "fact": Badge("merchant.case.fact", Tone.WARN, "flag"),
    "request": Badge("merchant.case.request", Tone.DANGER, "circle-x"),
}
RESOLUTION_BADGES = {
    Resolution.ACCEPTED: Badge("merchant.case.accepted", Tone.OK, "check"),
    Resolution.REVERSED: Badge("merchant.case.reversed", Tone.NEUTRAL, "undo-2"),
    Resolution.RESENT: Badge("merchant.case.resent", Tone.NEUTRAL, "send"),
}


@dataclass(frozen=True, slots=True)
class ListedCase:
    """A case in the list; texts are written for people."""

    id: str
    kind: str
    text: str
    command: str
    age: str
    owner: str
    opened_at: datetime
    resolution: str
    case: CaseRow


_TEXT = Column(
    key="text",
    title_key="merchant.case",
    width=stretch(3, 24),
    strong=True,
    detail="command",
)
OPEN_COLUMNS = (
    Column(
        key="kind",
        title_key="merchant.case.kind",
        kind=Kind.BADGE,
        badges=KIND_BADGES,
        width=fixed(11),
    ),
    _TEXT,
    Column(key="owner", title_key="merchant.case.owner", width=fixed(10), muted=True, yields=2),
    Column(key="age", title_key="merchant.case.age", width=fixed(12), muted=True, yields=1),
)
SETTLED_COLUMNS = (
    Column(
        key="resolution",
        title_key="merchant.case.resolution",
        kind=Kind.BADGE,
        badges={key.value: badge for key, badge in RESOLUTION_BADGES.items()},
        width=fixed(14),
    ),
    _TEXT,
    Column(
        key="owner", title_key="merchant.case.settled_by", width=fixed(12), muted=True, yields=2
    ),
    Column(key="age", title_key="merchant.case.age", width=fixed(12), muted=True, yields=1),
)
