"""A picker's day at the packing table, with keys and a hand scanner only."""

from pathlib import Path

from PySide6.QtCore import Qt

from desktop.ui.sounds import Tone as Sound
from desktop.ui.tokens import Tone
from shared.catalog.commands import CreateProduct, VariantSpec
from shared.fulfillment.commands import FulfillmentState, ShortReason
from shared.kernel.ids import OrderId, ProductId, VariantId, new_id
from tests.desktop.workspaces.fulfillment.table import Station, Table, case_code, place_order
from tests.support.desk import ShopOnDevice

MUG, TEA, BOWL = "4006381333931", "5012345678900", "4012345678901"
CASE = "14006381333938"


class Orders:
    """Two web orders: W-1 with three mugs and a tea, W-2 with two teas and a bowl."""

    def __init__(self, station: Station) -> None:
        with station.seeding() as shop:
            self.mug = shop.product("Stoneware mug", on_hand_qty=40, sku="MUG", barcode=MUG)
            self.tea = shop.product("Green tea 250 g", on_hand_qty=40, sku="TEA", barcode=TEA)
            self.bowl = shop.product("Bamboo bowl", on_hand_qty=40, sku="BOWL", barcode=BOWL)
            self.first = place_order(shop, "W-1", {self.mug: 3, self.tea: 1})
            self.second = place_order(
                shop, "W-2", {self.tea: 2, self.bowl: 1}, customer="Ben Muster"
            )


def one_order(station: Station, qty: int = 3) -> tuple[OrderId, VariantId]:
    """W-1 with some mugs; tea is sold too, but not ordered."""
    with station.seeding() as shop:
        mug = shop.product("Stoneware mug", on_hand_qty=40, sku="MUG", barcode=MUG)
        shop.product("Green tea 250 g", on_hand_qty=40, sku="TEA", barcode=TEA)
        return place_order(shop, "W-1", {mug: qty}), mug


async def at_parcel(at: Table, number: str = "W-1") -> None:
    """Sign in and open a parcel by its number."""
    await at.sign_in()
    assert at.is_at_queue
    await at.scan(number)
    assert at.is_at_parcel


def test_two_orders_are_picked_packed_and_shipped_one_of_them_short(station: Station) -> None:
    orders = Orders(station)

    async def story(at: Table) -> None:
        await at.sign_in()
        await at.key(Qt.Key.Key_F2)
        assert at.is_at_parcel
        assert at.parcel.order.order_number == "W-1"
        assert at.parcel.picker_name == "Pia"

        await at.scan(MUG, MUG, TEA, MUG)
        assert at.verdict.head == "All picked"
        await at.scan(TEA, MUG, MUG, MUG)
        assert at.verdict.head == "All packed"
        assert at.papers.kept == ["packing-slip-W-1.pdf"]

        await at.ship("JD0002 1234 567", carrier="DHL")
        assert at.state is FulfillmentState.SHIPPED
        assert at.parcel.fulfillment.tracking_number == "JD00021234567"

        await at.key(Qt.Key.Key_Return)
        assert at.parcel.order.order_number == "W-2"
        await at.scan(TEA)
        await at.key(Qt.Key.Key_F8)
        await at.type("1", enter=False)
        assert at.counts() == [(2, 1, 1, 0), (1, 0, 0, 0)]
        assert at.parcel.lines[0].short_reason is ShortReason.OUT_OF_STOCK
        await at.scan(BOWL)
        await at.scan(TEA, BOWL)
        await at.ship("JD0009")
        assert at.parcel.fulfillment.carrier == "DHL"
        assert at.parcel.fulfillment.is_short

        await at.key(Qt.Key.Key_Return)
        assert at.is_at_queue
        assert at.window.queue_model.rows == ()
        assert Sound.REFUSE not in at.ear.heard

    station.play(story)
    assert orders.first != orders.second


