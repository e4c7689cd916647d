"""Read models of fulfillment."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from shared.catalog.tables import BARCODE, PRODUCT, VARIANT
from shared.fulfillment.commands import FulfillmentState, ShortReason
from shared.fulfillment.tables import FULFILLMENT, FULFILLMENT_LINE, FulfillmentRow
from shared.kernel.ids import FulfillmentId, OrderId, OrderLineId, UserId, VariantId
from shared.orders.tables import ORDER, ORDER_LINE, OrderRow
from shared.organization.tables import USER, UserRow
from shared.storage.reader import Reader

WAITING = (
    FulfillmentState.OPEN,
    FulfillmentState.PICKING,
    FulfillmentState.PICKED,
    FulfillmentState.PACKED,
)


@dataclass(frozen=True, slots=True)
class QueueRow:
    """A delivery in a station's queue; of what is weighed, a line counts as one unit."""

    fulfillment_id: FulfillmentId
    order_id: OrderId
    order_number: str
    customer_name: str
    state: FulfillmentState
    is_short: bool
    created_at: datetime
    picker_id: UserId | None
    picker_name: str
    line_count: int
    unit_qty: int
    picked_qty: int
    packed_qty: int
    short_qty: int


_QUEUED = (
    FULFILLMENT.c.fulfillment_id,
    FULFILLMENT.c.order_id,
    ORDER.c.order_number,
    ORDER.c.customer_name,
    FULFILLMENT.c.state,
    FULFILLMENT.c.is_short,
    FULFILLMENT.c.created_at,
    FULFILLMENT.c.picker_id,
)


