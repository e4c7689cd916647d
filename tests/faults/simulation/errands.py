"""What people do all day, as commands made from what their own screen shows them."""

from dataclasses import dataclass
from random import Random

import sqlalchemy as sa

from shared.catalog.commands import (
    ChangePrice,
    CreateProduct,
    EditProduct,
    EditProducts,
    ProductEdit,
    ProductValues,
    VariantEdit,
    VariantSpec,
    VariantValues,
)
from shared.catalog.tables import VARIANT, ProductRow, VariantRow
from shared.customers.commands import SaveCustomer
from shared.customers.tables import CustomerRow
from shared.imports.commands import FinishImport, StartImport
from shared.inventory.commands import AdjustStock, CountStock, StockReason
from shared.kernel.ids import (
    CustomerId,
    ImportId,
    LocationId,
    OrderId,
    OrderLineId,
    ProductId,
    UserId,
    VariantId,
    new_id,
)
from shared.kernel.messages import Command
from shared.orders.commands import (
    CancelOrder,
    Channel,
    DocState,
    FulfillmentStatus,
    NoteOrder,
    PlacedLine,
    PlaceOrder,
)
from shared.orders.tables import ORDER, OrderRow
from shared.payments.commands import TakePayment, TenderKind
from shared.storage.reader import Reader
from tests.faults.simulation.goods import imported_products


@dataclass
class Person:
    """Somebody at a device, and what this person decides by."""

    user_id: UserId
    location_id: LocationId
    chance: Random
    unfinished_import: ImportId | None = None
    made: int = 0
    tag: str = ""

    def next_number(self) -> str:
        """A document number that nobody else gives."""
        self.made += 1
        return f"{self.tag}-{self.made}"


def some_variant(person: Person, reader: Reader) -> VariantRow | None:
    """Anything that is sold; mostly one of the first few, so that devices meet."""
    found = reader.find(VariantRow, order_by=[VARIANT.c.variant_id], limit=12)
    if not found:
        return None
    few = found[:3] if person.chance.random() < 0.6 else found
    return person.chance.choice(few)


# -- the back office ---------------------------------------------------------------------------


def change_price(person: Person, reader: Reader) -> Command | None:
    """Another price for something."""
    variant = some_variant(person, reader)
    if variant is None:
        return None
    return ChangePrice(
        variant_id=variant.variant_id, price_amount=person.chance.randrange(100, 5000)
    )


def adjust_stock(person: Person, reader: Reader) -> Command | None:
    """Goods came in, or broke."""
    variant = some_variant(person, reader)
    if variant is None:
        return None
    is_more = person.chance.random() < 0.6
    return AdjustStock(
        variant_id=variant.variant_id,
        location_id=person.location_id,
        delta_qty=person.chance.randint(1, 30) if is_more else -person.chance.randint(1, 60),
        reason=StockReason.RECEIVED if is_more else StockReason.DAMAGED,
    )


def count_stock(person: Person, reader: Reader) -> Command | None:
    """Somebody counts a shelf."""
    variant = some_variant(person, reader)
    if variant is None:
        return None
    return CountStock(
        variant_id=variant.variant_id,
        location_id=person.location_id,
        counted_qty=person.chance.randrange(50),
    )


def create_product(person: Person, reader: Reader) -> Command:
    """Something new to sell."""
    del reader
    number = person.next_number()
    variants = tuple(
        VariantSpec(
            variant_id=VariantId(new_id()),
            option_values=(size,),
            sku=f"{number}-{size}",
            barcodes=(f"{number}/{size}",),
            price_amount=person.chance.randrange(100, 9000),
        )
        for size in ("S", "M", "L")[: person.chance.randint(1, 3)]
    )
    return CreateProduct(
        product_id=ProductId(new_id()),
        title=f"Thing {number}",
        option_names=("Size",),
        variants=variants,
    )


def edit_product(person: Person, reader: Reader) -> Command | None:
    """A better title."""
    found = reader.find(ProductRow, limit=5)
    if not found:
        return None
    product = person.chance.choice(found)
    return EditProduct(product_id=product.product_id, title=f"{product.title[:40]}!")


