"""What a shop looks like today: read models over orders, deliveries, stock and the inbox."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from shared.catalog.commands import ProductStatus
from shared.catalog.tables import PRODUCT, VARIANT
from shared.fulfillment.queries import WAITING
from shared.fulfillment.tables import FULFILLMENT
from shared.inbox.tables import CASE, CaseState
from shared.inventory.tables import STOCK_LEVEL
from shared.kernel.clock import business_day
from shared.kernel.ids import LocationId, OrderLineId, ProductId, VariantId
from shared.orders.commands import Channel, DocState, PlacedLine
from shared.orders.queries import OrderListRow, order_list
from shared.orders.repository import LineSpec, cart_of, goods_spec, shipping_spec
from shared.orders.tables import ORDER
from shared.organization.commands import Workspace
from shared.organization.queries import the_store
from shared.organization.tables import DEVICE, LOCATION, REGISTER, STORE, USER
from shared.payments.commands import PaymentKind
from shared.payments.tables import PAYMENT_ENTRY
from shared.pricing.engine import PricedCart, price_cart
from shared.pricing.tables import TAX_RATE
from shared.storage.reader import Reader

LOW_STOCK_QTY = 3
"""Available units at or below which a variant counts as low."""
DAYS_SHOWN = 14
"""How many business days the small line of sales goes back, today included."""
_LONGEST_DAY = timedelta(hours=38)
"""From the earliest start of a business day anywhere to its latest end, in UTC."""


@dataclass(frozen=True, slots=True)
class ChannelSales:
    """What one channel sold on one business day; amount in minor units of the store's currency."""

    channel: Channel
    order_count: int
    total_amount: int


@dataclass(frozen=True, slots=True)
class SalesToday:
    """Sales of a business day, with the day a week before and the days up to it for comparison.

    Amounts in minor units of `currency`, before refunds; canceled orders are left out.
    `daily_amounts` holds DAYS_SHOWN days, oldest first, `business_on` last.
    """

    business_on: date
    currency: str
    channels: tuple[ChannelSales, ...]
    refunded_amount: int
    daily_amounts: tuple[int, ...]

    @property
    def total_amount(self) -> int:
        """All channels together."""
        return sum(sales.total_amount for sales in self.channels)

    @property
    def order_count(self) -> int:
        """Orders of all channels."""
        return sum(sales.order_count for sales in self.channels)

    @property
    def week_before_amount(self) -> int:
        """The same weekday a week before."""
        return self.daily_amounts[-8]


@dataclass(frozen=True, slots=True)
class Waiting:
    """How much waits for somebody, and since when the oldest of it."""

    count: int
    oldest_at: datetime | None


@dataclass(frozen=True, slots=True)
class LowStock:
    """A variant of which little or nothing is left to promise at one location."""

    variant_id: VariantId
    product_id: ProductId
    location_id: LocationId
    name: str
    sku: str | None
    location_name: str
    available_qty: int


@dataclass(frozen=True, slots=True)
class StockAlerts:
    """How many tracked variants are low or out, and the worst of them."""

    low_count: int
    out_count: int
    worst: tuple[LowStock, ...]


@dataclass(frozen=True, slots=True)
class Setup:
    """Which first steps of a new shop are done."""

    has_store: bool
    has_location: bool
    has_products: bool
    has_tax_rates: bool
    has_staff: bool
    has_till: bool
    has_paired_till: bool
    has_orders: bool

    @property
    def is_done(self) -> bool:
        """Whether the shop can sell at a till."""
        return self.has_products and self.has_tax_rates and self.has_paired_till


