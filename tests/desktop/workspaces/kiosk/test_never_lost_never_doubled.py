"""Nothing is taken twice and no cart is lost: double presses, refusals, and power cuts."""

from pathlib import Path

import pytest

from desktop.journal import PARKED_SLOT
from desktop.workspaces.kiosk.carts import CART_SLOT, Stage
from shared.kernel.permissions import Role
from shared.payments.commands import TenderKind
from shared.pos.commands import CloseShift, CompleteSale
from shared.pricing.engine import LineDiscount
from shared.storage.reader import Reader
from tests.desktop.workspaces.kiosk.at_counter import (
    AtCounter,
    CounterMaker,
    add_staff,
    receipts_of,
)
from tests.support.desk import ShopOnDevice
from tests.support.qt_loop import UiLoop

TEA, MUG = "4000000000017", "4000000000024"


@pytest.fixture
def stocked(counter: CounterMaker) -> CounterMaker:
    with counter.seeding() as shop:
        shop.product("Tea", price_amount=349, tax_code="reduced", barcode=TEA)
        shop.product("Mug", price_amount=1299, barcode=MUG)
    return counter


def test_pressing_everything_twice_takes_money_once(stocked: CounterMaker) -> None:
    async def story(at: AtCounter) -> None:
        await at.ready()
        await at.scan(TEA)
        tender = at.counter.tender
        tender.exact_cash()
        tender.exact_cash()
        tender.cash(1000)
        tender.start()
        tender.finish()
        await at.paid()
        tender.exact_cash()
        tender.finish()
        await at.ui.settle()
        assert len(await receipts_of(at)) == 1
        assert len(at.printer.prints) == 1
        assert at.ui.reporter.rejected == []

    stocked.play(story)


def test_a_second_press_on_pay_is_not_meant_for_what_comes_after(
    ui: UiLoop, tmp_path: Path
) -> None:
    counter = CounterMaker(ui, tmp_path, guard_ms=250)
    with counter.seeding() as shop:
        shop.product("Tea", price_amount=349, barcode=TEA)

    async def story(at: AtCounter) -> None:
        await at.ready()
        await at.scan(TEA)
        at.counter.tender.start()
        assert at.counter.carts.stage is Stage.TENDERING
        at.counter.tender.exact_cash()
        assert at.counter.carts.stage is Stage.TENDERING
        assert await receipts_of(at) == ()

    counter.play(story)


def test_a_refused_sale_keeps_its_cart_and_its_money(stocked: CounterMaker) -> None:
    """Another window closed the shift meanwhile: the till learns it when it pays."""

    async def story(at: AtCounter) -> None:
        await at.ready()
        await at.scan(TEA, MUG)
        shift = at.counter.till.open_shift()
        close = CloseShift(shift_id=shift.shift_id, counted_amount=0)
        closing = at.opened.work.submit(close, actor_id=at.device.shop.owner_id)
        at.counter.tender.exact_cash()
        closing.result()
        await at.ui.settle()

        carts = at.counter.carts
        (refusal,) = at.ui.reporter.rejected
        assert refusal.code in {"shift_closed", "shift_not_open"}
        assert carts.stage is Stage.TENDERING
        assert [line.sale.title for line in carts.cart.lines] == ["Tea", "Mug"]
        assert sum(tender.amount for tender in carts.cart.tenders) == 1648
        assert await receipts_of(at) == ()

        await at.counter.till.refresh()
        at.counter.shift.open(0)
        await at.ui.settle()
        at.counter.tender.finish()
        await at.paid()
        assert [receipt.total_amount for receipt in await receipts_of(at)] == [1648]

    stocked.play(story)


def test_the_cart_comes_back_after_a_power_cut(stocked: CounterMaker, tmp_path: Path) -> None:
    async def first(at: AtCounter) -> ShopOnDevice:
        await at.ready()
        await at.scan(TEA, TEA, MUG)
        off = LineDiscount(kind="percent", value=1000, reason="Damaged", is_manual=True)
        at.counter.sale.discount_line(off)
        at.counter.sale.set_note("gift wrap")
        await at.counter.carts.settle()
        return at.device.crashed_copy(tmp_path / "cut")

    async def second(at: AtCounter) -> None:
        await at.ready()
        rows = [(row.qty_text, row.name, row.amount) for row in at.counter.sale.rows]
        assert rows == [("2", "Tea", 698), ("1", "Mug", 1169)]
        assert at.counter.carts.cart.note == "gift wrap"
        assert at.counter.carts.stage is Stage.SELLING
        at.counter.tender.exact_cash()
        await at.paid()
        assert [receipt.total_amount for receipt in await receipts_of(at)] == [1867]

    stocked.play(second, stocked.play(first))


