"""A shop in the middle of its day: products, customers, orders on every path, cases, devices."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TypeVar

from desktop.ui.resources import resource_path
from shared.catalog.queries import SellableRow, search_variants
from shared.customers.commands import Address, SaveCustomer
from shared.fulfillment.commands import (
    PackUnits,
    PickUnits,
    ReportShort,
    ShipFulfillment,
    ShortReason,
    StartPicking,
)
from shared.fulfillment.queries import delivery, fulfillments_of
from shared.inventory.commands import AdjustStock, CountStock
from shared.kernel.ids import (
    CustomerId,
    DeviceId,
    ImportId,
    LocationId,
    OrderId,
    OrderLineId,
    ReceiptId,
    RegisterId,
    ShiftId,
    UserId,
    new_id,
)
from shared.kernel.permissions import Role
from shared.orders.commands import CancelOrder, Channel, PlacedLine, PlaceOrder
from shared.orders.queries import by_number
from shared.organization.commands import (
    AddLocation,
    AddRegister,
    AddUser,
    RegisterDevice,
    Workspace,
)
from shared.payments.commands import RefundPayment, TakePayment, TenderKind
from shared.plugins.builtin import IMPORTERS
from shared.plugins.points.importer import ImportSettings, Progress, Refusal, Remark
from shared.pos.commands import CompleteSale, RefundLine, RefundSale, SaleLine, Tender
from shared.runtime.import_run import ImportPlan, ImportRun
from shared.storage.reader import Reader
from tests.support.desk import ShopOnDevice
from tests.support.shop import Shop

T = TypeVar("T")

NAMES = (
    ("Amira Haddad", "amira@example.com", "Berlin"),
    ("Jonas Albrechtsberger", "jonas.albrechtsberger@example.com", "Donaudampfschifffahrtshausen"),
    ("Mette Sørensen", "mette@example.com", "Aarhus"),
    ("Łukasz Wójcik", "lukasz@example.com", "Kraków"),
    ("ليلى منصور", "layla@example.com", "الدار البيضاء"),
    ("Oat & Barley GmbH", "orders@oatandbarley.example", "Hamburg"),
)


@dataclass(frozen=True, slots=True)
class Busy:
    """Names of what the story needs again."""

    customers: tuple[CustomerId, ...]
    variants: tuple[SellableRow, ...]
    oversold: SellableRow


def make_busy(device: ShopOnDevice) -> Busy:
    """Fill the device's replica with a fortnight of trade."""
    with device.seeding() as shop:
        shop.clock.advance(timedelta(days=-14))
        import_seed(shop)
        variants = shop.fetch(search_variants, "", limit=40)
        customers = tuple(_customer(shop, place) for place in range(len(NAMES)))
        _staff_and_devices(shop)
        for variant in variants:
            shop.do(
                AdjustStock(
                    variant_id=variant.variant_id, location_id=shop.location_id, delta_qty=25
                )
            )
        _days(shop, variants, customers)
        _deliveries(shop)
        shift_id = _till(shop, variants)
        oversold = _oversold(shop, variants, shift_id)
    return Busy(customers, variants, oversold)


def import_seed(shop: Shop) -> ImportId:
    """Import the products that come with the program."""
    plan = ImportPlan(
        import_id=ImportId(new_id()),
        importer=IMPORTERS[0],
        path=Path(resource_path("seed", "products.csv")),
        settings=ImportSettings(shop.fetch(_currency)),
        location_id=shop.location_id,
    )

    def ask(query: Callable[..., T], /, *args: object) -> T:
        return query(Reader(shop.connection), *args)

    def hear(_: Refusal | Remark | Progress) -> None:
        """Nobody listens."""

    digest = ImportRun(plan, ask, hear).rehearse().totals.file_digest
    for command in ImportRun(plan, ask, hear).commands(file_digest=digest):
        shop.do(command)
    return plan.import_id


def _currency(reader: Reader) -> str:
    return str(reader.text("SELECT currency FROM store")[0][0])


