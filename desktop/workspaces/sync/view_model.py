"""How this device stands to its server, in words: the same on every workspace."""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal

from PySide6.QtCore import QObject

from desktop.ui import i18n
from desktop.ui.binding import connect
from desktop.ui.facts import Fact
from desktop.ui.ticker import Ticker
from desktop.ui.tokens import Tone
from desktop.ui.view_model import ViewModel
from desktop.workspaces.desk import Desk
from desktop.workspaces.sync.ports import SyncStatus
from desktop.workspaces.sync.rows import Notice, Reading
from desktop.workspaces.sync.sharing import sharing_words

_PACE_MS = 30_000
_LONG_SECONDS = 10
_KILO = 1000
_FEW = 10


class SyncStanding(ViewModel):
    """Readings, notices and facts of the exchange; made anew whenever one is asked for."""

    def __init__(self, desk: Desk, sync: SyncStatus, parent: QObject | None = None) -> None:
        super().__init__(None, parent)
        self._desk = desk
        self._sync = sync
        self._ticker = Ticker(_PACE_MS, self)
        for signal in (sync.changed, self._ticker.ticked):
            connect(signal, self._tell)
        self._ticker.start()

    @property
    def can_sync(self) -> bool:
        """Whether an exchange can be begun now."""
        return not self._sync.is_busy

    def sync_now(self) -> None:
        """Begin an exchange at once."""
        self._sync.sync_now()

    # -- figures

    def readings(self) -> tuple[Reading, ...]:
        """The figures, in a fixed order."""
        return (
            self._server(),
            self._unsent(),
            self._lag(),
            self._speed(),
            self._proof(),
            self._last(),
        )

    def _server(self) -> Reading:
        sync, name = self._sync, i18n.tr("sync.server")
        if sync.is_online:
            note = i18n.tr("sync.busy" if sync.is_busy else "sync.waiting")
            left = sync.progress.speed.seconds_left
            if sync.is_busy and left is not None and left >= _LONG_SECONDS:
                note = i18n.tr("sync.left", time=i18n.format_duration(left))
            tone = Tone.OK
            if sync.error is not None:
                tone = Tone.DANGER if sync.needs_person else Tone.WARN
                note = i18n.tr("sync.refused")
            return Reading(name, i18n.tr("sync.online"), "cloud", note, tone)
        note = "" if sync.offline_since is None else self._ago(sync.offline_since)
        return Reading(name, i18n.tr("sync.offline"), "cloud-off", note, Tone.WARN)

    def _unsent(self) -> Reading:
        count, oldest = self._sync.unsent_count, self._sync.oldest_unsent_at
        files = self._sync.progress.unsent_blobs
        note, tone = i18n.tr("sync.all_sent"), Tone.OK
        if oldest is not None:
            note, tone = i18n.tr("sync.oldest", age=self._ago(oldest)), Tone.WARN
        elif files:
            note, tone = i18n.tr("sync.files_follow", count=files), Tone.WARN
        name = i18n.tr("sync.unsent")
        return Reading(name, i18n.format_number(count), "cloud-upload", note, tone)

    def _lag(self) -> Reading:
        progress, name = self._sync.progress, i18n.tr("sync.lag")
        if not progress.is_filled:
            value = i18n.format_percent(progress.fill_percent * 100)
            return Reading(name, value, "download", i18n.tr("sync.lag.filling"), Tone.WARN)
        if not self._sync.is_online:
            return Reading(name, "–", "download", i18n.tr("sync.lag.unknown"), Tone.WARN)
        value = i18n.format_number(progress.lag)
        if progress.lag:
            return Reading(name, value, "download", i18n.tr("sync.lag.coming"))
        return Reading(name, value, "download", i18n.tr("sync.lag.none"), Tone.OK)

    def _speed(self) -> Reading:
        speed, name = self._sync.progress.speed, i18n.tr("sync.speed")
        if not (speed.commands_per_s or speed.rows_per_s):
            return Reading(name, "–", "zap", i18n.tr("sync.speed.none"))
        value = i18n.tr("sync.speed.rows", amount=_rate(speed.rows_per_s))
        notes = [
            i18n.tr("sync.speed.bytes", amount=_rate(speed.bytes_per_s / _KILO)),
            i18n.tr("sync.speed.now" if speed.is_current else "sync.speed.last"),
        ]
        if speed.commands_per_s > speed.rows_per_s:
            value = i18n.tr("sync.speed.commands", amount=_rate(speed.commands_per_s))
        elif speed.commands_per_s:
            sent = i18n.tr("sync.speed.commands", amount=_rate(speed.commands_per_s))
            notes.insert(0, sent)
        return Reading(name, value, "zap", " · ".join(notes))

    def _proof(self) -> Reading:
        sync, name, icon = self._sync, i18n.tr("sync.proof"), "shield-check"
        if sync.mismatch_count:
            count = i18n.format_number(sync.mismatch_count)
            key = "sync.unrepaired" if sync.has_repair_failed else "sync.differs.text"
            tone = Tone.DANGER if sync.has_repair_failed else Tone.WARN
            return Reading(name, i18n.tr("sync.differs"), icon, i18n.tr(key, amount=count), tone)
        if sync.verified_at is None:
            return Reading(name, "–", icon, i18n.tr("sync.unproved"))
        return Reading(name, i18n.tr("sync.agrees"), icon, self._ago(sync.verified_at), Tone.OK)

    def _last(self) -> Reading:
        at, name = self._sync.synced_at, i18n.tr("sync.synced_at")
        if at is None:
            return Reading(name, "–", "history", i18n.tr("sync.never"))
        return Reading(name, i18n.format_time(at), "history", self._ago(at))

    # -- what is the matter

    def notices(self) -> tuple[Notice, ...]:
        """What is wrong and what to do, the worst first; one calm sentence while all is well."""
        found = tuple(self._troubles())
        if found:
            return found
        if not self._sync.is_online:
            key, tone = "sync.calm.offline", Tone.WARN
        elif self._is_behind():
            key, tone = "sync.catching_up", Tone.ACCENT
        else:
            key, tone = "sync.calm", Tone.OK
        return (Notice(i18n.tr(key), i18n.tr(f"{key}.text"), tone),)

    def _troubles(self) -> Iterator[Notice]:
        sync = self._sync
        if sync.mismatch_count and sync.has_repair_failed:
            yield Notice(i18n.tr("sync.alarm"), i18n.tr("sync.unrepaired.text"), Tone.DANGER)
        elif sync.mismatch_count:
            text = i18n.tr("sync.alarm.repairing.text")
            yield Notice(i18n.tr("sync.alarm.repairing"), text, Tone.WARN)
        if sync.error is not None:
            is_grave = sync.needs_person
            head = i18n.tr("sync.failed.person" if is_grave else "sync.failed")
            text = i18n.error_text(sync.error)
            yield Notice(head, text, Tone.DANGER if is_grave else Tone.WARN)
        elif not sync.progress.is_filled and sync.is_online:
            yield Notice(i18n.tr("sync.filling"), i18n.tr("sync.filling.text"), Tone.ACCENT)

    def facts(self) -> list[Fact]:
        """What somebody who helps by telephone asks for."""
        sync, identity = self._sync, self._desk.identity
        synced = i18n.tr("sync.never")
        if sync.synced_at is not None:
            synced = i18n.format_datetime(sync.synced_at)
        facts = [
            Fact(i18n.tr("sync.synced_at"), synced),
            Fact(i18n.tr("sync.files"), i18n.format_number(sync.progress.unsent_blobs)),
            Fact(i18n.tr("sync.cursor"), sync.cursor),
            Fact(i18n.tr("sync.tenant"), identity.tenant_name),
            Fact(i18n.tr("sync.address"), i18n.left_to_right(identity.server_url) or "–"),
        ]
        if identity.location_id is not None:
            facts += [Fact(word.title, word.text) for word in sharing_words(sync.store)]
        if sync.repair_report:
            report = i18n.left_to_right(sync.repair_report)
            facts.append(Fact(i18n.tr("sync.report"), report))
        return facts

    # -- inside

    def _is_behind(self) -> bool:
        """Whether so much is under way that people should know; a sale on its way is nothing."""
        sync = self._sync
        return sync.unsent_count > _FEW or sync.progress.lag > _FEW

    def _tell(self) -> None:
        self.changed.emit()

    def _ago(self, at: datetime) -> str:
        return i18n.format_relative(at, self._desk.clock.now())


def _rate(amount: float) -> str:
    """A rate as short as it can be told: tenths below ten only."""
    places = 1 if 0 < amount < _FEW else 0
    return i18n.format_number(Decimal(str(round(amount, places))), decimals=places)
