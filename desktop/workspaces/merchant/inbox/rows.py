"""Rows and columns of the inbox."""

from dataclasses import dataclass
from datetime import datetime

from desktop.ui.columns import Column, Kind, fixed, stretch
from desktop.workspaces.cases.words import KIND_BADGES, RESOLUTION_BADGES
from shared.inbox.tables import CaseRow


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
    title_key="case",
    width=stretch(3, 24),
    strong=True,
    detail="command",
)
OPEN_COLUMNS = (
    Column(
        key="kind",
        title_key="case.kind",
        kind=Kind.BADGE,
        badges=KIND_BADGES,
        width=fixed(11),
    ),
    _TEXT,
    Column(key="owner", title_key="case.owner", width=fixed(10), muted=True, yields=2),
    Column(key="age", title_key="case.age", width=fixed(12), muted=True, yields=1),
)
SETTLED_COLUMNS = (
    Column(
        key="resolution",
        title_key="case.resolution",
        kind=Kind.BADGE,
        badges={key.value: badge for key, badge in RESOLUTION_BADGES.items()},
        width=fixed(14),
    ),
    _TEXT,
    Column(key="owner", title_key="case.settled_by", width=fixed(12), muted=True, yields=2),
    Column(key="age", title_key="case.age", width=fixed(12), muted=True, yields=1),
)
