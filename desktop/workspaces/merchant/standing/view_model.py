"""Chips of the status strip and figures of the rail: who, network, unsent, what waits."""

from PySide6.QtCore import QObject

from desktop.ui import i18n
from desktop.ui.binding import connect
from desktop.ui.status_strip import Chip, Severity
from desktop.ui.ticker import Ticker
from desktop.ui.view_model import ViewModel
from desktop.workspaces.merchant.office import Office
from desktop.workspaces.merchant.places import Place, Screen
from desktop.workspaces.sync.chips import ALARM, alarm_chip
from desktop.workspaces.sync.ports import SyncStatus
from shared.reports.queries import Waiting, to_settle, to_ship
from shared.storage.reader import Reader

_PACE_MS = 30_000
_OLD_HOURS = 24


class StandingViewModel(ViewModel):
    """Made anew whenever something behind it changes, and as time passes."""

    watches = frozenset({"inbox_case", "fulfillment"})

    def __init__(
        self, office: Office, sync_status: SyncStatus, parent: QObject | None = None
    ) -> None:
        super().__init__(office.desk.hub, parent)
        self._office, self._sync = office, sync_status
        self.to_ship = Waiting(0, None)
        self.to_settle = Waiting(0, None)
        self._ticker = Ticker(_PACE_MS, self)
        for signal in (office.changed, sync_status.changed, self._ticker.ticked):
            connect(signal, self._tell)
        self._ticker.start()

    async def refresh(self) -> None:
        """Count what waits."""
        self.to_ship, self.to_settle = await self._office.desk.fetch(_waiting)
        self.changed.emit()

    def chips(self) -> tuple[Chip, ...]:
        """The state of everything, in a fixed order."""
        alarm = alarm_chip(self._sync)
        chips = (self._person(), self._network(), self._unsent(), self._cases())
        return chips if alarm is None else (*chips, alarm)

    def choose(self, chip_id: str) -> None:
        """Go to the screen behind a chip."""
        screens = {
            "network": Screen.SYNC,
            "unsent": Screen.SYNC,
            "cases": Screen.INBOX,
            ALARM: Screen.SYNC,
        }
        if chip_id in screens:
            self._office.go(Place(screen=screens[chip_id]))

    def _tell(self) -> None:
        self.changed.emit()

    def _person(self) -> Chip:
        name = self._office.desk.session.user_name
        tip = i18n.tr("merchant.standing.person")
        return Chip("person", "user", name or i18n.tr("merchant.standing.nobody"), tip=tip)

    def _network(self) -> Chip:
        if self._sync.is_online:
            return Chip("network", "cloud", i18n.tr("sync.online"))
        since = self._sync.offline_since
        text = i18n.tr("sync.offline")
        if since is not None:
            text = i18n.tr("sync.offline_since", since=i18n.format_time(since))
        tip = i18n.tr("sync.offline.tip")
        return Chip("network", "cloud-off", text, Severity.DEGRADED, tip=tip)

    def _unsent(self) -> Chip:
        count = self._sync.unsent_count
        if not count and self._sync.progress.unsent_blobs:
            return self._files()
        if not count:
            return Chip("unsent", "circle-check", i18n.tr("sync.all_sent"))
        oldest = self._sync.oldest_unsent_at
        now = self._office.desk.clock.now()
        is_old = oldest is not None and (now - oldest).total_seconds() > _OLD_HOURS * 3600
        severity = Severity.DEGRADED if is_old or not self._sync.is_online else Severity.OK
        tip = "" if oldest is None else i18n.format_relative(oldest, now)
        figure = i18n.format_number(count)
        text = i18n.tr("sync.unsent")
        return Chip("unsent", "cloud-upload", text, severity, count=figure, tip=tip)

    def _files(self) -> Chip:
        """All changes are sent, and pictures are to follow them."""
        severity = Severity.OK if self._sync.is_online else Severity.DEGRADED
        figure = i18n.format_number(self._sync.progress.unsent_blobs)
        text = i18n.tr("sync.files")
        return Chip("unsent", "cloud-upload", text, severity, count=figure)

    def _cases(self) -> Chip:
        count = self.to_settle.count
        if not count:
            return Chip("cases", "inbox", i18n.tr("merchant.standing.no_cases"))
        text = i18n.tr("merchant.standing.cases")
        figure = i18n.format_number(count)
        return Chip("cases", "inbox", text, Severity.DEGRADED, count=figure)


def _waiting(reader: Reader) -> tuple[Waiting, Waiting]:
    return to_ship(reader), to_settle(reader)
