"""Opens a profile's databases: checks them, makes them, sets a damaged replica aside."""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import sqlalchemy as sa

from desktop.backups import backups_of
from desktop.blobs import BlobFolder
from desktop.copies import Keeping
from desktop.database import (
    Durability,
    ProfileLock,
    Tap,
    copy_database,
    fold_whole_log,
    is_sound,
    open_engine,
    put_in_place,
    remove,
    set_aside,
    storage_errors,
)
from desktop.journal import Identity, Journal
from desktop.lives import REBORN_WITH, broken_at
from desktop.replica_schema import fingerprint_of, make_replica, upgraded
from desktop.settings import Profile, make_folder
from migrations.replica import schema_fingerprint
from shared.kernel.errors import Unavailable
from shared.organization.tables import RegisterRow
from shared.pos.commands import RECEIPT_SERIES, Z_SERIES
from shared.storage.reader import Reader
from shared.storage.types import time_from_text, time_to_text
from shared.sync.apply import add_rows
from shared.sync.cursor import START
from shared.sync.protocol.pull import TableChanges
from shared.sync.replica import (
    ReplicaState,
    read_state,
    reborn,
    without_pending,
    write_state,
)

_log = logging.getLogger(__name__)

BACKUPS_KEPT = 3
_IS_OPEN = "replica_is_open"
_BACKED_UP_AT = "backed_up_at"
SIGNING_KEY = "server_signing_key"
"""The note in the journal with the key that the server signs its files with."""
_BACKUP_EVERY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Keys:
    """The raw 256-bit keys of the two databases."""

    journal: bytes
    replica: bytes


@dataclass(frozen=True, slots=True)
class BootstrapSpot:
    """Where a device puts the server's file; `signing_key` is None when it was never told."""

    part: Path
    sealed: Path
    key: bytes
    signing_key: str | None


