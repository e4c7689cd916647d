"""A merchant in a real back office, working by keys; see `play` for how it is told."""

import sys
from decimal import Decimal
from pathlib import Path

from desktop.workspaces.desk import Desk
from desktop.workspaces.merchant.parts.lists.view import ListPage
from desktop.workspaces.merchant.window import MerchantWindow
from shared.catalog.queries import by_code
from shared.customers.commands import Address
from shared.inbox.queries import open_cases
from shared.inventory.queries import stock_of
from shared.kernel.errors import Rejected
from shared.kernel.ids import LocationId, OrderId, OrderLineId, VariantId, new_id
from shared.orders.commands import Channel, PlacedLine, PlaceOrder
from shared.orders.queries import OrderFilter, by_number, order_detail, order_ids, order_list
from shared.organization.queries import locations
from shared.payments.commands import TakePayment, TenderKind
from tests.scenarios.play import Actor, Told, play
from tests.support.office_hands import OfficeHands

_LONG_S = 300
_ORDERS, _PRODUCTS, _CUSTOMERS, _INBOX, _IMPORTS = (f"Ctrl+{at}" for at in range(2, 7))


class OfficeActor(Actor):
    """Imports, changes prices and stock, takes orders, settles cases."""

    @property
    def desk(self) -> Desk:
        """The way to the business, to read the books and for what other machines would send."""
        return self.device.desk()

    @property
    def at(self) -> OfficeHands:
        """Hands and eyes at the window."""
        window = self.window
        if not isinstance(window, MerchantWindow):
            raise TypeError("this is no back office")
        return OfficeHands(window)

    async def opened(self) -> None:
        """Sit down in front of the window."""
        await self.at.settle(_LONG_S)

    async def _list(self, key: str) -> None:
        """Go to a screen's list: its key again where one of its rows is shown."""
        await self.at.press(key)
        if not isinstance(self.at.page(), ListPage):
            await self.at.press(key)

    # -- files to be taken over

    async def do_check_file(self, told: Told) -> Told:
        """Choose a file in the wizard, let it be checked, and read what would change."""
        at = self.at
        await self._list(_IMPORTS)
        await at.press("Ctrl+N", "Ctrl+O")
        await at.choose_file(Path(told["path"]))
        kind = at.value("Kind")
        await at.press("Ctrl+Return", patience_s=_LONG_S)
        self._expect("Checked; nothing has been changed yet")
        return self._figures() | {"kind": kind, "refusals": await self._refusals()}

    async def do_apply_file(self, _told: Told) -> Told:
        """Do what the check said, and read what it came to."""
        await self.at.press("Ctrl+Shift+Return", patience_s=_LONG_S)
        self._expect("Done")
        return self._figures()

    def _figures(self) -> Told:
        """Rows and money as the wizard shows them."""
        at = self.at
        return {
            "rows_read": _count(at.fact("Read")),
            "rows_accepted": _count(at.fact("Accepted")),
            "rows_refused": _count(at.fact("Refused", beside="Read")),
            "source_total": str(_money(at.fact("In the file"))),
            "imported_total": str(_money(at.fact("Taken over"))),
            "refused_total": str(_money(at.fact("Refused", beside="In the file"))),
            "rounding_total": str(_money(at.fact("Rounding"))),
            "adds_up": "Adds up to the cent" in at.says(),
        }

    async def _refusals(self) -> list[list[str]]:
        """Number and reason of every refused row, read by walking down the table."""
        at = self.at
        table = await at.look_at("Rows to look at")
        table.setFocus()
        await at.press("Home", *["PgDown"] * (table.rows_model().rowCount() // 8))
        return at.cells(table)

    # -- products

    async def do_price(self, told: Told) -> Told:
        """Type another price into the page of a product; what stands there afterwards."""
        await self._open_variant(told["code"])
        await self.at.press("F2")
        await self.at.write(_as_typed(told["amount"]))
        await self.at.press("Return")
        shown = await self._shown_of(told["code"], "Price")
        return {"amount": int(_money(shown) * 100)}

    async def do_count(self, told: Told) -> Told:
        """Count a shelf on the page of a product; what is on hand afterwards."""
        at = self.at
        await self._open_variant(told["code"])
        await at.press("Ctrl+Shift+C")
        await at.fill("Counted", str(told["qty"]))
        await at.press("Ctrl+S")
        if at.has_sheet():
            raise RuntimeError(f"the count was not taken: {at.says()}")
        return {"on_hand": _count(at.column("On hand", "Stock by location")[0])}

    async def _open_variant(self, code: str) -> None:
        """Find a product by a code, open its page, and mark the variant."""
        at = self.at
        await self._list(_PRODUCTS)
        await at.press("Ctrl+F")
        await at.write(code)
        await at.press("Return")
        await at.mark(code, "Barcodes", "Variants and prices")

    async def _shown_of(self, code: str, title: str) -> str:
        at, table = self.at, "Variants and prices"
        texts = zip(at.column("Barcodes", table), at.column(title, table), strict=True)
        return next(text for codes, text in texts if code in codes)

    # -- orders

    async def do_take_order(self, told: Told) -> Told:
        """Somebody calls: write down who it is and what they want; they pay by transfer."""
        at = self.at
        await self._list(_CUSTOMERS)
        await at.press("Ctrl+N")
        await at.write(told["customer"])
        await at.press("Ctrl+Shift+N")
        for label, text in told["address"].items():
            await at.fill(label, text)
        await at.press("Ctrl+S", "Ctrl+S", "Ctrl+Shift+O")
        for code, times in told["lines"]:
            for _ in range(times):
                await at.press("Ctrl+F")
                await at.write(code)
                await at.press("Return")
        await at.fill("Shipping", "Royal Mail")
        await at.fill("Shipping charge", "3.50")
        await at.press("Ctrl+S")
        number = at.page().title()
        await at.press("Ctrl+Shift+P")
        await at.choose("How", TenderKind.BANK.value)
        await at.fill("Reference", "by telephone")
        await at.press("Ctrl+S")
        self._expect("Paid")
        return {"number": number, "total": int(_money(at.fact("Total")) * 100)}

    async def do_web_order(self, told: Told) -> Told:
        """An order came in over the web and was paid: the shop front sends these commands."""
        order_id = OrderId(new_id())
        lines = [
            PlacedLine(
                order_line_id=OrderLineId(new_id()),
                variant_id=await self._variant(code),
                qty=qty,
            )
            for code, qty in told["lines"]
        ]
        await self.desk.submit(
            PlaceOrder(
                order_id=order_id,
                order_number=told["number"],
                channel=Channel.WEB,
                location_id=await self._location(),
                lines=tuple(lines),
                shipping_title="Royal Mail",
                shipping_amount=350,
                customer_name=told["customer"],
                ship_to=Address(
                    name=told["customer"],
                    line1="4 Mill Lane",
                    city="Leeds",
                    postcode="LS1 4DY",
                    country="GB",
                ),
            )
        )
        total = (await self.desk.fetch(order_detail, order_id)).order.total_amount
        await self.desk.submit(
            TakePayment(
                order_id=order_id, tender=TenderKind.BANK, amount=total, reference="web payment"
            )
        )
        return {"total": total}

    # -- the inbox

    async def do_cases(self, _told: Told) -> Told:
        """Read the open cases in the inbox; their codes are those of the books."""
        await self.at.press(_INBOX)
        found = await self.desk.fetch(open_cases)
        shown = self.at.column("What happened", "Open")
        return {"codes": [case.code for case in found], "shown": shown}

    async def do_choose_case(self, told: Told) -> Told:
        """Mark the open case that says so, and read what can be done."""
        await self.at.press(_INBOX)
        await self.at.mark(told["words"], "What happened", "Open")
        return {"says": self.at.says()}

    async def do_settle(self, told: Told) -> Told:
        """Settle the chosen case with a note; what is still open and what is settled then."""
        at = self.at
        await at.press("Ctrl+S")
        await at.fill("Note", told["note"])
        await at.press("Ctrl+S")
        still_open = at.column("What happened", "Open")
        await at.click("Settled")
        settled = at.column("What happened", "Settled")
        at.table("Settled").setFocus()
        await at.press("Home")
        return {"open": still_open, "settled": settled, "note": at.fact("Note")}

    async def do_settled_cases(self, _told: Told) -> Told:
        """What is still open, and who settled the latest case how."""
        at = self.at
        await at.press(_INBOX)
        still_open = at.column("What happened", "Open")
        await at.click("Settled")
        at.table("Settled").setFocus()
        await at.press("Home")
        latest = [at.fact(name) for name in ("Settled by", "Settled as", "Note")]
        await at.click("Open")
        return {"open": still_open, "latest": latest}

    # -- what the books say

    async def do_stock(self, told: Told) -> Told:
        """What the books say is on hand."""
        found = await self.desk.fetch(stock_of, [await self._variant(told["code"])])
        return {"on_hand": sum(level.on_hand_qty for level in found)}

    async def do_sales(self, _told: Told) -> Told:
        """What the till took, as the back office sees it."""
        ids = await self.desk.fetch(order_ids, OrderFilter(channel=Channel.TILL))
        rows = await self.desk.fetch(order_list, ids)
        return {
            "numbers": sorted(row.order_number for row in rows),
            "total": sum(row.total_amount for row in rows),
        }

    async def do_line_price(self, told: Told) -> Told:
        """The unit price of an order's first line."""
        order = await self.desk.fetch(by_number, told["number"])
        if order is None:
            raise Rejected("sales_order_not_found", id=told["number"])
        detail = await self.desk.fetch(order_detail, order.order_id)
        return {"unit_price": detail.lines[0].unit_price_amount}

    async def _variant(self, code: str) -> VariantId:
        hit = await self.desk.fetch(by_code, code)
        if hit is None:
            raise Rejected("variant_not_found", id=code)
        return hit.variant.variant_id

    async def _location(self) -> LocationId:
        return (await self.desk.fetch(locations))[0].location_id

    def _expect(self, words: str) -> None:
        said = self.at.says().splitlines()
        if words not in said:
            raise RuntimeError(f"the window does not say {words!r} but {said}")


def _count(text: str) -> int:
    return int(text.replace(",", ""))


def _money(text: str) -> Decimal:
    """An amount as English writes it: £1,234.50, 0.001 GBP, with either minus."""
    kept = text.replace("\N{MINUS SIGN}", "-")
    return Decimal("".join(sign for sign in kept if sign.isdigit() or sign in "-."))


def _as_typed(amount: int) -> str:
    return f"{amount // 100}.{amount % 100:02d}"


if __name__ == "__main__":
    sys.exit(play(OfficeActor))
