"""A till as a process of its own that plays its part in a story: real window, told what to do.

Reads one JSON object per line from standard input and answers each with one line. It can be killed
at any moment, as a till loses power.
"""

import asyncio
import json
import os
import sys
import threading
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import qasync
from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from desktop.app import Options, Program
from desktop.device import Device
from desktop.settings import Profile
from desktop.ui import tasks
from desktop.workbench import Workbench
from desktop.workspaces.kiosk.carts import Stage
from desktop.workspaces.kiosk.counter import Counter
from desktop.workspaces.kiosk.window import KioskWindow
from shared.kernel.permissions import Permission
from shared.organization.queries import active_users
from shared.payments.commands import TenderKind
from shared.pos.queries import recent_receipts
from shared.pricing.engine import OrderDiscount
from tests.scenarios.waiting import until

Told = dict[str, Any]
_HEARTBEAT_MS = 50


class TillActor:
    """Plays a cashier on a real kiosk window."""

    def __init__(self, folder: Path, app: QApplication) -> None:
        self._folder = folder
        self._app = app
        self._program: Program | None = None

    async def hear(self, told: Told) -> Told:
        """Do what one line says."""
        part: Callable[[Told], Awaitable[Told | None]] = getattr(self, f"do_{told['do']}")
        return {"ok": True} | (await part(told) or {})

    @property
    def program(self) -> Program:
        """The running program."""
        if self._program is None:
            raise RuntimeError("the till is not on")
        return self._program

    @property
    def device(self) -> Device:
        """The open device."""
        if self.program.device is None:
            raise RuntimeError("the till is not on")
        return self.program.device

    @property
    def window(self) -> KioskWindow:
        """The till's window."""
        window = self.program.window
        if not isinstance(window, KioskWindow):
            raise TypeError("the till shows no kiosk yet")
        return window

    @property
    def counter(self) -> Counter:
        """The parts behind the window."""
        return self.window.counter

    async def do_switch_on(self, told: Told) -> Told:
        """Start the program; pair it the first time."""
        pair = (told["url"], told["code"]) if "code" in told else None
        options = Options(profile=Profile(self._folder), pair_with=pair, language="en", mode="light")
        self._program = Program(options, self._app)
        await self._program.start()
        await until(lambda: isinstance(self.program.window, KioskWindow))
        self.window.resize(1280, 800)
        await until(lambda: self.counter.till.state is not None)
        return {"cart_lines": len(self.counter.sale.cart.lines)}

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
        return self._app.focusWidget() or self.window

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
        if told.get("is_exact"):
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
        self.window.route()
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
        shown = {
            "z_no": report.z_no,
            "expected": report.expected_amount,
            "difference": report.difference_amount,
            "gross": report.gross_amount,
            "refunded": report.refunded_amount,
            "sales": report.sale_count,
        }
        return shown

    async def do_standing(self, _told: Told) -> Told:
        """What is unsent, and whether the server answers."""
        light = self.device.light
        return {"unsent": light.unsent_count, "online": light.is_online, "cursor": light.cursor}

    async def do_drained(self, told: Told) -> Told:
        """Wait until the server has confirmed everything and all its rows are here."""
        light = self.device.light
        light.sync_now()
        await until(
            lambda: light.unsent_count == 0
            and light.status.state.value == "idle"
            and light.status.lag == 0,
            patience_s=told.get("patience", 60),
        )
        return {"cursor": light.cursor, "mismatches": light.mismatch_count}

    async def do_digests(self, _told: Told) -> Told:
        """Counts and digests recomputed from this till's rows."""
        found = await self.device.work.ask(Workbench.recount)
        return {"digests": [(d.scope, d.table, d.row_count, d.digest_sum) for d in found]}

    async def do_shot(self, told: Told) -> None:
        """Photograph the window."""
        await until(lambda: not tasks.running())
        self.window.grab().save(told["path"])

    async def do_users(self, _told: Told) -> Told:
        """The staff, as this till knows it."""
        found = await self.device.desk().fetch(active_users)
        return {"names": [user.name for user in found]}

    async def do_switch_off(self, _told: Told) -> None:
        """End in order."""
        await self.program.stop()

    def _figures(self) -> Told:
        sale = self.counter.sale
        return {"total": sale.total_amount, "lines": len(sale.cart.lines)}


def main() -> int:
    """Play until standard input ends."""
    app = QApplication(sys.argv[:1])
    app.setQuitOnLastWindowClosed(False)
    loop = qasync.QEventLoop(app)
    asyncio.set_event_loop(loop)
    lines: asyncio.Queue[str] = asyncio.Queue()

    def listen() -> None:
        for line in sys.stdin:
            loop.call_soon_threadsafe(lines.put_nowait, line)
        loop.call_soon_threadsafe(lines.put_nowait, "")

    threading.Thread(target=listen, daemon=True).start()
    with loop:
        loop.run_until_complete(_play(TillActor(Path(sys.argv[1]), app), lines))
    return 0


async def _play(actor: TillActor, lines: "asyncio.Queue[str]") -> None:
    while line := await lines.get():
        told = json.loads(line)
        try:
            answer = await actor.hear(told)
        except Exception as error:  # noqa: BLE001 - the story hears of it
            answer = {"ok": False, "error": f"{type(error).__name__}: {error}"}
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
