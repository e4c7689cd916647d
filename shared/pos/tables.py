"""Rows of the till: shift, cash movement, receipt."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from shared.kernel.ids import (
    EntryId,
    LocationId,
    OrderId,
    ReceiptId,
    RegisterId,
    ShiftId,
    UserId,
)
from shared.pos.commands import CashMovementKind, ReceiptKind
from shared.pos.model import ReceiptDocument, ZReport
from shared.storage.base import Index, Reference, Row, define


class ShiftState(StrEnum):
    """Whether the drawer is in use."""

    OPEN = "open"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True, kw_only=True)
class ShiftRow(Row):
    """From opening to closing one drawer; `z_report` is frozen at closing."""

    shift_id: ShiftId
    register_id: RegisterId
    location_id: LocationId
    state: ShiftState
    opened_at: datetime
    opened_by: UserId | None
    opening_float_amount: int
    closed_at: datetime | None
    closed_by: UserId | None
    z_report: ZReport | None
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CashMovementRow(Row):
    """Cash that moved without a sale; never changed. `amount` in minor units, positive or zero."""

    cash_movement_id: EntryId
    shift_id: ShiftId
    location_id: LocationId
    kind: CashMovementKind
    amount: int
    reason: str
    user_id: UserId | None
    moved_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptRow(Row):
    """One receipt as printed, linked to the one before by hash; never changed."""

    receipt_id: ReceiptId
    register_id: RegisterId
    location_id: LocationId
    shift_id: ShiftId
    order_id: OrderId
    kind: ReceiptKind
    receipt_no: int
    number: str
    issued_at: datetime
    total_amount: int
    document: ReceiptDocument
    prev_hash: str
    own_hash: str


def _scope(row: ShiftRow | CashMovementRow | ReceiptRow) -> str:
    return f"location:{row.location_id}"


SHIFT = define(
    ShiftRow,
    "shift",
    key=("shift_id",),
    scope=_scope,
    references=(
        Reference(("register_id",), "register"),
        Reference(("location_id",), "stock_location"),
    ),
    indexes=(Index(("register_id", "opened_at")),),
)
CASH_MOVEMENT = define(
    CashMovementRow,
    "cash_movement",
    key=("cash_movement_id",),
    scope=_scope,
    references=(Reference(("shift_id",), "shift"),),
    indexes=(Index(("shift_id",)),),
    checks={"cash_movement_not_negative": "amount >= 0"},
    is_append_only=True,
)
RECEIPT = define(
    ReceiptRow,
    "receipt",
    key=("receipt_id",),
    scope=_scope,
    references=(
        Reference(("register_id",), "register"),
        Reference(("shift_id",), "shift"),
        Reference(("order_id",), "sales_order"),
    ),
    indexes=(
        Index(("register_id", "receipt_no"), is_unique=True),
        Index(("number",)),
        Index(("shift_id",)),
        Index(("order_id",)),
    ),
    is_append_only=True,
)
