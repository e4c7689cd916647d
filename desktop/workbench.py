"""Both databases in one thread: runs commands, writes the journal, keeps the replica in step."""
# long: every step goes through journal and replica in an order that must be read as a whole

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, replace
from typing import Protocol

import msgspec
import sqlalchemy as sa

from desktop import retention
from desktop.database import storage_errors
from desktop.files import SIGNING_KEY, ProfileFiles
from desktop.journal import PARKED_SLOT, Draft, Entry, Head, Identity, Journal
from desktop.lives import begin_life, require_nothing_unsent
from desktop.shelving import SHELF_KIND, Shelving
from shared.kernel.blobs import BlobRef
from shared.kernel.clock import Clock
from shared.kernel.context import Phase, Station
from shared.kernel.errors import Bug, Rejected, Unavailable
from shared.kernel.ids import new_id
from shared.kernel.messages import Command, Envelope, Outcome, OutcomeState, canonical_json
from shared.runtime.registry import read_command
from shared.storage.base import Key, tables_in_order
from shared.storage.changes import ChangeSet, RowChange, change_set
from shared.storage.unit_of_work import UnitOfWork
from shared.sync.apply import Applied, apply_page, follows
from shared.sync.cursor import Cursor
from shared.sync.neighbours import show, to_be_shown
from shared.sync.protocol.hub import Life, SignedCommands
from shared.sync.protocol.pull import PullPage
from shared.sync.protocol.push import CommandOutcome
from shared.sync.rebase import Place, rerun_all, run_envelope
from shared.sync.replica import (
    ReplicaState,
    read_state,
    record_bases,
    write_state,
)

_log = logging.getLogger(__name__)

_MOST_COPIES_SHOWN = 2000
"""Every page has them run again. After weeks without the internet the server's rows bring what
neighbours did sooner than that."""
MAX_COMMAND_BYTES = 8 << 20
"""Of the arguments; half of what the server takes at once, so that no command gets stuck."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What a person gets for a command that is true from now on, server or not.

    `numbers` are the document numbers it was given, by series.
    """

    seq: int
    cmd_id: str
    outcome: Outcome
    numbers: dict[str, int]


class Listener(Protocol):
    """Hears, in the writer's thread, what became of the databases; must return at once."""

    def rows_changed(self, changes: ChangeSet) -> None:
        """Rows that screens may show are different from before."""

    def journal_grew(self, last_seq: int) -> None:
        """There is something to send."""