def test_a_wrong_article_is_named_and_not_counted(station: Station) -> None:
    one_order(station)

    async def story(at: Table) -> None:
        await at_parcel(at)
        await at.scan(TEA)
        assert at.verdict.head == "Wrong article"
        assert at.verdict.text == "This is Green tea 250 g. Put it back and take: Stoneware mug"
        assert at.verdict.tone is Tone.DANGER
        await at.scan("999000999")
        assert "999000999 is no article of this parcel" in at.verdict.text
        assert at.counts() == [(3, 0, 0, 0)]
        assert at.ear.heard == [Sound.REFUSE, Sound.REFUSE]

    station.play(story)


def test_more_than_needed_is_refused_as_a_whole(station: Station) -> None:
    one_order(station, qty=3)

    async def story(at: Table) -> None:
        await at_parcel(at)
        await at.type("4*MUG")
        assert at.verdict.head == "Too many: 4 scanned, 3 needed"
        assert at.counts() == [(3, 0, 0, 0)]
        await at.type("3*MUG")
        assert at.counts() == [(3, 3, 0, 0)]

    station.play(story)


def test_a_complete_line_takes_no_more(station: Station) -> None:
    Orders(station)

    async def story(at: Table) -> None:
        await at_parcel(at)
        await at.scan(TEA, TEA)
        assert at.verdict.head == "Green tea 250 g: complete already"
        assert at.verdict.text == "Put this one back. Next: Stoneware mug"
        assert at.counts() == [(3, 0, 0, 0), (1, 1, 0, 0)]

    station.play(story)


def test_a_quantity_typed_before_a_scan_counts_with_it(station: Station) -> None:
    one_order(station, qty=5)

    async def story(at: Table) -> None:
        await at_parcel(at)
        await at.type("2*", enter=False)
        await at.scan(MUG)
        assert at.counts() == [(5, 2, 0, 0)]
        assert at.verdict.text == "2 at once. 2 of 5 counted, 3 to go."
        assert at.window.parcel.field.text() == ""
        await at.scan(MUG)
        assert at.counts() == [(5, 3, 0, 0)]

    station.play(story)


def test_the_code_of_a_case_counts_all_its_units_and_never_too_many(station: Station) -> None:
    with station.seeding() as shop:
        mug = shop.product("Stoneware mug", on_hand_qty=40, sku="MUG", barcode=MUG)
        place_order(shop, "W-1", {mug: 14})
        case_code(shop, CASE, mug, unit_qty=6)

    async def story(at: Table) -> None:
        await at_parcel(at)
        await at.scan(CASE, CASE)
        assert at.counts() == [(14, 12, 0, 0)]
        await at.scan(CASE)
        assert at.verdict.head == "Too many: 6 scanned, 2 needed"
        assert "A case of 6" in at.verdict.text
        assert at.counts() == [(14, 12, 0, 0)]
        await at.scan(MUG, MUG)
        await at.type(f"2*{CASE}")
        assert at.counts() == [(14, 14, 0, 12)]

    station.play(story)


def weighed_order(station: Station) -> None:
    """W-1 with 1.25 kg of cheese and one tea."""
    with station.seeding() as shop:
        cheese = VariantId(new_id())
        spec = VariantSpec(
            variant_id=cheese,
            sku="CHEESE",
            barcodes=(MUG,),
            price_amount=1890,
            tax_code="standard",
            unit_code="kg",
        )
        shop.do(
            CreateProduct(product_id=ProductId(new_id()), title="Mountain cheese", variants=(spec,))
        )
        tea = shop.product("Green tea 250 g", on_hand_qty=40, sku="TEA", barcode=TEA)
        place_order(shop, "W-1", {cheese: 1250, tea: 1})


def test_weighed_goods_are_picked_by_weight_and_never_counted_in_grams(station: Station) -> None:
    weighed_order(station)

    async def story(at: Table) -> None:
        await at.sign_in()
        assert [row.progress for row in at.window.queue_model.rows] == ["0 of 2"]
        await at.scan("W-1")
        rows = at.window.parcel_model.standing.rows
        assert [row.count for row in rows] == ["0 of 1.25\u202fkg", "0 of 1"]
        assert at.window.parcel.current.figure == "1.25"

        await at.type("0.75*", enter=False)
        await at.scan(MUG)
        assert at.verdict.text == "0.75 of 1.25\u202fkg counted, 0.5\u202fkg to go."
        await at.type("0.75*CHEESE")
        assert at.verdict.head == "Too many: 0.75\u202fkg scanned, 0.5\u202fkg needed"
        await at.type("1.5*TEA")
        assert at.verdict.tone is Tone.DANGER
        await at.scan(MUG, TEA)
        assert at.counts() == [(1250, 1250, 0, 0), (1, 1, 0, 0)]
        assert at.window.parcel_model.standing.progress == (0, 2)
        await at.scan(MUG, TEA)
        assert at.state is FulfillmentState.PACKED

    station.play(story)


