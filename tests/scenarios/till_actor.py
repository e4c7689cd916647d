"""A cashier at a real till, working by keys, scans and touch; see `play` for how it is told."""

import asyncio
import json
import sys
from collections.abc import Callable

from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from desktop.ui import i18n
from desktop.ui.card import StatTile
from desktop.workspaces.cases.view import CasesView
from desktop.workspaces.kiosk.carts import Stage
from desktop.workspaces.kiosk.count.view import CountField
from desktop.workspaces.kiosk.counter import Counter
from desktop.workspaces.kiosk.refund.view import RefundView
from desktop.workspaces.kiosk.selling.view import TillView
from desktop.workspaces.kiosk.shift.view import ClosingView, OpeningView
from desktop.workspaces.kiosk.window import KioskWindow
from desktop.workspaces.sync.view import SyncView
from shared.payments.commands import TenderKind
from shared.pos.model import ZReport
from shared.pos.queries import recent_receipts
from shared.pos.tables import ReceiptRow
from tests.scenarios.play import Actor, Told, play
from tests.support.waiting import PATIENCE_S, until

_MOMENT_MS = 50


class TillActor(Actor):
    """Sells, refunds and closes."""

    @property
    def kiosk(self) -> KioskWindow:
        """The till's window."""
        if not isinstance(self.window, KioskWindow):
            raise TypeError("the till shows no kiosk yet")
        return self.window

    @property
    def counter(self) -> Counter:
        """The parts behind the window, to see what became of it."""
        return self.kiosk.counter

    async def opened(self) -> None:
        """Wait for the cart as it was left."""
        await until(lambda: self.counter.till.state is not None)

    async def do_cart(self, _told: Told) -> Told:
        """What lies in the open cart."""
        return self._figures() | {"stage": self.counter.carts.stage.value}

    # -- who is here

    async def do_sign_in(self, told: Told) -> None:
        """Touch the cashier's tile and key the PIN in."""
        name = told["name"]
        await until(lambda: self.at.offers(name))
        self.at.tap(name)
        await self._key_pin(told["pin"], "Sign in")
        await until(lambda: self.counter.gate.user_name == name)

    async def _key_pin(self, pin: str, enter: str) -> None:
        await until(lambda: self.at.offers(enter))
        self.at.tap(*pin, enter)

    # -- the drawer

    async def do_open_shift(self, told: Told) -> None:
        """Count the float into the drawer and open the shift."""
        await self._see(OpeningView)
        self._count(told["float"])
        self.at.tap("Open the shift")
        await until(lambda: self.counter.till.shift is not None)

    async def do_close_shift(self, told: Told) -> Told:
        """Count blind and close; the Z report as it is shown then."""
        await self.at.press("Ctrl+Shift+Z")
        await self._see(ClosingView)
        self._count(told["counted"])
        self.at.tap("Close the shift")
        await until(lambda: self.at.offers("Finish"))
        report = self._report()
        return {
            "z_no": report.z_no,
            "expected": report.expected_amount,
            "difference": report.difference_amount,
            "gross": report.gross_amount,
            "refunded": report.refunded_amount,
            "sales": report.sale_count,
        }

    def _report(self) -> ZReport:
        report = self.counter.shift.report
        if report is None:
            raise RuntimeError("no report")
        return report

    def _count(self, amount: int) -> None:
        """Key in how many of each note and coin make up an amount, beginning with the largest."""
        fields = sorted(self.at.every(CountField), key=lambda field: field.amount, reverse=True)
        for field in fields:
            pieces, amount = divmod(amount, field.amount)
            if pieces:
                QTest.mouseClick(field, Qt.MouseButton.LeftButton)
                self.at.tap(*str(pieces))

    async def _see(self, screen: type[QWidget]) -> None:
        await until(lambda: isinstance(self.kiosk.current_screen(), screen))

    # -- a sale

    async def do_scan(self, told: Told) -> Told:
        """Scan goods, each as often as said."""
        for code, times in told["codes"]:
            for _ in range(times):
                await self._scan_goods(code)
        return self._figures()

    async def _scan_goods(self, code: str) -> None:
        before = self._units()
        self.at.scan(code)
        await until(lambda: self._units() > before)

    def _units(self) -> int:
        return sum(line.sale.qty for line in self.counter.sale.cart.lines)

    async def do_discount(self, told: Told) -> Told:
        """Take a percentage off the whole sale, as a supervisor allows by PIN."""
        name, pin = told["approver"]
        QTest.keyClick(self.at.focus(), Qt.Key.Key_F5, Qt.KeyboardModifier.ShiftModifier)
        await until(lambda: self.at.offers("Give discount"))
        self.at.tap(f"{told['percent']}%", "Loyal customer", "Give discount")
        await until(lambda: self.at.offers(name))
        self.at.tap(name)
        await self._key_pin(pin, "Approve")
        await until(lambda: self.counter.sale.cart.order_discount is not None)
        return self._figures()

    async def do_pay(self, told: Told) -> Told:
        """Take money: a part by card where said, the rest in cash, exactly or with change."""
        total = self.counter.sale.total_amount
        if told.get("is_exact"):
            await self._press_until_it_counts(self._press_exact_cash)
        else:
            await self._press_until_it_counts(self._press_pay)
            if told.get("card"):
                await self._take_card(told["card"])
            await self._take_cash(is_exact=bool(told.get("card")))
        if told.get("dies"):
            sys.stdout.write(json.dumps({"ok": True, "dying": True}) + "\n")
            sys.stdout.flush()
        await until(lambda: self.counter.carts.stage is Stage.PAID)
        return self._tenders(await self._printed()) | {"total": total}

    async def _printed(self) -> ReceiptRow:
        tender = self.counter.tender
        await until(lambda: tender.receipt is not None)
        if tender.receipt is None:
            raise RuntimeError("no receipt")
        return tender.receipt

    @staticmethod
    def _tenders(receipt: ReceiptRow) -> Told:
        """What the receipt says was paid in cash."""
        document = receipt.document
        cash = sum(each.amount for each in document.tenders if each.kind == TenderKind.CASH)
        return {"number": receipt.number, "cash": cash}

    async def _press_until_it_counts(self, press: Callable[[], None]) -> None:
        """A press too soon after the last change is not meant: press again a moment later."""
        moment = QTimer(singleShot=True, interval=_MOMENT_MS)
        async with asyncio.timeout(PATIENCE_S):
            while self._is_selling():
                press()
                moment.start()
                await until(lambda: not (self._is_selling() and moment.isActive()))

    def _is_selling(self) -> bool:
        return self.counter.carts.stage is Stage.SELLING

    def _press_exact_cash(self) -> None:
        """The plus of the number block."""
        keypad = Qt.KeyboardModifier.KeypadModifier
        QTest.keyClick(self.at.focus(), Qt.Key.Key_Plus, keypad)

    def _press_pay(self) -> None:
        QTest.keyClick(self.at.focus(), Qt.Key.Key_F12)

    async def _take_card(self, amount: int) -> None:
        """Charge a part on the card terminal and key its reference in."""
        before = len(self.counter.sale.cart.tenders)
        await self.at.press("Alt+2")
        self.at.tap("Other amount", *str(amount), "Charge this much", *"0042", "Approved")
        await until(lambda: len(self.counter.sale.cart.tenders) > before)

    async def _take_cash(self, *, is_exact: bool) -> None:
        """Take the next larger sum that is likely, or what is due; or finish what is paid."""
        tender = self.counter.tender
        if tender.due.is_settled:
            self.at.tap("Complete the sale")
            return
        if tender.sale.cart.tenders:
            await self.at.press("Alt+1")
        amounts = tender.quick_amounts
        given = amounts[0 if is_exact or len(amounts) == 1 else 1]
        shown = i18n.format_money(given, tender.sale.till.currency)
        self.at.tap(f"Exact {shown}" if given == amounts[0] else shown)

    # -- a return

    async def do_refund(self, told: Told) -> Told:
        """Take one unit of the first line of a receipt back, for cash."""
        await self.at.press("F9")
        await self._see(RefundView)
        self.at.scan(told["number"])
        await until(lambda: self.at.offers("More"))
        self.at.tap("More", "Wrong size", "Cash", "Give back")
        model = self.counter.refund
        await until(lambda: model.done is not None)
        if model.done is None:
            raise RuntimeError("no receipt")
        number, amount = model.done.number, model.total_amount
        self.at.tap("Back to selling")
        return {"amount": amount, "number": number}

    # -- what was odd, and the server

    async def do_cases(self, _told: Told) -> Told:
        """Open the cases by their key, read them, and go back with one key."""
        await self.at.press("Ctrl+5")
        await self._see(CasesView)
        shown = self.at.column("What happened", "Cases")
        says = self.at.says()
        await self.at.press("Esc")
        await self._see(TillView)
        return {"shown": shown, "says": says, "strip": self.kiosk.strip.words()}

    async def do_settle_case(self, told: Told) -> Told:
        """Say what was done about the case in front; somebody who may keys their PIN in for it."""
        name, pin = told["approver"]
        await self.at.press("Ctrl+5")
        await self._see(CasesView)
        await self.at.press("F5")
        self.at.editor("What was done").setFocus()
        await self.at.write_slowly(told["note"])
        self.at.tap("It was put right")
        await until(lambda: self.at.offers(name))
        self.at.tap(name)
        await self._key_pin(pin, "Approve")
        await until(lambda: self.counter.cases.count == 0)
        await self.at.settle()
        says = self.at.says()
        await self.at.press("Esc")
        return {"says": says, "cashier": self.counter.gate.user_name}

    async def do_server_page(self, _told: Told) -> Told:
        """Read how the till stands to its server, and go back with one key."""
        await self.at.press("Ctrl+7")
        await self._see(SyncView)
        tiles = self.at.names(StatTile)
        await self.at.press("Esc")
        return {"tiles": dict(each.split(": ", 1) for each in tiles)}

    # -- what the books say

    async def do_receipts(self, _told: Told) -> Told:
        """Every receipt number of this till, oldest first."""
        desk = self.device.desk()
        register_id = desk.identity.register_id or ""
        found = await desk.fetch(recent_receipts, register_id, limit=200)
        return {"numbers": [receipt.number for receipt in found][::-1]}

    def _figures(self) -> Told:
        sale = self.counter.sale
        return {"total": sale.total_amount, "lines": len(sale.cart.lines)}


if __name__ == "__main__":
    sys.exit(play(TillActor))