def _units(qty: sa.ColumnElement[int], is_done: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
    """The units of all lines: as counted, or one for a weighed line that is done."""
    weighed = sa.case((is_done, 1), else_=0)
    return sa.func.sum(sa.case((ORDER_LINE.c.qty_exponent == 0, qty), else_=weighed))


_LINE = FULFILLMENT_LINE.c
_TOTALS = (
    sa.func.count(_LINE.order_line_id),
    _units(_LINE.qty, _LINE.qty > 0),
    _units(
        _LINE.picked_qty,
        sa.and_(_LINE.picked_qty > 0, _LINE.picked_qty + _LINE.short_qty == _LINE.qty),
    ),
    _units(
        _LINE.packed_qty,
        sa.and_(_LINE.packed_qty > 0, _LINE.packed_qty == _LINE.picked_qty),
    ),
    _units(_LINE.short_qty, _LINE.short_qty == _LINE.qty),
)


def queue(
    reader: Reader,
    location_id: str,
    *,
    states: tuple[FulfillmentState, ...] = WAITING,
    limit: int = 500,
) -> tuple[QueueRow, ...]:
    """The deliveries of a location in the given states, oldest first."""
    statement = (
        sa.select(*_QUEUED, sa.func.coalesce(USER.c.name, ""), *_TOTALS)
        .outerjoin(USER.table, USER.c.user_id == FULFILLMENT.c.picker_id)
        .join(ORDER.table, ORDER.c.order_id == FULFILLMENT.c.order_id)
        .join(
            FULFILLMENT_LINE.table,
            FULFILLMENT_LINE.c.fulfillment_id == FULFILLMENT.c.fulfillment_id,
        )
        .join(ORDER_LINE.table, ORDER_LINE.c.order_line_id == FULFILLMENT_LINE.c.order_line_id)
        .where(FULFILLMENT.c.location_id == location_id, FULFILLMENT.c.state.in_(states))
        .group_by(*_QUEUED, USER.c.name)
        .order_by(FULFILLMENT.c.created_at, FULFILLMENT.c.fulfillment_id)
        .limit(limit)
    )
    return tuple(QueueRow(*row[:9], *map(int, row[9:])) for row in reader.rows(statement))


@dataclass(frozen=True, slots=True)
class LineCode:
    """A barcode of a line; the one on a case stands for `unit_qty` units."""

    code: str
    unit_qty: int


@dataclass(frozen=True, slots=True)
class PickRow:
    """One line to pick and pack, with the codes that verify it.

    Quantities are minor units of `unit_code`, that is 10**-`qty_exponent` of it.
    """

    order_line_id: OrderLineId
    variant_id: VariantId
    title: str
    sku: str | None
    codes: tuple[LineCode, ...]
    qty: int
    picked_qty: int
    short_qty: int
    short_reason: ShortReason | None
    packed_qty: int
    qty_exponent: int = 0
    unit_code: str = "piece"

    @property
    def is_weighed(self) -> bool:
        """Whether it is measured out: parts of a unit may be picked."""
        return self.qty_exponent > 0


@dataclass(frozen=True, slots=True)
class Delivery:
    """All about one delivery: the document, its order, its lines and who picks it."""

    fulfillment: FulfillmentRow
    order: OrderRow
    lines: tuple[PickRow, ...]
    picker_name: str


def delivery(reader: Reader, fulfillment_id: str) -> Delivery:
    """One delivery. Raises Rejected("fulfillment_not_found")."""
    row = reader.require(FulfillmentRow, fulfillment_id)
    order = reader.require(OrderRow, row.order_id)
    statement = (
        sa.select(
            FULFILLMENT_LINE.c.order_line_id,
            FULFILLMENT_LINE.c.variant_id,
            ORDER_LINE.c.title,
            ORDER_LINE.c.sku,
            FULFILLMENT_LINE.c.qty,
            FULFILLMENT_LINE.c.picked_qty,
            FULFILLMENT_LINE.c.short_qty,
            FULFILLMENT_LINE.c.short_reason,
            FULFILLMENT_LINE.c.packed_qty,
            ORDER_LINE.c.qty_exponent,
            VARIANT.c.unit_code,
        )
        .join(ORDER_LINE.table, ORDER_LINE.c.order_line_id == FULFILLMENT_LINE.c.order_line_id)
        .join(VARIANT.table, VARIANT.c.variant_id == FULFILLMENT_LINE.c.variant_id)
        .where(FULFILLMENT_LINE.c.fulfillment_id == fulfillment_id)
        .order_by(ORDER_LINE.c.position)
    )
    found = reader.rows(statement)
    codes = _codes_of(reader, [line[1] for line in found])
    lines = tuple(
        PickRow(line[0], line[1], line[2], line[3], codes.get(line[1], ()), *line[4:])
        for line in found
    )
    picker = None if row.picker_id is None else reader.get(UserRow, row.picker_id)
    return Delivery(row, order, lines, "" if picker is None else picker.name)


def _codes_of(reader: Reader, variant_ids: list[str]) -> dict[str, tuple[LineCode, ...]]:
    """The barcodes of variants, those of single units first."""
    found: dict[str, list[LineCode]] = {}
    for code, variant_id, unit_qty in reader.rows(
        sa.select(BARCODE.c.code, BARCODE.c.variant_id, BARCODE.c.unit_qty)
        .where(BARCODE.c.variant_id.in_(variant_ids))
        .order_by(BARCODE.c.unit_qty, BARCODE.c.code)
    ):
        found.setdefault(variant_id, []).append(LineCode(code, unit_qty))
    return {variant_id: tuple(codes) for variant_id, codes in found.items()}


def goods_title(reader: Reader, code: str) -> str | None:
    """What a barcode or an SKU stands for, on sale or not; None when it is no goods' code."""
    wanted = code.strip()
    bare = wanted.lstrip("0")
    codes = {wanted, bare, bare.zfill(12), bare.zfill(13), bare.zfill(14)} - {""}
    named = sa.select(PRODUCT.c.title).join(
        VARIANT.table, VARIANT.c.product_id == PRODUCT.c.product_id
    )
    by_barcode = named.join(BARCODE.table, BARCODE.c.variant_id == VARIANT.c.variant_id).where(
        BARCODE.c.code.in_(sorted(codes))
    )
    for statement in (by_barcode, named.where(VARIANT.c.sku == wanted)):
        found = reader.rows(statement.limit(1))
        if found:
            title: str = found[0][0]
            return title
    return None


def order_with_label(reader: Reader, tracking_number: str, *, besides: FulfillmentId) -> str | None:
    """The number of another order whose parcel went out under a tracking number."""
    found = reader.rows(
        sa.select(ORDER.c.order_number)
        .join(FULFILLMENT.table, FULFILLMENT.c.order_id == ORDER.c.order_id)
        .where(
            FULFILLMENT.c.state == FulfillmentState.SHIPPED,
            FULFILLMENT.c.fulfillment_id != besides,
            *_tracked(tracking_number),
        )
        .limit(1)
    )
    return found[0][0] if found else None


@dataclass(frozen=True, slots=True)
class TrackedRow:
    """A parcel that went out under a tracking number."""

    fulfillment_id: FulfillmentId
    order_id: OrderId
    order_number: str
    customer_name: str
    carrier: str
    shipped_at: datetime | None


def by_tracking_number(reader: Reader, tracking_number: str) -> tuple[TrackedRow, ...]:
    """The parcels under a tracking number, the latest first; blanks in it do not matter."""
    statement = (
        sa.select(
            FULFILLMENT.c.fulfillment_id,
            FULFILLMENT.c.order_id,
            ORDER.c.order_number,
            ORDER.c.customer_name,
            FULFILLMENT.c.carrier,
            FULFILLMENT.c.shipped_at,
        )
        .join(ORDER.table, ORDER.c.order_id == FULFILLMENT.c.order_id)
        .where(*_tracked("".join(tracking_number.split())))
        .order_by(FULFILLMENT.c.shipped_at.desc(), FULFILLMENT.c.fulfillment_id)
    )
    return tuple(TrackedRow(*row) for row in reader.rows(statement))


def _tracked(tracking_number: str) -> tuple[sa.ColumnElement[bool], ...]:
    """The condition in the words of the index: one that leaves out parcels without a number."""
    column = FULFILLMENT.c.tracking_number
    return column == tracking_number, column != sa.literal_column("''")


def fulfillments_of(reader: Reader, order_id: str) -> tuple[FulfillmentRow, ...]:
    """The deliveries of an order, oldest first."""
    return tuple(
        reader.find(
            FulfillmentRow,
            FULFILLMENT.c.order_id == order_id,
            order_by=(FULFILLMENT.c.created_at, FULFILLMENT.c.fulfillment_id),
        )
    )
