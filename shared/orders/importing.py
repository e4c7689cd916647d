"""How orders of a file become history: the file's own money, nothing priced again."""

import sqlalchemy as sa

from shared.catalog.tables import VARIANT, VariantRow
from shared.customers.tables import CUSTOMER, CustomerRow
from shared.imports.events import ImportUndone
from shared.imports.handlers import running_import
from shared.imports.repository import Recorder
from shared.imports.tables import IMPORTED
from shared.kernel.clock import business_day
from shared.kernel.context import Context
from shared.kernel.errors import Rejected
from shared.kernel.ids import CustomerId, OrderId, OrderLineId
from shared.orders.commands import (
    Channel,
    DocState,
    FulfillmentStatus,
    ImportOrders,
    LineKind,
    PaymentStatus,
)
from shared.orders.repository import the_store
from shared.orders.tables import ORDER, ORDER_LINE, OrderLineRow, OrderRow
from shared.plugins.points.importer import OrderDraft, OrderLineDraft
from shared.storage.types import IdType
from shared.storage.unit_of_work import UnitOfWork


def import_orders(command: ImportOrders, work: UnitOfWork, context: Context) -> None:
    """Add one batch of history. Raises Rejected("order_number_taken") for a number in use."""
    running_import(work, command.import_id)
    numbers = [draft.reference for draft in command.orders]
    taken = work.find(OrderRow, ORDER.c.order_number.in_(numbers), limit=1)
    if taken:
        raise Rejected("order_number_taken", field="number", number=taken[0].order_number)
    batch = _Batch(command, work, context)
    for draft in command.orders:
        batch.add(draft)


class _Batch:
    """One batch on its way into the books; variants and customers are read once."""

    def __init__(self, command: ImportOrders, work: UnitOfWork, context: Context) -> None:
        self._command = command
        self._work = work
        self._context = context
        self._store = the_store(work)
        skus = {line.sku for draft in command.orders for line in draft.lines if line.sku}
        self._variants = {
            variant.sku: variant
            for variant in work.find(VariantRow, VARIANT.c.sku.in_(sorted(skus)))
        }
        self._customers = self._customers_by_code()

    def _customers_by_code(self) -> dict[str, CustomerRow]:
        codes = sorted({draft.customer_code or "" for draft in self._command.orders} - {""})
        known = {
            customer.code or "": customer
            for customer in self._work.find(CustomerRow, CUSTOMER.c.code.in_(codes))
        }
        recorder = Recorder(self._work, self._command.import_id)
        for code in codes:
            if code not in known:
                known[code] = CustomerRow(
                    customer_id=CustomerId(self._context.next_id()),
                    code=code,
                    name=code,
                    email="",
                    phone="",
                    note="",
                    tags=(),
                    accepts_marketing=False,
                    addresses=(),
                    import_id=self._command.import_id,
                    created_at=self._context.business_at,
                )
                recorder.save(known[code])
        return known

    def add(self, draft: OrderDraft) -> None:
        """Write one order with its lines."""
        order = self._order_row(draft)
        self._work.insert(order)
        for position, line in enumerate(draft.lines):
            self._work.insert(self._line_row(order, line, position))

    def _order_row(self, draft: OrderDraft) -> OrderRow:
        total = sum(line.line_amount for line in draft.lines)
        customer = self._customers.get(draft.customer_code or "")
        return OrderRow(
            order_id=OrderId(self._context.next_id()),
            order_number=draft.reference,
            channel=Channel.IMPORT,
            doc_state=DocState.CLOSED,
            payment_status=PaymentStatus.PAID if total >= 0 else PaymentStatus.REFUNDED,
            fulfillment_status=FulfillmentStatus.FULFILLED,
            location_id=None,
            register_id=None,
            shift_id=None,
            user_id=None,
            customer_id=None if customer is None else customer.customer_id,
            customer_name="" if customer is None else customer.name,
            email="",
            ship_to=None,
            currency=draft.currency,
            is_tax_inclusive=True,
            discount_amount=0,
            net_amount=total,
            tax_amount=0,
            total_amount=total,
            cash_rounding_amount=0,
            captured_amount=max(total, 0),
            refunded_amount=0,
            order_discounts=(),
            tax_groups=(),
            note="",
            import_id=self._command.import_id,
            placed_at=draft.placed_at,
            business_on=business_day(draft.placed_at, self._store.timezone),
        )

    def _line_row(self, order: OrderRow, draft: OrderLineDraft, position: int) -> OrderLineRow:
        variant = self._variants.get(draft.sku) if draft.sku else None
        return OrderLineRow(
            order_line_id=OrderLineId(self._context.next_id()),
            order_id=order.order_id,
            location_id=None,
            position=position,
            kind=LineKind(draft.kind),
            variant_id=None if variant is None else variant.variant_id,
            sku=draft.sku,
            title=draft.title,
            qty=draft.qty,
            qty_exponent=0,
            unit_price_amount=draft.unit_price_amount,
            list_price_amount=draft.unit_price_amount,
            discounts=(),
            line_discount_amount=0,
            order_discount_amount=0,
            net_amount=draft.line_amount,
            tax_amount=0,
            gross_amount=draft.line_amount,
            tax_code=None,
            tax_rate_ppm=0,
            shipped_qty=draft.qty,
            canceled_qty=0,
            returned_qty=0,
            refunded_gross_amount=0,
            refunded_tax_amount=0,
        )


def remove_imported_orders(event: ImportUndone, work: UnitOfWork, context: Context) -> None:
    """Take the orders of an import away again.

    Raises Rejected("import_undo_sold") when a product that the import brought has been sold.
    """
    del context
    ours = sa.select(ORDER.c.order_id).where(ORDER.c.import_id == event.import_id)
    for line in work.find(OrderLineRow, ORDER_LINE.c.order_id.in_(ours)):
        work.delete(line)
    for order in work.find(OrderRow, ORDER.c.import_id == event.import_id):
        work.delete(order)
    brought = sa.select(sa.cast(IMPORTED.c.touched_key, IdType())).where(
        IMPORTED.c.import_id == event.import_id,
        IMPORTED.c.touched_table == "variant",
        IMPORTED.c.before.is_(None),
    )
    sold = work.find(OrderLineRow, ORDER_LINE.c.variant_id.in_(brought), limit=1)
    if sold:
        raise Rejected("import_undo_sold", title=sold[0].title)
    customers = sa.select(sa.cast(IMPORTED.c.touched_key, IdType())).where(
        IMPORTED.c.import_id == event.import_id, IMPORTED.c.touched_table == "customer"
    )
    kept = work.find(OrderRow, ORDER.c.customer_id.in_(customers), limit=1)
    if kept:
        raise Rejected("import_undo_sold", title=kept[0].order_number)
