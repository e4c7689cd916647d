"""A cashier on a real till; see `play` for how it is told."""

import json
import sys

from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from desktop.workspaces.kiosk.carts import Stage
from desktop.workspaces.kiosk.counter import Counter
from desktop.workspaces.kiosk.tender.view_model import TenderViewModel
from desktop.workspaces.kiosk.window import KioskWindow
from shared.kernel.permissions import Permission
from shared.organization.queries import active_users
from shared.payments.commands import TenderKind
from shared.pos.queries import recent_receipts
from shared.pricing.engine import OrderDiscount
from tests.scenarios.play import Actor, Told, play
from tests.support.waiting import until

_HEARTBEAT_MS = 50


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
        """The parts behind the window."""
        return self.kiosk.counter

    async def opened(self) -> None:
        """Wait for the cart as it was left."""
        await until(lambda: self.counter.till.state is not None)

    async def do_cart(self, _told: Told) -> Told:
        """What lies in the open cart."""
        return self._figures() | {"stage": self.counter.carts.stage.value}

    async def do_sign_in(self, told: Told) -> None:
        """Choose the cashier's tile and key the PIN in."""
        model = self.counter.sign_in
        await until(lambda: any(user.name == told["name"] for user in model.users))
        user = next(user for user in model.users if user.name == told["name"])
        model.choose(user.user_id)
        model.enter(told["pin"])
        await until(lambda: self.counter.gate.user_id == user.user_id)

    async def do_open_shift(self, told: Told) -> None:
        """Open the drawer."""
        self.counter.shift.open(told["float"])
        await until(self._has_shift)

    def _has_shift(self) -> bool:
        state = self.counter.till.state
        return state is not None and state.shift is not None

    async def do_scan(self, told: Told) -> Told:
        """Scan goods, each as often as said."""
        for code, times in told["codes"]:
            for _ in range(times):
                await self._scan(code)
        return self._figures()

    async def _scan(self, code: str) -> None:
        before = self._units()
        QTest.keyClicks(self._focus(), code + "\r")
        await until(lambda: self._units() > before)

    def _units(self) -> int:
        return sum(line.sale.qty for line in self.counter.sale.cart.lines)

    def _focus(self) -> QWidget:
        return self.app.focusWidget() or self.window

    async def do_discount(self, told: Told) -> Told:
        """Take a percentage off the whole sale, as a supervisor allows by PIN."""
        name, pin = told["approver"]
        staff = await self.device.desk().fetch(active_users)
        approver = next(user for user in staff if user.name == name)
        await self.counter.gate.check(approver.user_id, pin, Permission.DISCOUNT)
        discount = OrderDiscount(kind="percent", value=told["value"], reason=told["reason"])
        self.counter.sale.discount_all(discount, approver_id=approver.user_id)
        await until(lambda: self.counter.sale.cart.order_discount is not None)
        return self._figures()

    async def do_pay(self, told: Told) -> Told:
        """Take money: a part by card where said, the rest in cash, exactly or with change."""
        tender = self.counter.tender
        total = self.counter.sale.total_amount
        if told.get("resumes"):
            self._resume(tender)
        elif told.get("is_exact"):
            await self._press_exact_cash()
        else:
            await self._begin_to_pay()
            if told.get("card"):
                tender.other(TenderKind.CARD_EXTERNAL, told["card"], "T-0042")
            if self.counter.carts.stage is Stage.TENDERING:
                tender.cash(told.get("given") or tender.due.cash_amount)
        if told.get("dies"):
            sys.stdout.write(json.dumps({"ok": True, "dying": True}) + "\n")
            sys.stdout.flush()
        await until(lambda: self.counter.carts.stage is Stage.PAID)
        await until(lambda: tender.receipt is not None)
        number = "" if tender.receipt is None else tender.receipt.number
        return {"number": number, "total": total}

    def _resume(self, tender: TenderViewModel) -> None:
        """Go on with a payment that a power cut broke off."""
        if tender.due.is_settled:
            tender.finish()
        else:
            tender.cash(tender.due.cash_amount)

    async def _press_exact_cash(self) -> None:
        """Press the plus of the number block until it counts."""
        heartbeat = QTimer()
        heartbeat.start(_HEARTBEAT_MS)

        def is_under_way() -> bool:
            if self.counter.carts.stage is Stage.SELLING:
                plus = Qt.Key.Key_Plus
                QTest.keyClick(self.window, plus, Qt.KeyboardModifier.KeypadModifier)
            return self.counter.carts.stage is not Stage.SELLING

        await until(is_under_way)
        heartbeat.stop()

    async def _begin_to_pay(self) -> None:
        """Press Pay until it counts: a press too soon after the last change is not meant."""
        heartbeat = QTimer()
        heartbeat.start(_HEARTBEAT_MS)

        def is_paying() -> bool:
            self.counter.tender.start()
            return self.counter.carts.stage is Stage.TENDERING

        await until(is_paying)
        heartbeat.stop()

    async def do_refund(self, told: Told) -> Told:
        """Take the first line of a receipt back, one unit."""
        model = self.counter.refund
        model.begin()
        model.look_up(told["number"])
        await until(lambda: bool(model.rows))
        model.set_qty(model.rows[0].id, 1)
        await until(lambda: model.total_amount > 0)
        amount = model.total_amount
        before = await self._numbers()
        model.choose_tender(TenderKind.CASH)
        model.submit("did not fit")
        await until(lambda: not model.busy)
        numbers = before
        while numbers == before:
            numbers = await self._numbers()
        self.kiosk.route()
        return {"amount": amount, "number": numbers[0]}

    async def _numbers(self) -> list[str]:
        desk = self.device.desk()
        register_id = desk.identity.register_id or ""
        found = await desk.fetch(recent_receipts, register_id, limit=200)
        return [receipt.number for receipt in found]

    async def do_receipts(self, _told: Told) -> Told:
        """Every receipt number of this till, oldest first."""
        return {"numbers": (await self._numbers())[::-1]}

    async def do_close_shift(self, told: Told) -> Told:
        """Count blind and close."""
        model = self.counter.shift
        model.close(told["counted"])
        await until(lambda: model.report is not None)
        report = model.report
        if report is None:
            raise RuntimeError("no report")
        return {
            "z_no": report.z_no,
            "expected": report.expected_amount,
            "difference": report.difference_amount,
            "gross": report.gross_amount,
            "refunded": report.refunded_amount,
            "sales": report.sale_count,
        }

    def _figures(self) -> Told:
        sale = self.counter.sale
        return {"total": sale.total_amount, "lines": len(sale.cart.lines)}


if __name__ == "__main__":
    sys.exit(play(TillActor))