def _customer(shop: Shop, place: int) -> CustomerId:
    customer_id = CustomerId(new_id())
    name, email, city = NAMES[place]
    address = Address(
        name=name,
        line1=f"Hauptstraße {place + 3}",
        postcode=f"{10_115 + place}",
        city=city,
        country="DE",
        phone=f"+49 30 55510{place}",
    )
    shop.do(
        SaveCustomer(
            customer_id=customer_id,
            name=name,
            code=f"K-{1001 + place}",
            email=email,
            phone=f"+49 30 55510{place}",
            tags=("regular",) if place % 2 else (),
            note="Rings twice." if place == 0 else "",
            addresses=(address,),
        )
    )
    return customer_id


def _staff_and_devices(shop: Shop) -> None:
    for name, role in (("Frieda Neumann", Role.SUPERVISOR), ("Max Mustermann", Role.MERCHANT)):
        shop.do(AddUser(user_id=UserId(new_id()), name=name, role=role, pin_hash="hash"))
    back = LocationId(new_id())
    shop.do(AddLocation(location_id=back, store_id=shop.store_id, name="Store room", code="SR"))
    second = RegisterId(new_id())
    shop.do(AddRegister(register_id=second, location_id=shop.location_id, name="Till 2", code="K2"))
    for device_id, name, workspace, register_id in (
        (DeviceId(new_id()), "Counter left", Workspace.KIOSK, shop.register_id),
        (DeviceId(new_id()), "Packing table", Workspace.FULFILLMENT, None),
        (DeviceId(new_id()), "Office laptop", Workspace.MERCHANT, None),
        (shop.device_id, "Back office", Workspace.MERCHANT, None),
    ):
        shop.do(
            RegisterDevice(
                device_id=device_id,
                name=name,
                workspace=workspace,
                location_id=shop.location_id,
                register_id=register_id,
            )
        )


def _days(shop: Shop, variants: tuple[SellableRow, ...], customers: tuple[CustomerId, ...]) -> None:
    number = 1041
    for day in range(15):
        for turn in range(1 + (day * 7) % 4):
            place = (day * 3 + turn) % len(customers)
            channel = Channel.OFFICE if (day + turn) % 5 == 0 else Channel.WEB
            picked = [variants[(day * 5 + turn * 3 + step) % len(variants)] for step in range(2)]
            order_id = place_order(
                shop, f"W-{number}", picked, customer_id=customers[place], channel=channel
            )
            if turn != 1:
                order = shop.fetch(by_number, f"W-{number}")
                assert order is not None
                _pay(shop, order_id, order.total_amount)
            number += 1
            shop.clock.advance(timedelta(minutes=41))
        if day < 14:
            shop.clock.advance(timedelta(days=1) - timedelta(minutes=41) * (1 + (day * 7) % 4))


def place_order(
    shop: Shop,
    number: str,
    variants: list[SellableRow],
    *,
    customer_id: CustomerId | None = None,
    channel: Channel = Channel.WEB,
) -> OrderId:
    """Place an order of one, two, three ... of the variants."""
    order_id = OrderId(new_id())
    lines = tuple(
        PlacedLine(
            order_line_id=OrderLineId(new_id()), variant_id=variant.variant_id, qty=place + 1
        )
        for place, variant in enumerate(variants)
    )
    shop.do(
        PlaceOrder(
            order_id=order_id,
            order_number=number,
            channel=channel,
            location_id=shop.location_id,
            lines=lines,
            customer_id=customer_id,
            shipping_title="DHL",
            shipping_amount=490,
            ship_to=Address(
                name="Amira Haddad", line1="Hauptstraße 3", city="Berlin", country="DE"
            ),
        )
    )
    return order_id


def _pay(shop: Shop, order_id: OrderId, amount: int) -> None:
    shop.do(
        TakePayment(order_id=order_id, tender=TenderKind.BANK, amount=amount, reference="SEPA 77")
    )


def _deliveries(shop: Shop) -> None:
    for number in ("W-1041", "W-1042", "W-1044"):
        order = shop.fetch(by_number, number)
        assert order is not None
        ship(shop, order.order_id, short=number == "W-1044")
    order = shop.fetch(by_number, "W-1041")
    assert order is not None
    shop.do(
        RefundPayment(
            order_id=order.order_id,
            tender=TenderKind.BANK,
            amount=990,
            reference="SEPA 78",
            reason="Arrived with a scratch",
        )
    )
    canceled = shop.fetch(by_number, "W-1046")
    assert canceled is not None
    shop.do(CancelOrder(order_id=canceled.order_id, reason="Ordered twice"))