def sales_on(reader: Reader, now: datetime) -> SalesToday:
    """Sales of the store's business day at `now`. Raises Rejected("store_missing")."""
    store = the_store(reader)
    today = business_day(now, store.timezone, day_starts_hour=store.day_starts_hour)
    first = today - timedelta(days=DAYS_SHOWN - 1)
    statement = (
        sa.select(
            ORDER.c.business_on,
            ORDER.c.channel,
            sa.func.count(),
            sa.func.sum(ORDER.c.total_amount),
        )
        .where(
            # placed_at is indexed, business_on is what counts.
            ORDER.c.placed_at >= now - timedelta(days=DAYS_SHOWN) - _LONGEST_DAY,
            ORDER.c.business_on >= first,
            ORDER.c.business_on <= today,
            ORDER.c.doc_state.in_((DocState.PLACED, DocState.CLOSED)),
        )
        .group_by(ORDER.c.business_on, ORDER.c.channel)
    )
    daily = dict.fromkeys((first + timedelta(days=day) for day in range(DAYS_SHOWN)), 0)
    channels = []
    for day, channel, count, total in reader.rows(statement):
        daily[day] += int(total)
        if day == today:
            channels.append(ChannelSales(channel, int(count), int(total)))
    order = list(Channel)
    return SalesToday(
        business_on=today,
        currency=store.currency,
        channels=tuple(sorted(channels, key=lambda sales: order.index(sales.channel))),
        refunded_amount=_refunded_on(reader, today, now, day_starts_hour=store.day_starts_hour),
        daily_amounts=tuple(daily.values()),
    )


def _refunded_on(reader: Reader, today: date, now: datetime, *, day_starts_hour: int) -> int:
    zone = the_store(reader).timezone
    statement = sa.select(PAYMENT_ENTRY.c.entered_at, PAYMENT_ENTRY.c.amount).where(
        PAYMENT_ENTRY.c.kind == PaymentKind.REFUND,
        PAYMENT_ENTRY.c.entered_at >= now - _LONGEST_DAY,
    )
    return sum(
        amount
        for entered_at, amount in reader.rows(statement)
        if business_day(entered_at, zone, day_starts_hour=day_starts_hour) == today
    )


def to_ship(reader: Reader) -> Waiting:
    """Deliveries of all locations that have not been shipped."""
    return _waiting(reader, FULFILLMENT.c.created_at, FULFILLMENT.c.state.in_(WAITING))


def to_settle(reader: Reader) -> Waiting:
    """Cases of the inbox that wait for a person."""
    return _waiting(reader, CASE.c.opened_at, CASE.c.state == CaseState.OPEN)


def _waiting(
    reader: Reader, since: sa.ColumnElement[datetime], condition: sa.ColumnElement[bool]
) -> Waiting:
    wanted: list[sa.ColumnElement[Any]] = [sa.func.count(), sa.func.min(since)]
    ((count, oldest),) = reader.rows(sa.select(*wanted).where(condition))
    return Waiting(int(count), oldest)


_LOW = (
    sa.select(
        STOCK_LEVEL.c.variant_id,
        STOCK_LEVEL.c.location_id,
        (STOCK_LEVEL.c.on_hand_qty - STOCK_LEVEL.c.reserved_qty).label("available_qty"),
    )
    .where(STOCK_LEVEL.c.on_hand_qty - STOCK_LEVEL.c.reserved_qty <= LOW_STOCK_QTY)
    .subquery("low")
)
# A look-up per low level: as a join, SQLite starts from all variants, a hundred times as many.
_IS_WATCHED = (
    sa.exists()
    .where(
        VARIANT.c.variant_id == _LOW.c.variant_id,
        VARIANT.c.is_stock_tracked.is_(True),
        VARIANT.c.is_active.is_(True),
        PRODUCT.c.product_id == VARIANT.c.product_id,
        PRODUCT.c.status == ProductStatus.ACTIVE,
    )
    .correlate(_LOW)
)


def stock_alerts(reader: Reader, *, limit: int = 8) -> StockAlerts:
    """Tracked variants of active products with at most LOW_STOCK_QTY left, emptiest first."""
    has_some = sa.case((_LOW.c.available_qty > 0, 1), else_=0)
    statement = (
        sa.select(sa.func.coalesce(sa.func.sum(has_some), 0), sa.func.count())
        .select_from(_LOW)
        .where(_IS_WATCHED)
    )
    ((low, both),) = reader.rows(statement)
    return StockAlerts(int(low), int(both) - int(low), low_stock(reader, limit=limit))


