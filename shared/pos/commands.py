"""What happens at a till; all of it is fact."""

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from shared.kernel.card_numbers import without_card_number
from shared.kernel.ids import (
    CustomerId,
    OrderId,
    OrderLineId,
    ReceiptId,
    ShiftId,
    UserId,
    VariantId,
)
from shared.kernel.messages import Command, Nature
from shared.kernel.permissions import Permission
from shared.payments.commands import TenderKind
from shared.pricing.engine import LineDiscount, OrderDiscount

RECEIPT_SERIES = "receipt"
Z_SERIES = "z"


class CashMovementKind(StrEnum):
    """Cash that moves without a sale."""

    PAID_IN = "paid_in"
    PAID_OUT = "paid_out"
    DROP = "drop"
    NO_SALE = "no_sale"


class ReceiptKind(StrEnum):
    """What a receipt proves."""

    SALE = "sale"
    REFUND = "refund"


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenShift(Command):
    """A cashier opens the drawer with its float (minor units)."""

    NAME: ClassVar[str] = "open_shift"
    NATURE: ClassVar[Nature] = Nature.FACT
    PERMISSION: ClassVar[Permission] = Permission.SHIFT

    shift_id: ShiftId
    opening_float_amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SaleLine:
    """One line as sold: price and tax are those of the till at that moment.

    `unit_price_amount` differs from `list_price_amount` only where a person overrode it, with
    `override_reason`. A line without variant is an open one, sold by its title.
    """

    order_line_id: OrderLineId
    variant_id: VariantId | None
    title: str
    sku: str | None
    qty: int
    qty_exponent: int
    unit_price_amount: int
    list_price_amount: int
    tax_code: str | None
    tax_rate_ppm: int
    discounts: tuple[LineDiscount, ...] = ()
    override_reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tender:
    """Money given: `amount` pays for the sale, `given_amount` is what changed hands in cash."""

    kind: TenderKind
    amount: int
    given_amount: int = 0
    reference: str = ""

    def __post_init__(self) -> None:
        """Mask a card number that was typed as reference, before it is journaled."""
        object.__setattr__(self, "reference", without_card_number(self.reference))


@dataclass(frozen=True, slots=True, kw_only=True)
class CompleteSale(Command):
    """A sale was paid in full and the goods were handed over.

    `total_amount` is what the till showed; `cash_rounding_amount` what rounding to coins added.
    The tenders pay exactly both together; a rest that rounds to nothing needs none.
    `approver_id` is who allowed the discounts and prices that the cashier may not give alone.
    """

    NAME: ClassVar[str] = "complete_sale"
    NATURE: ClassVar[Nature] = Nature.FACT
    PERMISSION: ClassVar[Permission] = Permission.SELL
    SERIES: ClassVar[tuple[str, ...]] = (RECEIPT_SERIES,)

    order_id: OrderId
    receipt_id: ReceiptId
    shift_id: ShiftId
    lines: tuple[SaleLine, ...]
    tenders: tuple[Tender, ...]
    total_amount: int
    cash_rounding_amount: int = 0
    order_discounts: tuple[OrderDiscount, ...] = ()
    customer_id: CustomerId | None = None
    note: str = ""
    approver_id: UserId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundLine:
    """Units of a sold line that came back; restocked ones go on hand again."""

    order_line_id: OrderLineId
    qty: int
    is_restocked: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundSale(Command):
    """Goods came back with their receipt, and the money for them was given back.

    `approver_id` is who allowed it, where the cashier may not give money back alone.
    """

    NAME: ClassVar[str] = "refund_sale"
    NATURE: ClassVar[Nature] = Nature.FACT
    PERMISSION: ClassVar[Permission] = Permission.SELL
    SERIES: ClassVar[tuple[str, ...]] = (RECEIPT_SERIES,)

    order_id: OrderId
    receipt_id: ReceiptId
    shift_id: ShiftId
    lines: tuple[RefundLine, ...]
    tender: TenderKind
    refund_amount: int
    reason: str
    reference: str = ""
    approver_id: UserId | None = None

    def __post_init__(self) -> None:
        """Mask a card number that was typed as reference, before it is journaled."""
        object.__setattr__(self, "reference", without_card_number(self.reference))


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveCash(Command):
    """Cash was put into or taken out of the drawer, or the drawer was opened without a sale."""

    NAME: ClassVar[str] = "move_cash"
    NATURE: ClassVar[Nature] = Nature.FACT
    PERMISSION: ClassVar[Permission] = Permission.SHIFT

    shift_id: ShiftId
    kind: CashMovementKind
    amount: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseShift(Command):
    """The drawer was counted without seeing what should be in it, and the shift closed."""

    NAME: ClassVar[str] = "close_shift"
    NATURE: ClassVar[Nature] = Nature.FACT
    PERMISSION: ClassVar[Permission] = Permission.SHIFT
    SERIES: ClassVar[tuple[str, ...]] = (Z_SERIES,)

    shift_id: ShiftId
    counted_amount: int
    note: str = ""