def ship(shop: Shop, order_id: OrderId, *, short: bool = False) -> None:
    """Pick, pack and ship an order; with `short` one unit is missing."""
    (found,) = shop.fetch(fulfillments_of, order_id)
    fulfillment_id = found.fulfillment_id
    shop.do(StartPicking(fulfillment_id=fulfillment_id))
    for place, line in enumerate(shop.fetch(delivery, fulfillment_id).lines):
        missing = 1 if short and place == 1 else 0
        if line.qty > missing:
            shop.do(
                PickUnits(
                    fulfillment_id=fulfillment_id,
                    order_line_id=line.order_line_id,
                    qty=line.qty - missing,
                    scanned_code="x",
                )
            )
        if missing:
            shop.do(
                ReportShort(
                    fulfillment_id=fulfillment_id,
                    order_line_id=line.order_line_id,
                    qty=missing,
                    reason=ShortReason.OUT_OF_STOCK,
                )
            )
    shop.clock.advance(timedelta(minutes=9))
    for line in shop.fetch(delivery, fulfillment_id).lines:
        if line.picked_qty:
            shop.do(
                PackUnits(
                    fulfillment_id=fulfillment_id,
                    order_line_id=line.order_line_id,
                    qty=line.picked_qty,
                    scanned_code="x",
                )
            )
    shop.do(
        ShipFulfillment(
            fulfillment_id=fulfillment_id, carrier="DHL", tracking_number="0034 0434 1234"
        )
    )


def _sale_line(variant: SellableRow, qty: int) -> SaleLine:
    return SaleLine(
        order_line_id=OrderLineId(new_id()),
        variant_id=variant.variant_id,
        title=variant.name,
        sku=variant.sku,
        qty=qty,
        qty_exponent=0,
        unit_price_amount=variant.price_amount,
        list_price_amount=variant.price_amount,
        tax_code="standard",
        tax_rate_ppm=190_000,
    )


def _till(shop: Shop, variants: tuple[SellableRow, ...]) -> ShiftId:
    shift_id = shop.open_shift()
    for place in range(5):
        line = _sale_line(variants[place * 3 % len(variants)], place % 2 + 1)
        total = line.unit_price_amount * line.qty
        order_id = OrderId(new_id())
        shop.do(
            CompleteSale(
                order_id=order_id,
                receipt_id=ReceiptId(new_id()),
                shift_id=shift_id,
                lines=(line,),
                tenders=(Tender(kind=TenderKind.CASH, amount=total, given_amount=total + 500),),
                total_amount=total,
            )
        )
        if place == 2:
            shop.do(
                RefundSale(
                    order_id=order_id,
                    receipt_id=ReceiptId(new_id()),
                    shift_id=shift_id,
                    lines=(RefundLine(order_line_id=line.order_line_id, qty=1),),
                    tender=TenderKind.CASH,
                    refund_amount=total // line.qty,
                    reason="Did not fit",
                )
            )
        shop.clock.advance(timedelta(minutes=13))
    return shift_id


def _oversold(shop: Shop, variants: tuple[SellableRow, ...], shift_id: ShiftId) -> SellableRow:
    """Sell more than the books know of, and leave some shelves nearly empty."""
    for place, left in enumerate((1, 0, 2, 3)):
        shop.do(
            CountStock(
                variant_id=variants[-2 - place].variant_id,
                location_id=shop.location_id,
                counted_qty=left,
            )
        )
    gone = variants[-1]
    shop.do(CountStock(variant_id=gone.variant_id, location_id=shop.location_id, counted_qty=1))
    line = _sale_line(gone, 2)
    total = line.unit_price_amount * 2
    shop.do(
        CompleteSale(
            order_id=OrderId(new_id()),
            receipt_id=ReceiptId(new_id()),
            shift_id=shift_id,
            lines=(line,),
            tenders=(Tender(kind=TenderKind.CARD_EXTERNAL, amount=total, reference="T 4471"),),
            total_amount=total,
        )
    )
    return gone
