"""Rows and columns of the list of imports."""

from dataclasses import dataclass
from datetime import datetime

from desktop.ui.columns import Align, Column, Kind, fixed, stretch
from desktop.workspaces.merchant.words import IMPORT_BADGES


@dataclass(frozen=True, slots=True)
class ListedImport:
    """A run in the list; texts are written for people."""

    id: str
    file_name: str
    kind: str
    state: str
    started_at: datetime
    actor: str
    rows_accepted: int
    rows_refused: int
    total: str


COLUMNS = (
    Column(
        key="file_name",
        title_key="merchant.import.file",
        width=stretch(2, 18),
        strong=True,
        detail="kind",
    ),
    Column(
        key="state",
        title_key="merchant.product.status",
        kind=Kind.BADGE,
        badges=IMPORT_BADGES,
        width=fixed(16),
    ),
    Column(key="started_at", title_key="merchant.import.when", kind=Kind.DATETIME, muted=True),
    Column(key="actor", title_key="case.actor", width=stretch(1, 10), muted=True, yields=2),
    Column(key="rows_accepted", title_key="merchant.import.accepted", kind=Kind.NUMBER, yields=1),
    Column(key="rows_refused", title_key="merchant.import.refused", kind=Kind.NUMBER),
    Column(
        key="total",
        title_key="merchant.import.imported",
        kind=Kind.CODE,
        align=Align.END,
        width=fixed(16),
    ),
)
