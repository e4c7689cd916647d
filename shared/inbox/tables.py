"""Rows of the inbox: one case per rejection or oddity."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from shared.inbox.commands import Resolution
from shared.kernel.ids import CaseId, CommandId, DeviceId, LocationId, UserId
from shared.storage.base import Index, Row, define


class CaseState(StrEnum):
    """Whether somebody still has to look at a case."""

    OPEN = "open"
    SETTLED = "settled"


@dataclass(frozen=True, slots=True)
class CaseRow(Row):
    """One rejection or oddity; `code` and `params` give its text in every language."""

    case_id: CaseId
    code: str
    field: str | None
    params: Mapping[str, str | int]
    command_id: CommandId
    command_name: str
    is_fact: bool
    device_id: DeviceId | None
    location_id: LocationId | None
    actor_id: UserId | None
    opened_at: datetime
    state: CaseState
    owner_id: UserId | None
    resolution: Resolution | None
    settled_at: datetime | None
    settled_by: UserId | None
    note: str


CASE = define(
    CaseRow,
    "inbox_case",
    key=("case_id",),
    scope=lambda _row: "tenant",
    indexes=(Index(("state", "opened_at")), Index(("command_id",))),
)
