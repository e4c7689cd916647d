"""What may be asked of orders, and the words that describe them."""

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from shared.customers.commands import Address
from shared.kernel.ids import CustomerId, ImportId, LocationId, OrderId, OrderLineId, VariantId
from shared.kernel.messages import Command
from shared.kernel.permissions import Permission
from shared.plugins.points.importer import OrderDraft
from shared.pricing.engine import LineDiscount, OrderDiscount


class Channel(StrEnum):
    """Where an order came from."""

    TILL = "till"
    WEB = "web"
    OFFICE = "office"
    IMPORT = "import"


class DocState(StrEnum):
    """The stored state of the document itself; payment and fulfillment have axes of their own."""

    DRAFT = "draft"
    PLACED = "placed"
    CLOSED = "closed"
    CANCELED = "canceled"


class PaymentStatus(StrEnum):
    """What the payment ledger adds up to."""

    NONE = "none"
    PARTIALLY_PAID = "partially_paid"
    PAID = "paid"
    OVERPAID = "overpaid"
    PARTIALLY_REFUNDED = "partially_refunded"
    REFUNDED = "refunded"


class FulfillmentStatus(StrEnum):
    """What the quantity ledger of the lines adds up to."""

    NOT_REQUIRED = "not_required"
    UNFULFILLED = "unfulfilled"
    PARTIALLY_FULFILLED = "partially_fulfilled"
    FULFILLED = "fulfilled"
    CANCELED = "canceled"


class LineKind(StrEnum):
    """What a line stands for."""

    GOODS = "goods"
    SHIPPING = "shipping"
    FEE = "fee"
    DISCOUNT = "discount"
    ADJUSTMENT = "adjustment"


class LineEntryKind(StrEnum):
    """Movements of the quantity ledger of a line."""

    SHIPPED = "shipped"
    """Left the house: handed over at the till or given to a carrier."""
    CANCELED = "canceled"
    RETURNED = "returned"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedLine:
    """One line as ordered; the price is the catalog's."""

    order_line_id: OrderLineId
    variant_id: VariantId
    qty: int
    discounts: tuple[LineDiscount, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceOrder(Command):
    """Agree an order to be shipped from a location; prices come from the catalog.

    `expected_total_amount` is what the buyer saw: another total is refused.
    """

    NAME: ClassVar[str] = "place_order"
    PERMISSION: ClassVar[Permission] = Permission.ORDER_PLACE

    order_id: OrderId
    order_number: str
    channel: Channel
    location_id: LocationId
    lines: tuple[PlacedLine, ...]
    order_discounts: tuple[OrderDiscount, ...] = ()
    shipping_title: str = ""
    shipping_amount: int = 0
    customer_id: CustomerId | None = None
    customer_name: str = ""
    email: str = ""
    ship_to: Address | None = None
    note: str = ""
    expected_total_amount: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelOrder(Command):
    """Call off an order of which nothing has left the house."""

    NAME: ClassVar[str] = "cancel_order"
    PERMISSION: ClassVar[Permission] = Permission.ORDER_EDIT

    order_id: OrderId
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteOrder(Command):
    """Write the staff's note on an order."""

    NAME: ClassVar[str] = "note_order"
    PERMISSION: ClassVar[Permission] = Permission.ORDER_EDIT

    order_id: OrderId
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportOrders(Command):
    """One batch of order history; totals are the file's own, nothing is priced again."""

    NAME: ClassVar[str] = "import_orders"
    PERMISSION: ClassVar[Permission] = Permission.IMPORT

    import_id: ImportId
    orders: tuple[OrderDraft, ...]