def test_half_a_payment_comes_back_after_a_power_cut(stocked: CounterMaker, tmp_path: Path) -> None:
    async def first(at: AtCounter) -> ShopOnDevice:
        await at.ready()
        await at.scan(MUG)
        at.counter.tender.start()
        at.counter.tender.other(TenderKind.CARD_EXTERNAL, 1000, "T-77")
        await at.counter.carts.settle()
        return at.device.crashed_copy(tmp_path / "cut")

    async def second(at: AtCounter) -> None:
        await at.ready()
        assert at.counter.carts.stage is Stage.TENDERING
        assert at.counter.tender.due.left_amount == 299
        at.counter.tender.cash(299)
        await at.paid()
        (receipt,) = await receipts_of(at)
        given = [(t.kind, t.amount, t.reference) for t in receipt.document.tenders]
        assert given == [("card_external", 1000, "T-77"), ("cash", 299, "")]

    stocked.play(second, stocked.play(first))


def test_a_cut_between_money_and_sale_leaves_the_sale_to_be_finished(
    stocked: CounterMaker, tmp_path: Path
) -> None:
    """The drawer's money is on the cart's draft before the sale is; one press completes it."""

    async def first(at: AtCounter) -> ShopOnDevice:
        await at.ready()
        await at.scan(MUG)
        carts = at.counter.carts
        at.counter.tender.start()
        await carts.settle()
        kept: list[ShopOnDevice] = []

        def cut() -> None:
            if carts.is_submitting and not kept:
                at.opened.work.ask(lambda _bench: None).result()
                kept.append(at.device.crashed_copy(tmp_path / "cut"))

        carts.changed.connect(cut)
        at.counter.tender.cash(2000)
        await at.paid()
        return kept[0]

    async def second(at: AtCounter) -> None:
        await at.ready()
        assert await receipts_of(at) == ()
        assert at.counter.carts.stage is Stage.TENDERING
        if at.counter.tender.due.is_settled:
            at.counter.tender.finish()
        else:
            at.counter.tender.cash(2000)
        await at.paid()
        assert len(await receipts_of(at)) == 1

    stocked.play(second, stocked.play(first))


def test_after_the_sale_the_cart_is_gone_even_without_a_clean_end(
    stocked: CounterMaker, tmp_path: Path
) -> None:
    async def first(at: AtCounter) -> ShopOnDevice:
        await at.ready()
        await at.sell_for_cash(TEA)
        return at.device.crashed_copy(tmp_path / "cut")

    async def second(at: AtCounter) -> None:
        await at.ready()
        assert at.counter.carts.cart.is_empty
        assert len(await receipts_of(at)) == 1
        assert await at.counter.desk.load_draft(CART_SLOT) is None

    stocked.play(second, stocked.play(first))


def test_a_draft_of_a_completed_sale_never_comes_back(
    stocked: CounterMaker, tmp_path: Path
) -> None:
    """Even if a late write put the draft back, the receipt says that it was paid."""

    async def first(at: AtCounter) -> ShopOnDevice:
        await at.ready()
        await at.scan(TEA)
        await at.counter.carts.settle()
        draft = await at.counter.desk.load_draft(CART_SLOT)
        assert draft is not None
        at.counter.tender.exact_cash()
        await at.paid()
        await at.counter.desk.save_draft(CART_SLOT, draft.content)
        return at.device.crashed_copy(tmp_path / "cut")

    async def second(at: AtCounter) -> None:
        await at.ready()
        assert at.counter.carts.cart.is_empty

    stocked.play(second, stocked.play(first))


