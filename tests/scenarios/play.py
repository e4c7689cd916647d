"""What every actor of a story has in common: a real program, told what to do line by line.

Reads one JSON object per line from standard input and answers each with one line. It can be killed
at any moment, as a machine loses power.
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
from PySide6.QtCore import QMessageLogContext, QtMsgType, qInstallMessageHandler
from PySide6.QtWidgets import QApplication, QWidget

from desktop.app import Options, Program
from desktop.device import Device
from desktop.settings import Profile
from desktop.ui import tasks, theme
from desktop.ui.theme import Mode
from desktop.workspaces.pairing.view import PairingView
from shared.organization.queries import active_users
from shared.sync.cursor import START, Cursor
from shared.sync.recount import recount
from tests.support.hands import Hands
from tests.support.waiting import until

Told = dict[str, Any]


class Actor:
    """Plays a person on one real window. Methods `do_<word>` are what it can be told."""

    def __init__(self, folder: Path, app: QApplication) -> None:
        self._folder = folder
        self.app = app
        self._program: Program | None = None

    async def hear(self, told: Told) -> Told:
        """Do what one line says."""
        part: Callable[[Told], Awaitable[Told | None]] = getattr(self, f"do_{told['do']}")
        return {"ok": True} | (await part(told) or {})

    @property
    def program(self) -> Program:
        """The running program."""
        if self._program is None:
            raise RuntimeError("the program is not on")
        return self._program

    @property
    def device(self) -> Device:
        """The open device."""
        if self.program.device is None:
            raise RuntimeError("the device is not open")
        return self.program.device

    @property
    def window(self) -> QWidget:
        """The window that is shown."""
        if self.program.window is None:
            raise RuntimeError("there is no window")
        return self.program.window

    async def do_switch_on(self, told: Told) -> Told:
        """Start the program; pair it the first time, and let somebody in where said."""
        options = Options(
            profile=Profile(self._folder),
            pair_with=(told["url"], told["code"]) if "code" in told else None,
            sign_in_as=(told["name"], told["pin"]) if "pin" in told else None,
            language="en",
            mode=told.get("mode", "light"),
        )
        self._program = Program(options, self.app)
        await self._program.start()
        await until(lambda: self._is_open(self.program.window), patience_s=120)
        self.window.resize(1280, 800)
        self.window.activateWindow()
        await self.opened()
        return {"users": [user.name for user in await self.device.work.fetch(active_users)]}

    @staticmethod
    def _is_open(window: QWidget | None) -> bool:
        return window is not None and not isinstance(window, PairingView)

    async def opened(self) -> None:
        """The window has just been opened."""

    @property
    def at(self) -> Hands:
        """Hands and eyes at the window."""
        return Hands(self.window)

    async def do_standing(self, _told: Told) -> Told:
        """What is unsent, and whether the server answers."""
        light = self.device.light
        return {"unsent": light.unsent_count, "online": light.is_online, "cursor": light.cursor}

    async def do_hurry(self, _told: Told) -> None:
        """Begin to exchange at once."""
        self.device.light.sync_now()

    async def do_drained(self, told: Told) -> Told:
        """Wait until the server has confirmed everything and its rows up to `cursor` are here."""
        light = self.device.light
        wanted = Cursor.parse(told.get("cursor", str(START)))
        light.sync_now()
        await until(
            lambda: (
                light.is_online
                and light.unsent_count == 0
                and light.status.state.value == "idle"
                and light.status.lag == 0
                and light.status.cursor >= wanted
            ),
            patience_s=told.get("patience", 120),
        )
        return {"cursor": light.cursor, "mismatches": light.mismatch_count}

    async def do_digests(self, _told: Told) -> Told:
        """Counts and digests recomputed from this device's rows."""
        found = await self.device.work.look(lambda replica, _breath: recount(replica))
        return {"digests": [(d.scope, d.table, d.row_count, d.digest_sum) for d in found]}

    async def do_shot(self, told: Told) -> None:
        """Photograph the window in light, where said in dark too; the last mode stays."""
        wanted = {Mode.LIGHT: told["path"], Mode.DARK: told.get("dark")}
        for mode in (theme.current().mode, *Mode):
            path = wanted.pop(mode, None)
            if path:
                if theme.current().mode is not mode:
                    await self.at.press("Ctrl+Shift+L")
                await self._photograph(Path(path))

    async def _photograph(self, path: Path) -> None:
        await until(lambda: not tasks.running())
        self.window.grab().save(str(path))

    async def do_switch_off(self, _told: Told) -> None:
        """End in order."""
        await self.program.stop()


def play(make: Callable[[Path, QApplication], Actor]) -> int:
    """Play until standard input ends."""
    qInstallMessageHandler(_hear_qt)
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
        loop.run_until_complete(_play(make(Path(sys.argv[1]), app), lines))
    return 0


def _hear_qt(_kind: QtMsgType, _where: QMessageLogContext, text: str) -> None:
    """Pass on what Qt says, but for what the offscreen platform says of every window."""
    if "propagateSizeHints" not in text:
        sys.stderr.write(f"{text}\n")


async def _play(actor: Actor, lines: "asyncio.Queue[str]") -> None:
    while line := await lines.get():
        told = json.loads(line)
        try:
            answer = await actor.hear(told)
        except Exception as error:  # noqa: BLE001 - the story hears of it
            answer = {"ok": False, "error": f"{type(error).__name__}: {error}"}
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()
