"""Rows and columns of the cases at a till or station."""

from dataclasses import dataclass

from desktop.ui.columns import Column, Kind, fixed, stretch
from desktop.workspaces.cases.words import KIND_BADGES
from shared.inbox.tables import CaseRow


@dataclass(frozen=True, slots=True)
class FloorCase:
    """A case in the list; texts are written for people."""

    id: str
    kind: str
    text: str
    command: str
    age: str
    owner: str
    device: str
    case: CaseRow


COLUMNS = (
    Column(key="text", title_key="case", width=stretch(3, 30), strong=True, detail="command"),
    Column(
        key="kind",
        title_key="case.kind",
        kind=Kind.BADGE,
        badges=KIND_BADGES,
        width=fixed(12),
        yields=2,
    ),
    Column(key="owner", title_key="case.owner", width=fixed(11), muted=True, yields=3),
    Column(key="age", title_key="case.age", width=fixed(14), muted=True, yields=1),
)