def low_stock(reader: Reader, *, limit: int = 200) -> tuple[LowStock, ...]:
    """The emptiest variants, those that were promised beyond what is there first."""
    emptiest = (
        sa.select(_LOW)
        .where(_IS_WATCHED)
        .order_by(_LOW.c.available_qty, _LOW.c.variant_id)
        .limit(limit)
        .subquery("emptiest")
    )
    statement = (
        sa.select(
            VARIANT.c.variant_id,
            VARIANT.c.product_id,
            emptiest.c.location_id,
            PRODUCT.c.title,
            VARIANT.c.title,
            VARIANT.c.sku,
            LOCATION.c.name,
            emptiest.c.available_qty,
        )
        .select_from(emptiest)
        .join(VARIANT.table, VARIANT.c.variant_id == emptiest.c.variant_id)
        .join(PRODUCT.table, PRODUCT.c.product_id == VARIANT.c.product_id)
        .join(LOCATION.table, LOCATION.c.location_id == emptiest.c.location_id)
        .order_by(emptiest.c.available_qty, PRODUCT.c.title, VARIANT.c.variant_id)
    )
    return tuple(_low_stock(row) for row in reader.rows(statement))


def _low_stock(row: Sequence[Any]) -> LowStock:
    variant_id, product_id, location_id, product_title, title, sku, place, available = row
    name = f"{product_title} – {title}" if title else product_title
    return LowStock(variant_id, product_id, location_id, name, sku, place, int(available))


def latest_orders(reader: Reader, *, limit: int = 16) -> tuple[OrderListRow, ...]:
    """The orders placed last, latest first; imported history is left out."""
    statement = (
        sa.select(ORDER.c.order_id)
        .where(ORDER.c.channel != Channel.IMPORT)
        .order_by(ORDER.c.placed_at.desc(), ORDER.c.order_id.desc())
        .limit(limit)
    )
    return order_list(reader, [row[0] for row in reader.rows(statement)])


def setup(reader: Reader) -> Setup:
    """Which first steps are done; each answer costs one look into an index."""
    paired = DEVICE.c.revoked_at.is_(None) & (DEVICE.c.workspace == Workspace.KIOSK)
    return Setup(
        has_store=_any(reader, STORE.c.store_id),
        has_location=_any(reader, LOCATION.c.location_id),
        has_products=_any(reader, PRODUCT.c.product_id),
        has_tax_rates=_any(reader, TAX_RATE.c.code),
        has_staff=_any(reader, USER.c.user_id, USER.c.pin_hash != ""),
        has_till=_any(reader, REGISTER.c.register_id),
        has_paired_till=_any(reader, DEVICE.c.device_id, paired),
        has_orders=_any(reader, ORDER.c.order_id),
    )


def _any(
    reader: Reader, column: sa.ColumnElement[str], *conditions: sa.ColumnElement[bool]
) -> bool:
    return bool(reader.rows(sa.select(column).where(*conditions).limit(1)))


@dataclass(frozen=True, slots=True)
class QuotedLine:
    """One goods line of a quote; amounts in minor units."""

    order_line_id: str
    unit_price_amount: int
    gross_amount: int
    tax_rate_ppm: int


@dataclass(frozen=True, slots=True)
class Quote:
    """What an order would come to if it were placed now; amounts in minor units of `currency`."""

    currency: str
    is_tax_inclusive: bool
    lines: tuple[QuotedLine, ...]
    priced: PricedCart


def quote(
    reader: Reader,
    lines: Sequence[PlacedLine],
    *,
    shipping_title: str = "",
    shipping_amount: int = 0,
) -> Quote:
    """Price an order as PlaceOrder would, without placing it. Raises what PlaceOrder raises."""
    store = the_store(reader)
    specs: list[LineSpec] = [goods_spec(reader, line) for line in lines]
    if shipping_amount:
        shipping = shipping_spec(
            reader, OrderLineId("shipping"), title=shipping_title, amount=shipping_amount
        )
        specs.append(shipping)
    priced = price_cart(cart_of(store, specs, ()))
    gross = {line.line_id: line.gross_amount for line in priced.lines}
    return Quote(
        store.currency,
        store.is_tax_inclusive,
        tuple(
            QuotedLine(
                spec.order_line_id,
                spec.unit_price_amount,
                gross[spec.order_line_id],
                spec.tax_rate_ppm,
            )
            for spec in specs[: len(lines)]
        ),
        priced,
    )