class Workbench:
    """Everything that writes; used by one thread at a time.

    The order of a command: handler in a replica transaction, journal entry on the disk, replica
    commit. A stop at any point leaves either no trace or a journal entry that is run again.
    """

    def __init__(self, files: ProfileFiles, *, clock: Clock, listener: Listener) -> None:
        self._files = files
        self._clock = clock
        self._listener = listener
        self.shelving = Shelving(files, self._tell_of_shelves)
        """What is parked in the store."""
        self._identity = self.journal.identity()
        self._head = self.journal.head()
        self._is_behind = True
        self._are_copies_shown = not self._files.keeping.has_copies
        self.shows_neighbours = self._files.keeping.has_copies
        """Whether pages are to say how far they contain what neighbours made."""
        self.nobody_reads: Callable[[], AbstractContextManager[None]] = nullcontext
        """Keeps readers out of the replica for as long as its block lasts."""

    @property
    def files(self) -> ProfileFiles:
        """The open files of the profile."""
        return self._files

    @property
    def journal(self) -> Journal:
        """The journal; written only inside its `writing()`."""
        return self._files.journal

    @property
    def _replica(self) -> sa.Connection:
        return self._files.replica

    # -- who and where -----------------------------------------------------------------------

    @property
    def identity(self) -> Identity:
        """Who this device is. Raises Unavailable("device_not_enrolled")."""
        if self._identity is None:
            raise Unavailable("device_not_enrolled")
        return self._identity

    @property
    def is_enrolled(self) -> bool:
        """Whether this device has been given an identity."""
        return self._identity is not None

    @property
    def head(self) -> Head:
        """The end of the journal."""
        return self._head

    @property
    def _place(self) -> Place:
        """Where this device's commands are made."""
        identity = self.identity
        return Place(
            tenant_id=identity.tenant_id,
            station=Station(
                device_id=identity.device_id,
                location_id=identity.location_id,
                register_id=identity.register_id,
            ),
        )

    def enrol(
        self,
        identity: Identity,
        numbers: dict[str, int],
        *,
        epoch: int,
        signing_key: str | None = None,
    ) -> None:
        """Become a device; `numbers` are the last ones already used in each series.

        `epoch` is that of the server's history, in which nothing may be left of what this device
        settled in another one. `signing_key` is what the server signs its files with, in base64.

        Raises Rejected("unsent_of_another_shop"), with nothing changed.
        """
        self._let_go_of_another_shop(identity)
        contained, is_new_history = self._contained(identity, epoch)
        with storage_errors(), self.journal.writing():
            begin_life(self.journal, identity, contained=contained, is_new_history=is_new_history)
            if is_new_history:
                self._queue_blobs_again(after=0)
            self.journal.set_note(SIGNING_KEY, signing_key)
            if is_new_history or self._is_other_device(identity):
                self.journal.set_note(retention.SERVER_DAYS, None)
            for series, last in numbers.items():
                self.journal.raise_number(series, last)
        self._identity = identity
        self._head = self.journal.head()
        self._is_behind = True
        self._are_copies_shown = not self._files.keeping.has_copies
        with self.nobody_reads():
            self._files.fit_replica()
        self.catch_up()

    def _is_other_device(self, identity: Identity) -> bool:
        return self._identity is None or self._identity.device_id != identity.device_id

    def _let_go_of_another_shop(self, identity: Identity) -> None:
        """Set another tenant's rows and files aside before anything here belongs to the new one."""
        if self._identity is None or self._identity.tenant_id == identity.tenant_id:
            return
        with storage_errors(), self.journal.writing():
            require_nothing_unsent(self.journal)
            self._files.keeping.put_aside()
        self._renew_replica()
        self._files.blobs.trim(0, kept=())

    def _contained(self, identity: Identity, epoch: int) -> tuple[int | None, bool]:
        """The last command that the replica's rows hold, and whether their history is over.

        None when the replica becomes another device's.
        """
        with storage_errors(), self._replica.begin():
            state = read_state(self._replica)
        if state is None:
            return None, True
        is_new_history = state.cursor.epoch != epoch
        return (state.acked_seq if state.device_id == identity.device_id else None), is_new_history

    # -- commands ----------------------------------------------------------------------------

    def submit(
        self, command: Command, *, actor_id: str | None, clears_draft: str | None = None
    ) -> Receipt:
        """Make a command true on this device.

        Raises Rejected when it cannot be done as asked and Unavailable when the disk is in the way;
        in both cases nothing has changed and no number is used.
        """
        with storage_errors():
            self.catch_up()
            with self._step():
                state = self._state(self._replica)
                if not state.is_filled:
                    raise Unavailable("first_fill_running")
                envelope = self._envelope(command, actor_id=actor_id, state=state)
                outcome, changes = self._first_run(envelope)
                record_bases(self._replica, changes)
                write_state(self._replica, replace(state, applied_local_seq=envelope.seq))
                self._append(envelope, clears_draft, command.blobs())
        if self._is_behind:
            self._try_to_catch_up()
        else:
            self._tell((change.table.name, change.key) for change in changes)
        self._listener.journal_grew(envelope.seq)
        return Receipt(
            seq=envelope.seq,
            cmd_id=envelope.cmd_id,
            outcome=outcome,
            numbers=dict(envelope.numbers),
        )

    def _envelope(self, command: Command, *, actor_id: str | None, state: ReplicaState) -> Envelope:
        args = canonical_json(command)
        if len(args) > MAX_COMMAND_BYTES:
            raise Rejected("command_too_large", limit=MAX_COMMAND_BYTES)
        return Envelope(
            cmd_id=new_id(),
            device_id=self.identity.device_id,
            incarnation=self.identity.incarnation,
            seq=self._head.seq + 1,
            name=command.NAME,
            version=command.VERSION,
            args=msgspec.Raw(args),
            actor_id=actor_id,
            business_at=self._clock.now(),
            base_cursor=str(state.cursor),
            numbers=dict(self.journal.next_numbers(command.SERIES)),
            prev_hash=self._head.hash,
        )

    def _first_run(self, envelope: Envelope) -> tuple[Outcome, tuple[RowChange, ...]]:
        """Run a command from its envelope, exactly as it will be run everywhere else."""
        work = UnitOfWork(self._replica)
        outcome = run_envelope(envelope, work, self._place, phase=Phase.FIRST)
        return outcome, work.changes()

    def _append(
        self, envelope: Envelope, clears_draft: str | None, blobs: tuple[BlobRef, ...]
    ) -> None:
        try:
            with self.journal.writing():
                self.journal.append(envelope)
                for blob in blobs:
                    self.journal.uploads.add(blob, envelope.business_at)
                if clears_draft is not None:
                    self.journal.save_draft(clears_draft, None, envelope.business_at)
        except sa.exc.OperationalError:
            # A commit that failed may be on the disk all the same: what a new look finds is true.
            self._files.reopen_journal()
            if self.journal.command(envelope.cmd_id) is None:
                raise
        self._head = Head(envelope.seq, envelope.digest())

    @contextmanager
    def _step(self) -> Iterator[None]:
        """A replica transaction whose block ends with the command in the journal.

        When the commit fails then, the command is true all the same: it stands in the journal, so
        its effects are made again before anything else happens.
        """
        step = self._replica.begin()
        try:
            yield
        except BaseException:
            step.rollback()
            raise
        try:
            step.commit()
        except sa.exc.OperationalError:
            _log.exception("the replica could not be committed; it catches up from the journal")
            self._is_behind = True
            self._files.reopen_replica()

    def apply(self, page: PullPage) -> Applied | None:
        """Take a page of server rows in, with the outcomes of own commands that it tells of.

        None when the page does not go on where the replica stands: it came twice or too late.
        Raises Unavailable when the disk is in the way; then nothing has changed.
        """
        with storage_errors():
            connection = self._files.filling or self._replica
            with connection.begin() as step:
                state = self._state(connection)
                if not follows(state, page):
                    return None
                applied = self._apply(connection, page, state)
                step.commit()
            self._forget_copies(page)
            if connection is self._replica:
                self._is_behind = applied.state.applied_local_seq < self._head.seq
            elif applied.state.is_filled:
                applied = self._change_over(applied)
        if applied.changes.ids and self._files.filling is None:
            self._listener.rows_changed(applied.changes)
        return applied

    def _apply(self, connection: sa.Connection, page: PullPage, state: ReplicaState) -> Applied:
        if page.acked_seq < state.acked_seq:
            message = f"the server forgot commands behind {page.acked_seq}"
            raise Bug(message)
        entries = self.journal.entries(after=page.acked_seq)
        applied = apply_page(
            connection,
            page,
            state=state,
            pending=_not_refused(entries),
            place=self._place,
            copies=self._copies(most=_MOST_COPIES_SHOWN),
        )
        with self.journal.writing():
            self.journal.store_outcomes(page.outcomes)
            if page.is_last:
                self._send_again_what_was_forgotten(page, entries, state)
                head = Cursor.parse(page.to_cursor).seq
                retention.hear_server(self.journal, page.server_time, head)
        return applied

    def _change_over(self, applied: Applied) -> Applied:
        """Go on with the replica that was filled beside the present one; any row may differ."""
        with self.nobody_reads():
            self._files.finish_filling()
        self._prune_aside()
        self._is_behind = applied.state.applied_local_seq < self._head.seq
        everything = {table.name: frozenset[str]() for table in tables_in_order()}
        return replace(applied, changes=ChangeSet(everything))

    def _send_again_what_was_forgotten(
        self, page: PullPage, entries: list[Entry], state: ReplicaState
    ) -> None:
        """Hold commands for unsent that the server decided once and does not know any more.

        That happens when it was put back from a copy. A command sent again by mistake does no harm:
        the server gives the outcome that it has.
        """
        head = Cursor.parse(page.to_cursor).seq
        for entry in entries:
            if entry.commit_seq is not None and (entry.commit_seq <= head or not state.is_filled):
                self._hold_for_unsent(after=entry.envelope.seq - 1)
                return

    def _hold_for_unsent(self, *, after: int) -> None:
        """Send commands again, and the blobs that they refer to."""
        self.journal.forget_outcomes(after=after)
        self._queue_blobs_again(after=after)

    def _queue_blobs_again(self, *, after: int) -> None:
        """Send the blobs of commands behind place `after`, as far as they are here.

        A server that was put back may have lost them too; one that has them says so at once.
        """
        for entry in self.journal.entries(after=after):
            for blob in blobs_of(entry.envelope):
                if self._files.blobs.has(blob.sha256):
                    self.journal.uploads.add(blob, entry.envelope.business_at)

    def store_outcomes(self, outcomes: Iterable[CommandOutcome]) -> None:
        """Keep what the server decided; effects follow with the next page."""
        with storage_errors():
            with self.journal.writing():
                self.journal.store_outcomes(outcomes)
            self._files.backup_daily(self._clock.now())

    def forget_outcomes(self, *, after: int) -> None:
        """Hold commands behind place `after` for unsent again."""
        with storage_errors(), self.journal.writing():
            self._hold_for_unsent(after=after)

    def catch_up(self) -> None:
        """Run journal entries that the replica has not seen."""
        if not self._is_behind and self._are_copies_shown:
            return
        with storage_errors(), self._replica.begin():
            state = self._state(self._replica)
            entries = self.journal.entries(after=state.applied_local_seq)
            # While the replica is being filled for the first time, commands wait for its last page.
            envelopes = _not_refused(entries) if state.is_filled else []
            touched = rerun_all(self._replica, envelopes, self._place)
            if state.is_filled and not self._are_copies_shown:
                touched |= self._show(self._copies(most=None))
            last = entries[-1].envelope.seq if entries else state.applied_local_seq
            write_state(self._replica, replace(state, applied_local_seq=last))
        self._is_behind, self._are_copies_shown = False, True
        self._tell(touched)

    def _try_to_catch_up(self) -> None:
        try:
            self.catch_up()
        except Unavailable:
            _log.exception("the replica is still behind; it catches up with the next command")

    def standing(self) -> ReplicaState:
        """Where the replica stands that pages go to: the one being filled, if there is one."""
        connection = self._files.filling or self._replica
        with storage_errors(), connection.begin():
            return self._state(connection)

    def _state(self, connection: sa.Connection) -> ReplicaState:
        """Where a replica stands; a fresh one belongs to this device from the start."""
        identity = self.identity
        known = read_state(connection)
        if known is None:
            return ReplicaState(device_id=identity.device_id, incarnation=identity.incarnation)
        if (known.device_id, known.incarnation) != (identity.device_id, identity.incarnation):
            message = "the replica belongs to another device"
            raise Bug(message)
        return known

    def _tell(self, touched: Iterable[tuple[str, Key]]) -> None:
        told = change_set(touched)
        if told.ids:
            self._listener.rows_changed(told)

    # -- neighbours --------------------------------------------------------------------------

    def take_copies(self, shared: SignedCommands) -> tuple[Envelope, ...]:
        """Keep what a neighbour has not sent yet, and show what it does; gives what was new.

        It is on the disk when this returns. Raises Rejected: copy_broken, copy_conflict; or
        Unavailable when the disk is in the way.
        """
        with storage_errors():
            self.catch_up()
            fresh = self._files.keeping.copies.take(shared)
            self.shows_neighbours = True
            with self._replica.begin():
                is_filled = self._state(self._replica).is_filled
                key = (shared.life.device_id, shared.life.incarnation)
                touched = self._show({key: fresh}) if is_filled and fresh else set()
        self._tell(touched)
        return fresh

    def _show(self, copies: Mapping[tuple[str, int], Sequence[Envelope]]) -> set[tuple[str, Key]]:
        """Run neighbours' commands on the replica, and go on behind the numbers they used here."""
        shown = to_be_shown(self._replica, copies, here=self._place)
        register_id = self.identity.register_id
        for each in shown:
            if register_id is not None and each.place.station.register_id == register_id:
                # Another machine was this till before: its receipts are printed.
                with self.journal.writing():
                    for envelope in each.envelopes:
                        for series, number in envelope.numbers.items():
                            self.journal.raise_number(series, number)
        return show(self._replica, shown)

    def _copies(self, *, most: int | None) -> dict[tuple[str, int], list[Envelope]]:
        """All copies, by device and life; none where there are more than `most`."""
        count = self._files.keeping.count()
        if not count or (most is not None and count > most):
            return {}
        kept = self._files.keeping.copies.all()
        return {(life.device_id, life.incarnation): each for life, each in kept.items()}

    def _forget_copies(self, page: PullPage) -> None:
        """Let go of copies of what the server's rows contain now."""
        if self._files.keeping.has_copies:
            for each in page.neighbours:
                life = Life(each.device_id, each.incarnation)
                self._files.keeping.copies.forget(life, upto=each.acked_seq)

    def _tell_of_shelves(self) -> None:
        self._listener.rows_changed(ChangeSet({SHELF_KIND: frozenset()}))

    # -- drafts ------------------------------------------------------------------------------

    def save_draft(self, slot: str, content: bytes | None) -> None:
        """Keep unfinished work over a crash; None forgets what the slot held."""
        with storage_errors(), self.journal.writing():
            self.journal.save_draft(slot, content, self._clock.now())
        if slot == PARKED_SLOT:
            self._tell_of_shelves()

    def load_draft(self, slot: str) -> Draft | None:
        """The unfinished work of a slot, or None."""
        with storage_errors():
            return self.journal.load_draft(slot)

    # -- notes -------------------------------------------------------------------------------

    def note(self, name: str) -> str | None:
        """A small value that the journal keeps under a name, or None."""
        with storage_errors():
            return self.journal.note(name)

    def set_note(self, name: str, value: str | None) -> None:
        """Keep a small value in the journal; None removes it."""
        with storage_errors(), self.journal.writing():
            self.journal.set_note(name, value)

    # -- files -------------------------------------------------------------------------------

    def start_over(self) -> None:
        """Fill a replica anew, because the server's history is another one now.

        People go on working on the present one until the other is filled. Commands that the
        server's rows do not contain are run again on top of those.
        """
        with storage_errors():
            with self._replica.begin():
                is_usable = self._state(self._replica).is_filled
            if is_usable:
                self._files.begin_filling()
            else:
                self._renew_replica()

    def _renew_replica(self) -> None:
        """Set the replica aside and begin an empty one."""
        with storage_errors(), self.nobody_reads():
            self._files.renew_replica()
        self._is_behind = True

    def close(self) -> None:
        """Forget what is long settled, back the journal up and close both files."""
        with storage_errors(), self.journal.writing():
            retention.forget_settled(self.journal)
        self._prune_aside()
        self._files.close()

    def _prune_aside(self) -> None:
        """Keep few replicas that were put aside; a disk that refuses is no reason to stop."""
        profile = self._files.profile
        try:
            retention.prune_aside(profile.replica, profile.set_aside, now=self._clock.now())
        except OSError:
            _log.exception("replicas that were put aside could not be deleted")


def blobs_of(envelope: Envelope) -> tuple[BlobRef, ...]:
    """The blobs that a command refers to; none where this release cannot read it."""
    try:
        command = read_command(envelope.name, envelope.version, envelope.args)
    except Rejected:
        return ()
    return command.blobs()


def _not_refused(entries: Iterable[Entry]) -> list[Envelope]:
    """The commands whose effects belong on top of the server's rows."""
    refused = {OutcomeState.REJECTED, OutcomeState.QUARANTINED}
    return [
        entry.envelope
        for entry in entries
        if entry.outcome is None or entry.outcome.state not in refused
    ]