def test_a_part_of_the_weight_can_be_missing(station: Station) -> None:
    weighed_order(station)

    async def story(at: Table) -> None:
        await at_parcel(at)
        await at.key(Qt.Key.Key_F8)
        for _ in range(4):
            await at.key(Qt.Key.Key_Down)
        await at.type("1", enter=False)
        assert at.counts()[0] == (1250, 0, 850, 0)
        assert at.window.parcel.current.figure == "0.4"

    station.play(story)


def test_scans_faster_than_the_disk_are_all_counted_in_order(station: Station) -> None:
    one_order(station, qty=8)

    async def story(at: Table) -> None:
        await at_parcel(at)
        for _ in range(9):
            at.hands.scan(MUG)
        await at.ui.settle()
        # Eight are picked; the ninth is the first one put into the parcel.
        assert at.counts() == [(8, 8, 0, 1)]

    station.play(story)


def test_an_order_canceled_under_way_stops_the_picker(station: Station) -> None:
    order_id, _mug = one_order(station)

    async def story(at: Table) -> None:
        await at_parcel(at)
        await at.scan(MUG, MUG)
        at.cancel(order_id)
        await at.ui.until(lambda: at.verdict.head == "This order was canceled")
        await at.ui.settle()
        assert at.window.parcel.over_panel.text == "2 units go back to the shelf."
        assert at.ear.heard[-1] is Sound.REFUSE
        await at.scan(MUG)
        assert at.verdict.head == "This parcel takes no more scans"
        await at.key(Qt.Key.Key_Return)
        assert at.is_at_queue
        assert at.window.queue_model.rows == ()

    station.play(story)


def test_after_a_power_cut_the_picker_goes_on_where_the_last_scan_was(
    station: Station, tmp_path: Path
) -> None:
    Orders(station)

    async def crash(at: Table) -> ShopOnDevice:
        await at_parcel(at, "W-2")
        await at.scan(TEA)
        return at.device.crashed_copy(tmp_path / "after")

    async def reopen(at: Table) -> None:
        await at.sign_in()
        assert at.is_at_parcel
        assert at.parcel.order.order_number == "W-2"
        assert at.counts() == [(2, 1, 0, 0), (1, 0, 0, 0)]
        await at.scan(TEA, BOWL)
        assert at.verdict.head == "All picked"

    device = station.play(crash)
    station.play(reopen, device=device)


def test_a_label_scanned_at_the_queue_opens_the_parcel_that_went_out(station: Station) -> None:
    one_order(station, qty=1)

    async def story(at: Table) -> None:
        await at_parcel(at)
        await at.scan(MUG, MUG)
        await at.ship("JD0007", carrier="DHL")
        await at.key(Qt.Key.Key_Escape)
        assert at.numbers == []

        await at.scan("JD0007")
        assert at.is_at_parcel
        assert at.state is FulfillmentState.SHIPPED
        assert at.verdict.head == "W-1 is on its way"
        await at.key(Qt.Key.Key_F4)
        assert at.papers.kept == ["packing-slip-W-1.pdf"] * 2

    station.play(story)


def test_an_unknown_order_number_says_what_to_do(station: Station) -> None:
    Orders(station)

    async def story(at: Table) -> None:
        await at.sign_in()
        await at.scan("W-99")
        assert at.is_at_queue
        assert "W-99" in at.window.queue.refusal.message.head
        assert at.ear.heard == [Sound.REFUSE]
        await at.scan("W-2")
        assert at.is_at_parcel

    station.play(story)