def edit_products(person: Person, reader: Reader) -> Command | None:
    """Everything at the top of the list gets other prices; half of it only if nobody else did."""
    found = reader.find(VariantRow, order_by=[VARIANT.c.variant_id], limit=12)
    if not found:
        return None
    is_careful = person.chance.random() < 0.5
    owners = dict.fromkeys(row.product_id for row in found)
    vendor = f"Acme {person.chance.randrange(9)}"
    return EditProducts(
        products=tuple(
            ProductEdit(
                product_id=product_id, to=ProductValues(vendor=vendor), tags_added=(vendor[-1],)
            )
            for product_id in owners
        ),
        variants=tuple(
            VariantEdit(
                variant_id=row.variant_id,
                to=VariantValues(price_amount=row.price_amount + person.chance.randrange(-99, 200)),
                expected=VariantValues(price_amount=row.price_amount) if is_careful else None,
            )
            for row in found
        ),
    )


def save_customer(person: Person, reader: Reader) -> Command:
    """A customer is added or changed."""
    found = reader.find(CustomerRow, limit=5)
    is_known = bool(found) and person.chance.random() < 0.5
    customer_id = person.chance.choice(found).customer_id if is_known else CustomerId(new_id())
    return SaveCustomer(
        customer_id=customer_id,
        name=f"Ann {person.chance.randrange(100)}",
        email="ann@example.com",
        note="x" * person.chance.randrange(200),
    )


def place_order(person: Person, reader: Reader) -> Command | None:
    """An order comes in by telephone or from the web."""
    chosen: dict[VariantId, VariantRow] = {}
    for _line in range(person.chance.randint(1, 3)):
        variant = some_variant(person, reader)
        if variant is not None:
            chosen[variant.variant_id] = variant
    if not chosen:
        return None
    customers = reader.find(CustomerRow, limit=5)
    return PlaceOrder(
        order_id=OrderId(new_id()),
        order_number=f"W-{person.next_number()}",
        channel=person.chance.choice([Channel.WEB, Channel.OFFICE]),
        location_id=person.location_id,
        lines=tuple(
            PlacedLine(
                order_line_id=OrderLineId(new_id()),
                variant_id=variant_id,
                qty=person.chance.randint(1, 3),
            )
            for variant_id in chosen
        ),
        shipping_title="Parcel",
        shipping_amount=person.chance.choice([0, 490]),
        customer_id=customers[0].customer_id if customers else None,
        customer_name="Ben",
    )


def _some_order(person: Person, reader: Reader) -> OrderRow | None:
    is_waiting = sa.and_(
        ORDER.c.doc_state == DocState.PLACED,
        ORDER.c.fulfillment_status == FulfillmentStatus.UNFULFILLED,
    )
    found = reader.find(OrderRow, is_waiting, limit=5)
    return person.chance.choice(found) if found else None


def note_order(person: Person, reader: Reader) -> Command | None:
    """Somebody writes on an order."""
    order = _some_order(person, reader)
    if order is None:
        return None
    return NoteOrder(order_id=order.order_id, note=f"call {person.next_number()}")


def cancel_order(person: Person, reader: Reader) -> Command | None:
    """An order is called off."""
    order = _some_order(person, reader)
    if order is None:
        return None
    return CancelOrder(order_id=order.order_id, reason="too late")


def take_payment(person: Person, reader: Reader) -> Command | None:
    """The bank tells of money for an order."""
    order = _some_order(person, reader)
    if order is None or order.captured_amount >= order.total_amount:
        return None
    left = order.total_amount - order.captured_amount
    return TakePayment(
        order_id=order.order_id,
        tender=TenderKind.BANK,
        amount=person.chance.choice([left, (left + 1) // 2]),
        reference=person.next_number(),
    )


def import_batch(person: Person, reader: Reader) -> Command:
    """One step of an import: begin it, bring a batch in, or end it."""
    del reader
    if person.unfinished_import is None:
        person.unfinished_import = ImportId(new_id())
        return StartImport(
            import_id=person.unfinished_import,
            importer="shopify",
            file_name="products.csv",
            currency="EUR",
        )
    if person.chance.random() < 0.6:
        return imported_products(person.unfinished_import, person.location_id, person.chance)
    import_id, person.unfinished_import = person.unfinished_import, None
    return FinishImport(
        import_id=import_id,
        rows_read=4,
        rows_accepted=4,
        rows_refused=0,
        source_total="0",
        imported_total="0",
    )