class ProfileFiles:
    """The open databases of one profile, held by this process alone."""

    def __init__(self, profile: Profile, keys: Keys, *, tap: Tap | None = None) -> None:
        """Lock the profile and open both files.

        Raises Unavailable: profile_in_use, journal_missing, journal_unreadable, journal_damaged,
        journal_too_new. None of these changes a file. A replica that cannot be used is set aside.
        """
        self._profile = profile
        self._keys = keys
        self._tap = tap
        self.keeping = Keeping(profile, keys.journal, tap=tap)
        make_folder(profile.folder)
        self._lock = ProfileLock(profile.lock)
        try:
            self.blobs = BlobFolder(profile.blobs, keys.journal)
            self.journal_connection = self._open_journal()
            self.journal = self._checked_journal()
            self.replica = self._usable_replica()
            self.filling: sa.Connection | None = None
            remove(profile.next_replica)
            self._forget_file_once_filled()
            self._note_open("yes")
        except BaseException:
            self._lock.release()
            raise

    @property
    def profile(self) -> Profile:
        """The folder whose files these are."""
        return self._profile

    # -- journal -----------------------------------------------------------------------------

    def _open_journal(self) -> sa.Connection:
        profile = self._profile
        if not profile.journal.exists() and (profile.replica.exists() or backups_of(profile)):
            # A device that worked here before has commands somewhere: never start a new journal.
            raise Unavailable("journal_missing", folder=str(profile.folder))
        try:
            with storage_errors():
                return self._journal_engine(profile.journal).connect()
        except Unavailable as error:
            if error.code != "database_unreadable":
                raise
            raise Unavailable("journal_unreadable", folder=str(profile.folder)) from error

    def _journal_engine(self, path: Path) -> sa.Engine:
        return open_engine(path, self._keys.journal, Durability.FULL, tap=self._tap)

    def _checked_journal(self) -> Journal:
        folder = str(self._profile.folder)
        connection = self.journal_connection
        if not is_sound(connection):
            connection.close()
            raise Unavailable("journal_damaged", folder=folder)
        connection.rollback()
        try:
            with storage_errors():
                journal = Journal(connection)
                is_whole = broken_at(journal) is None
        except BaseException:
            connection.close()
            raise
        if not is_whole:
            connection.close()
            raise Unavailable("journal_damaged", folder=folder)
        return journal

    def reopen_journal(self) -> None:
        """Look at the journal anew, as a start does. Raises Unavailable."""
        self.journal_connection.close()
        self.journal_connection = self._open_journal()
        with storage_errors():
            self.journal = Journal(self.journal_connection)

    def backup_journal(self) -> None:
        """Copy the journal beside itself, encrypted with the same key; the newest copies stay."""
        folder = self._profile.backups
        make_folder(folder)
        fresh = folder / "journal-new.db"
        fresh.unlink(missing_ok=True)
        copy_database(self.journal_connection, fresh, self._keys.journal)
        for number in range(BACKUPS_KEPT, 1, -1):
            older = folder / f"journal-{number - 1}.db"
            if older.exists():
                older.replace(folder / f"journal-{number}.db")
        fresh.replace(folder / "journal-1.db")

    def backup_daily(self, now: datetime) -> None:
        """Copy the journal when the last copy is a day old; a till may run for weeks."""
        last = self.journal.note(_BACKED_UP_AT)
        # A last time that lies ahead was told by a wrong clock.
        if last is not None and abs(now - time_from_text(last)) < _BACKUP_EVERY:
            return
        with self.journal.writing():
            self.journal.set_note(_BACKED_UP_AT, time_to_text(now))
        self.backup_journal()

    # -- replica -----------------------------------------------------------------------------

    def read_engine(self) -> sa.Engine:
        """An engine for read-only connections to the replica."""
        return open_engine(
            self._profile.replica, self._keys.replica, Durability.NORMAL, is_read_only=True
        )

    def _usable_replica(self) -> sa.Connection:
        try:
            connection = self._connect_replica()
        except Unavailable as error:
            if error.code != "database_unreadable":
                raise
            _log.warning("the replica cannot be read; it is set aside and filled again")
            return self._fresh_replica()
        try:
            reason = self._unusable(connection)
        except BaseException:
            connection.close()
            raise
        if reason is None:
            return connection
        _log.warning("the replica is set aside and filled again: %s", reason)
        connection.close()
        return self._fresh_replica()

    def _connect_replica(self, path: Path | None = None) -> sa.Connection:
        with storage_errors():
            engine = open_engine(
                path or self._profile.replica, self._keys.replica, Durability.NORMAL, tap=self._tap
            )
            return engine.connect()

    def _fresh_replica(self) -> sa.Connection:
        set_aside(self._profile.replica, self._profile.set_aside)
        connection = self._connect_replica()
        make_replica(connection)
        self._replica_is_told()
        return connection

    def _unusable(self, connection: sa.Connection) -> str | None:
        """Why the replica cannot be used, or None; makes an empty one and upgrades an older one."""
        was_cut_off = self.journal.note(_IS_OPEN) == "yes"
        if was_cut_off and not is_sound(connection):
            return "damaged"
        connection.rollback()
        with storage_errors():
            found = fingerprint_of(connection)
            if found is None:
                make_replica(connection)
            elif found != schema_fingerprint() and not upgraded(connection):
                return "made by another release"
            return self._belongs_elsewhere(connection)

    def _belongs_elsewhere(self, connection: sa.Connection) -> str | None:
        """Why the replica is not this device's; brings it in step with the journal otherwise."""
        identity, reborn_with = self.journal.identity(), self.journal.note(REBORN_WITH)
        with connection.begin():
            state = read_state(connection)
            if state is None:
                pass
            elif identity is None or state.device_id != identity.device_id:
                return "another device's"
            elif reborn_with is not None or state.incarnation != identity.incarnation:
                held = 0 if state.cursor == START else int(reborn_with or 0)
                life = reborn(connection, state, identity.incarnation, acked_seq=held)
                write_state(connection, life)
            elif state.applied_local_seq > self.journal.head().seq:
                # The journal was put back from a copy: what it does not know is taken off again.
                self._keep_numbers(connection, identity)
                write_state(connection, without_pending(connection, state))
        self._replica_is_told()
        return None

    def _replica_is_told(self) -> None:
        """The replica is in step with the life that the journal has begun, or is empty."""
        if self.journal.note(REBORN_WITH) is not None:
            with self.journal.writing():
                self.journal.set_note(REBORN_WITH, None)

    def _keep_numbers(self, connection: sa.Connection, identity: Identity) -> None:
        """Give no number twice: the till's row may know of receipts that the journal has lost."""
        if identity.register_id is None:
            return
        register = Reader(connection).get(RegisterRow, identity.register_id)
        if register is not None:
            with self.journal.writing():
                self.journal.raise_number(RECEIPT_SERIES, register.last_receipt_no)
                self.journal.raise_number(Z_SERIES, register.last_z_no)

    def fit_replica(self) -> None:
        """Make the replica this device's after the journal's identity changed."""
        self._stop_filling()
        with storage_errors():
            reason = self._belongs_elsewhere(self.replica)
        if reason is not None:
            self.renew_replica()

    def renew_replica(self) -> None:
        """Set the replica aside and begin an empty one; nobody else may be reading it."""
        self._stop_filling()
        self.replica.close()
        self.replica = self._fresh_replica()

    def reopen_replica(self) -> None:
        """Give up whatever the replica's connection was at."""
        self.replica.close()
        self.replica = self._connect_replica()

    def begin_filling(self) -> None:
        """Begin an empty replica beside the present one, which goes on serving."""
        self._stop_filling()
        connection = self._connect_replica(self._profile.next_replica)
        make_replica(connection)
        self.filling = connection

    def begin_filling_from(
        self, made: Path, state: ReplicaState, *, beside: tuple[TableChanges, ...]
    ) -> None:
        """Go on with a replica made of the server's file and rows beside it. Raises Unavailable."""
        self._stop_filling()
        try:
            put_in_place(made, self._profile.next_replica)
        except OSError as error:
            raise Unavailable("folder_unusable", folder=str(self._profile.folder)) from error
        self.filling = self._connect_replica(self._profile.next_replica)
        with storage_errors(), self.filling.begin():
            add_rows(self.filling, beside)
            write_state(self.filling, state)

    def bootstrap_spot(self) -> BootstrapSpot:
        """Where the server's file is put and what its pages are sealed with."""
        return BootstrapSpot(
            part=self._profile.bootstrap_part,
            sealed=self._profile.bootstrap,
            key=self._keys.replica,
            signing_key=self.journal.note(SIGNING_KEY),
        )

    def finish_filling(self) -> None:
        """Let the filled replica take the present one's place; nobody else may be reading it.

        Raises Unavailable; then the present one stays, and the other is filled on or anew.
        """
        if self.filling is None:
            return
        fold_whole_log(self.filling)
        self.filling.close()
        self.filling = None
        self.replica.close()
        try:
            put_in_place(self._profile.next_replica, self._profile.replica)
        except OSError as error:
            raise Unavailable("folder_unusable", folder=str(self._profile.folder)) from error
        finally:
            self.replica = self._connect_replica()
        self._forget_file()

    def _forget_file_once_filled(self) -> None:
        """Remove what a fill by pages left behind; a fill that was cut off goes on with it."""
        with storage_errors(), self.replica.begin():
            state = read_state(self.replica)
        if state is not None and state.is_filled:
            self._forget_file()

    def _forget_file(self) -> None:
        """Remove what came of the server's file; nobody needs it once the replica is filled."""
        for path in (self._profile.bootstrap, self._profile.bootstrap_part):
            remove(path)
            path.with_name(f"{path.name}.sha256").unlink(missing_ok=True)

    def _stop_filling(self) -> None:
        if self.filling is not None:
            self.filling.close()
            self.filling = None
        remove(self._profile.next_replica)

    # -- end ---------------------------------------------------------------------------------

    def _note_open(self, value: str) -> None:
        with storage_errors(), self.journal.writing():
            self.journal.set_note(_IS_OPEN, value)

    def abandon(self) -> None:
        """Let go of both files as they are, without a copy and without good order."""
        if self.filling is not None:
            self.filling.close()
        self.replica.close()
        self.keeping.close()
        self.journal_connection.close()
        self._lock.release()

    def close(self) -> None:
        """Copy the journal, close both files and let others have the profile."""
        try:
            self._stop_filling()
            self.replica.close()
            self.keeping.close()
            self._note_open("no")
            self.backup_journal()
        finally:
            self.journal_connection.close()
            self._lock.release()