def test_a_sale_of_the_same_cart_is_refused_the_second_time(stocked: CounterMaker) -> None:
    async def story(at: AtCounter) -> None:
        await at.ready()
        await at.scan(TEA)
        order_id = at.counter.carts.cart.order_id
        at.counter.tender.exact_cash()
        await at.paid()
        entry = await at.opened.work.ask(lambda bench: bench.journal.entries(after=0)[-1])
        assert entry.envelope.name == CompleteSale.NAME
        assert order_id.encode() in bytes(entry.envelope.args)
        found = await at.counter.desk.fetch(_sales)
        assert found == 1

    stocked.play(story)


def _sales(reader: Reader) -> int:
    return int(reader.text("SELECT count(*) FROM sales_order")[0][0])


def test_parked_carts_survive_and_come_back_in_any_order(
    stocked: CounterMaker, tmp_path: Path
) -> None:
    async def first(at: AtCounter) -> ShopOnDevice:
        await at.ready()
        carts = at.counter.carts
        await at.scan(TEA)
        carts.park()
        await at.scan(MUG)
        carts.park()
        await at.scan(TEA, TEA)
        await carts.settle()
        return at.device.crashed_copy(tmp_path / "cut")

    async def second(at: AtCounter) -> None:
        await at.ready()
        carts = at.counter.carts
        assert [cart.lines[0].sale.title for cart in carts.parked] == ["Tea", "Mug"]
        assert at.counter.sale.total_amount == 698
        carts.recall(carts.parked[1].order_id)
        assert at.counter.sale.total_amount == 1299
        assert [len(cart.lines) for cart in carts.parked] == [1, 1]
        at.counter.tender.exact_cash()
        await at.paid()
        carts.recall(carts.parked[0].order_id)
        await carts.settle()
        kept = await at.counter.desk.load_draft(PARKED_SLOT)
        assert kept is not None
        assert kept.content.count(b"order_id") == 1

    stocked.play(second, stocked.play(first))


def test_a_cut_while_parking_keeps_the_cart_in_one_place(
    stocked: CounterMaker, tmp_path: Path
) -> None:
    """Between the two writes the cart lies in both drafts; on start it is in one."""

    async def first(at: AtCounter) -> ShopOnDevice:
        await at.ready()
        await at.scan(MUG)
        await at.counter.carts.settle()
        draft = await at.counter.desk.load_draft(CART_SLOT)
        assert draft is not None
        at.counter.carts.park()
        await at.counter.carts.settle()
        await at.counter.desk.save_draft(CART_SLOT, draft.content)
        return at.device.crashed_copy(tmp_path / "cut")

    async def second(at: AtCounter) -> None:
        await at.ready()
        carts = at.counter.carts
        places = [carts.cart, *carts.parked]
        assert sum(bool(cart.lines) for cart in places) == 1

    stocked.play(second, stocked.play(first))


def test_a_cashier_needs_an_approver_and_the_sale_names_both(counter: CounterMaker) -> None:
    with counter.seeding() as shop:
        shop.product("Mug", price_amount=1299, barcode=MUG)
        boss = add_staff(shop, "Sabine", role=Role.SUPERVISOR, pin="9999")
        cashier = counter.device.shop.cashier_id

    async def story(at: AtCounter) -> None:
        await at.ready(user_id=cashier)
        off = LineDiscount(kind="percent", value=1000, reason="Damaged", is_manual=True)
        await at.scan(MUG)
        at.counter.sale.discount_line(off)
        at.counter.tender.exact_cash()
        await at.ui.settle()
        assert [error.code for error in at.ui.reporter.rejected] == ["permission_missing"]
        assert at.counter.carts.stage is Stage.TENDERING

        at.counter.tender.remove_tender(0)
        at.counter.tender.back()
        at.counter.sale.discount_line(off, approver_id=boss)
        at.counter.tender.exact_cash()
        await at.paid()
        entry = await at.opened.work.ask(lambda bench: bench.journal.entries(after=0)[-1])
        assert entry.envelope.actor_id == cashier
        assert boss.encode() in bytes(entry.envelope.args)

    counter.play(story)


def test_nobody_sells_without_a_shift(stocked: CounterMaker) -> None:
    async def story(at: AtCounter) -> None:
        await at.gate.sign_in(at.device.shop.owner_id, "")
        await at.counter.load()
        await at.scan(TEA)
        assert not at.counter.tender.can_pay
        at.counter.tender.exact_cash()
        await at.ui.settle()
        assert at.counter.carts.stage is Stage.SELLING

    stocked.play(story)
