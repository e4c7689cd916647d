"""A merchant in a real back office; see `play` for how it is told."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from desktop.workspaces.desk import Desk
from shared.catalog.commands import ChangePrice
from shared.catalog.queries import by_code
from shared.customers.commands import Address
from shared.inbox.commands import Resolution, SettleCase
from shared.inbox.queries import open_cases
from shared.inventory.commands import CountStock
from shared.inventory.queries import stock_of
from shared.kernel.errors import Rejected
from shared.kernel.ids import ImportId, LocationId, OrderId, OrderLineId, VariantId, new_id
from shared.orders.commands import Channel, PlacedLine, PlaceOrder
from shared.orders.queries import OrderFilter, by_number, order_detail, order_ids, order_list
from shared.organization.queries import locations, the_store
from shared.payments.commands import TakePayment, TenderKind
from shared.plugins.builtin import IMPORTERS
from shared.plugins.points.importer import ImportSettings
from shared.runtime.import_run import ImportPlan, ImportRun
from tests.scenarios.play import Actor, Told, play
from tests.support.waiting import until

T = TypeVar("T")


class OfficeActor(Actor):
    """Imports, changes prices and stock, takes web orders, settles cases."""

    @property
    def desk(self) -> Desk:
        """The way to the business."""
        return self.device.desk()

    async def do_import(self, told: Told) -> Told:
        """Rehearse a file and apply it, as the import wizard does."""
        store = await self.desk.fetch(the_store)
        places = await self.desk.fetch(locations)
        plan = ImportPlan(
            import_id=ImportId(new_id()),
            importer=next(each for each in IMPORTERS if each.id == told["importer"]),
            path=Path(told["path"]),
            settings=ImportSettings(store.currency, zone=store.timezone),
            location_id=places[0].location_id,
        )

        def ask(query: Callable[..., T], /, *args: object) -> T:
            return self.device.work.fetch(query, *args).result()

        report = ImportRun(plan, ask, _ignore).rehearse()
        applied = ImportRun(plan, ask, _ignore)
        for command in applied.commands(file_digest=report.totals.file_digest):
            await self.desk.submit(command)
        totals = applied.totals
        return {
            "rows_read": totals.rows_read,
            "rows_accepted": totals.rows_accepted,
            "rows_refused": totals.rows_refused,
            "source_total": f"{totals.source_total:f}",
            "imported_total": f"{totals.imported_total:f}",
            "products": report.effects.products_new,
            "orders": report.effects.orders_new,
        }

    async def do_show(self, told: Told) -> None:
        """Open a screen by its name."""
        frame = getattr(self.window, "frame", None)
        if frame is None:
            raise TypeError("this is no back office")
        frame.open_screen(told["screen"])

    async def _variant(self, code: str) -> VariantId:
        hit = await self.desk.fetch(by_code, code)
        if hit is None:
            raise Rejected("variant_not_found", id=code)
        return hit.variant.variant_id

    async def do_price(self, told: Told) -> None:
        """Change a list price."""
        variant_id = await self._variant(told["code"])
        await self.desk.submit(ChangePrice(variant_id=variant_id, price_amount=told["amount"]))

    async def do_count(self, told: Told) -> None:
        """Count a shelf."""
        await self.desk.submit(
            CountStock(
                variant_id=await self._variant(told["code"]),
                location_id=await self._location(),
                counted_qty=told["qty"],
            )
        )

    async def _location(self) -> LocationId:
        return (await self.desk.fetch(locations))[0].location_id

    async def do_stock(self, told: Told) -> Told:
        """What the books say is on hand."""
        found = await self.desk.fetch(stock_of, [await self._variant(told["code"])])
        return {"on_hand": sum(level.on_hand_qty for level in found)}

    async def do_web_order(self, told: Told) -> Told:
        """An order came in over the web and was paid."""
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

    async def do_cases(self, told: Told) -> Told:
        """Wait for so many open cases of a kind and name all open ones."""

        async def found() -> list[str]:
            return [case.code for case in await self.desk.fetch(open_cases)]

        codes = await found()
        if told.get("code"):
            await until(lambda: self.device.light.unsent_count == 0)
            codes = await found()
        return {"codes": codes}

    async def do_settle(self, told: Told) -> Told:
        """Settle the open cases of a kind; how many there were."""
        settled = 0
        for case in await self.desk.fetch(open_cases):
            if case.code == told["code"]:
                await self.desk.submit(
                    SettleCase(
                        case_id=case.case_id, resolution=Resolution.ACCEPTED, note=told["note"]
                    )
                )
                settled += 1
        return {"settled": settled}

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


def _ignore(_event: object) -> None:
    """Refused rows are counted in the totals."""


if __name__ == "__main__":
    sys.exit(play(OfficeActor))
