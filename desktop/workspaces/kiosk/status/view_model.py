"""How the till stands, as chips: who, which register, shift, network, unsent sales, printer."""

from datetime import datetime

from PySide6.QtCore import QObject

from desktop.hardware.worker import PrinterState
from desktop.ui import i18n
from desktop.ui.binding import connect
from desktop.ui.status_strip import Chip, Severity
from desktop.ui.ticker import Ticker
from desktop.ui.view_model import ViewModel
from desktop.workspaces.cases.chips import cases_chip
from desktop.workspaces.cases.view_model import CasesViewModel
from desktop.workspaces.kiosk import keys
from desktop.workspaces.kiosk.ports import Gate, ReceiptPrinter
from desktop.workspaces.kiosk.till import Till
from desktop.workspaces.sync.chips import alarm_chip
from desktop.workspaces.sync.ports import SyncStatus
from desktop.workspaces.sync.sharing import sharing_words

_PACE_MS = 15_000
_OLD_HOURS = 24
_PRINTER_SEVERITY = {
    PrinterState.NONE: Severity.DEGRADED,
    PrinterState.READY: Severity.OK,
    PrinterState.UNREACHABLE: Severity.DANGER,
}


class StatusViewModel(ViewModel):
    """Makes the chips anew whenever something behind them changes, and as time passes."""

    def __init__(
        self,
        till: Till,
        gate: Gate,
        *,
        sync_status: SyncStatus,
        printer: ReceiptPrinter,
        cases: CasesViewModel,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(till.desk.hub, parent)
        self._till, self._gate = till, gate
        self._sync, self._printer, self._cases = sync_status, printer, cases
        self._ticker = Ticker(_PACE_MS, self)
        for part in (till, gate, sync_status, printer, cases):
            connect(part.changed, self._tell)
        connect(self._ticker.ticked, self._tell)
        self._ticker.start()

    def chips(self) -> tuple[Chip, ...]:
        """The state of everything, in a fixed order; an alarm only while there is one."""
        alarm = alarm_chip(self._sync)
        return (
            self._cashier(),
            self._register(),
            self._shift(),
            self._network(),
            self._unsent(),
            self._paper(),
            *(() if self._gate.user_id is None else (cases_chip(self._cases.count, keys.CASES),)),
            *(() if alarm is None else (alarm,)),
        )

    def _tell(self) -> None:
        self.changed.emit()

    def _cashier(self) -> Chip:
        name = self._gate.user_name
        if name:
            return Chip("cashier", "user-check", name, tip=i18n.tr("kiosk.status.cashier"))
        return Chip("cashier", "lock", i18n.tr("kiosk.status.nobody"), Severity.DEGRADED)

    def _register(self) -> Chip:
        state = self._till.state
        code = state.register.code if state is not None else "–"
        tip = f"{state.store.name} · {state.register.name}" if state is not None else ""
        return Chip("register", "monitor", code, tip=tip)

    def _shift(self) -> Chip:
        shift = self._till.shift
        if shift is None:
            return Chip("shift", "vault", i18n.tr("kiosk.status.shift.closed"), Severity.DEGRADED)
        since = i18n.format_time(shift.opened_at)
        return Chip("shift", "vault", i18n.tr("kiosk.status.shift.open", since=since))

    def _network(self) -> Chip:
        if self._sync.is_online:
            return Chip("network", "wifi", i18n.tr("kiosk.status.online"))
        since = self._sync.offline_since
        tip = i18n.tr("kiosk.status.offline.tip")
        if since is None:
            text = i18n.tr("kiosk.status.offline")
        else:
            text = i18n.tr("kiosk.status.offline.since", since=self._moment(since))
        return Chip("network", "wifi-off", text, Severity.DEGRADED, tip=tip)

    def _unsent(self) -> Chip:
        count, share = self._sync.unsent_count, self._sync.store
        more = [f"{word.title}: {word.text}" for word in sharing_words(share)] * share.is_on
        if not count:
            text = i18n.tr("kiosk.status.sent")
            return Chip("unsent", "cloud-upload", text, tip="\n".join(more))
        oldest = self._sync.oldest_unsent_at
        now = self._till.desk.clock.now()
        text = i18n.tr("kiosk.status.unsent", count=count)
        if oldest is not None:
            text = f"{text} · {i18n.format_relative(oldest, now)}"
        is_old = oldest is not None and (now - oldest).total_seconds() > _OLD_HOURS * 3600
        severity = Severity.DEGRADED if is_old or not self._sync.is_online else Severity.OK
        tip = i18n.tr("kiosk.status.unsent.tip")
        if share.is_on and not self._sync.is_online:
            where = "uncopied" if share.uncopied else "copied"
            text = i18n.tr(f"kiosk.status.{where}", text=text)
            tip = i18n.tr(f"kiosk.status.{where}.tip")
        return Chip("unsent", "cloud-upload", text, severity, tip="\n".join([tip, *more]))

    def _paper(self) -> Chip:
        state = self._printer.state
        text = i18n.tr(f"kiosk.status.printer.{state.value}")
        waiting = self._printer.waiting_count
        return Chip(
            "printer",
            "printer",
            text,
            _PRINTER_SEVERITY[state],
            count=i18n.format_number(waiting) if waiting else "",
        )

    def _moment(self, at: datetime) -> str:
        """The time of day, with the day unless it is today."""
        now = self._till.desk.clock.now()
        is_today = i18n.format_date(at) == i18n.format_date(now)
        return i18n.format_time(at) if is_today else i18n.format_datetime(at)
