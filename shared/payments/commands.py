"""What may be asked of payments, and the words of the payment ledger."""

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from shared.kernel.card_numbers import without_card_number
from shared.kernel.ids import OrderId
from shared.kernel.messages import Command, Nature
from shared.kernel.permissions import Permission


class TenderKind(StrEnum):
    """The means by which money is given."""

    CASH = "cash"
    CARD_EXTERNAL = "card_external"
    """A card terminal of its own; its reference is typed in."""
    BANK = "bank"


class PaymentKind(StrEnum):
    """Which way money went."""

    CAPTURE = "capture"
    REFUND = "refund"


@dataclass(frozen=True, slots=True, kw_only=True)
class TakePayment(Command):
    """Money came in for an order outside a till (minor units of the order's currency)."""

    NAME: ClassVar[str] = "take_payment"
    NATURE: ClassVar[Nature] = Nature.FACT
    PERMISSION: ClassVar[Permission] = Permission.ORDER_EDIT

    order_id: OrderId
    tender: TenderKind
    amount: int
    reference: str

    def __post_init__(self) -> None:
        """Mask a card number that was typed as reference, before it is journaled."""
        object.__setattr__(self, "reference", without_card_number(self.reference))


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundPayment(Command):
    """Give money of an order back outside a till; never more than was captured."""

    NAME: ClassVar[str] = "refund_payment"
    PERMISSION: ClassVar[Permission] = Permission.ORDER_EDIT

    order_id: OrderId
    tender: TenderKind
    amount: int
    reference: str
    reason: str

    def __post_init__(self) -> None:
        """Mask a card number that was typed as reference, before it is journaled."""
        object.__setattr__(self, "reference", without_card_number(self.reference))
