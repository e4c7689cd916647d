"""A back office to work in: the real window on real files, driven by keys and by what is said."""

from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

from desktop.ui import tasks
from desktop.workspaces.gate import StaffGate
from desktop.workspaces.merchant.window import MerchantWindow
from shared.kernel.ids import new_id
from shared.kernel.messages import Command, OutcomeState
from shared.organization.commands import Workspace
from tests.desktop.workspaces.merchant.fakes import KeptPreferences
from tests.desktop.workspaces.surroundings import FarServer, MadeHere
from tests.support.desk import OpenDesk, ShopOnDevice, SomebodySignedIn
from tests.support.office_hands import OfficeHands
from tests.support.qt_loop import UiLoop

T = TypeVar("T")
_PATIENCE_S = 90


@dataclass(frozen=True)
class Behind:
    """What stands behind a back office in a test."""

    ui: UiLoop
    device: ShopOnDevice
    opened: OpenDesk
    sync: FarServer
    preferences: KeptPreferences


class BackOffice(OfficeHands):
    """One run of the back office: somebody's hands at its window, and what stands behind it."""

    def __init__(self, window: MerchantWindow, behind: Behind) -> None:
        super().__init__(window)
        self.ui = behind.ui
        self.device = behind.device
        self.opened = behind.opened
        self.sync = behind.sync
        self.preferences = behind.preferences

    def gate(self) -> StaffGate:
        """The gate that lets people in; only where the office was opened with one."""
        session = self.window.office.desk.session
        assert isinstance(session, StaffGate)
        return session

    async def fetch(self, query: Callable[..., T], *args: object, **kwargs: object) -> T:
        """Run a query as a screen does."""
        return await self.opened.desk.fetch(query, *args, **kwargs)


class OfficeMaker:
    """Opens back offices on one device, as often as a test likes."""

    def __init__(self, ui: UiLoop, folder: Path) -> None:
        self.ui = ui
        self.device = ShopOnDevice(folder / "profile", workspace=Workspace.MERCHANT)
        self.made_here = MadeHere()

    def refused(self, command: Command) -> None:
        """Let the server have refused a command that was made on this device."""
        command_id = new_id()
        self.made_here.commands[command_id] = command
        with self.device.seeding() as shop:
            outcome = shop.decide(command, command_id=command_id)
        assert outcome.state is OutcomeState.REJECTED

    @contextmanager
    def open(
        self,
        session: SomebodySignedIn | None = None,
        *,
        size: tuple[int, int] = (1280, 720),
        is_gated: bool = False,
    ) -> Iterator[BackOffice]:
        """A window that is shown; it is put away at the end. With a gate, nobody is signed in."""
        opened = self.device.open(session)
        desk = opened.desk
        if is_gated:
            desk = replace(desk, session=StaffGate(opened.work, self.device.clock))
        sync, preferences = FarServer(), KeptPreferences()
        window = MerchantWindow(
            desk, sync_status=sync, preferences=preferences, sent=self.made_here
        )
        tasks.use_reporter(self.ui.reporter)
        self.ui.show(window, *size)
        try:
            yield BackOffice(window, Behind(self.ui, self.device, opened, sync, preferences))
        finally:
            window.hide()
            window.deleteLater()
            self.ui.run(self.ui.turn(2))
            opened.close()

    def run(
        self,
        story: Callable[[BackOffice], Coroutine[object, object, None]],
        session: SomebodySignedIn | None = None,
        *,
        size: tuple[int, int] = (1280, 720),
        is_gated: bool = False,
    ) -> None:
        """Play a story in a back office."""

        async def whole(office: BackOffice) -> None:
            await office.settle()
            await story(office)

        with self.open(session, size=size, is_gated=is_gated) as office:
            self.ui.run(whole(office), _PATIENCE_S)
