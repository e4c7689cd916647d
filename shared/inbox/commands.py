"""What may be asked of the inbox."""

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from shared.kernel.ids import CaseId, UserId
from shared.kernel.messages import Command
from shared.kernel.permissions import Permission


class Resolution(StrEnum):
    """How a person settled a case."""

    ACCEPTED = "accepted"
    """It stands as it is."""
    REVERSED = "reversed"
    """A counter-entry undid it."""
    RESENT = "resent"
    """The command was edited or retried as a new one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AssignCase(Command):
    """Make a person responsible for a case, or nobody."""

    NAME: ClassVar[str] = "assign_case"
    PERMISSION: ClassVar[Permission] = Permission.INBOX

    case_id: CaseId
    owner_id: UserId | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SettleCase(Command):
    """Close a case, saying how and why."""

    NAME: ClassVar[str] = "settle_case"
    PERMISSION: ClassVar[Permission] = Permission.INBOX

    case_id: CaseId
    resolution: Resolution
    note: str = ""
