"""A device in a world: its real files and workbench, every step of it told by a test."""

import os
from dataclasses import dataclass, field
from pathlib import Path

from desktop.database import Tap
from desktop.files import Keys, ProfileFiles
from desktop.journal import Identity
from desktop.lives import broken_at
from desktop.settings import Profile
from desktop.sync import exchange
from desktop.workbench import Receipt, Workbench
from shared.kernel.clock import Clock
from shared.kernel.context import Station
from shared.kernel.ids import (
    DeviceId,
    ShiftId,
)
from shared.kernel.messages import Command
from shared.pos.commands import RECEIPT_SERIES
from shared.storage.changes import ChangeSet
from shared.sync.apply import Applied, held_digests
from shared.sync.confirmed import recounted
from shared.sync.protocol.pull import DEFAULT_LIMIT, PullPage
from shared.sync.protocol.push import PushReply
from shared.sync.rebase import Place
from shared.sync.replica import read_state
from tests.support import oracle
from tests.support.reference_server import ReferenceServer, on_the_wire


@dataclass
class Heard:
    """A listener that remembers what it was told."""

    changes: list[ChangeSet] = field(default_factory=list)
    last_seq: int = 0

    def rows_changed(self, changes: ChangeSet) -> None:
        """Remember what changed."""
        self.changes.append(changes)

    def journal_grew(self, last_seq: int) -> None:
        """Remember how far the journal goes."""
        self.last_seq = last_seq


class DeviceInWorld:
    """A device whose every step is told to it."""

    def __init__(
        self, server: ReferenceServer, folder: Path, *, clock: Clock, keys: Keys | None = None
    ) -> None:
        self.server = server
        self.profile = Profile(folder)
        self.keys = keys or Keys(os.urandom(32), os.urandom(32))
        self.heard = Heard()
        self.shift_id: ShiftId | None = None
        self._clock = clock
        self._files: ProfileFiles | None = None
        self._bench: Workbench | None = None
        self.start()

    @property
    def bench(self) -> Workbench:
        """The device's workbench; it must be running."""
        assert self._bench is not None
        return self._bench

    @property
    def files(self) -> ProfileFiles:
        """The device's files; it must be running."""
        assert self._files is not None
        return self._files

    @property
    def device_id(self) -> DeviceId:
        """Its id at the server."""
        return self.bench.identity.device_id

    # -- life --------------------------------------------------------------------------------

    def start(self, tap: Tap | None = None) -> None:
        """Open the files as a start of the program does."""
        self._files = ProfileFiles(self.profile, self.keys, tap=tap)
        self._bench = Workbench(self._files, clock=self._clock, listener=self.heard)
        if self._bench.is_enrolled:
            self._bench.catch_up()

    def stop(self) -> None:
        """End in good order."""
        if self._bench is not None:
            self._bench.close()
        self._bench = self._files = None

    def cut_off(self) -> None:
        """Lose everything that is not in the files."""
        self.files.abandon()
        self._bench = self._files = None

    def enrol(self, identity: Identity, numbers: dict[str, int] | None = None) -> None:
        """Become a device of the server."""
        self.bench.enrol(identity, numbers or {}, epoch=self.server.head.epoch)

    # -- work --------------------------------------------------------------------------------

    def submit(
        self, command: Command, actor_id: str | None, *, clears_draft: str | None = None
    ) -> Receipt:
        """Make a command true here."""
        return self.bench.submit(command, actor_id=actor_id, clears_draft=clears_draft)

    # -- what must hold ----------------------------------------------------------------------

    def place(self) -> Place:
        """Where its commands are made."""
        identity = self.bench.identity
        station = Station(
            device_id=identity.device_id,
            location_id=identity.location_id,
            register_id=identity.register_id,
        )
        return Place(tenant_id=identity.tenant_id, station=station)

    def check(self) -> None:
        """Whatever was done to it: chain, numbers, rows and digests are as they must be."""
        journal = self.bench.journal
        entries = journal.entries(after=0)
        numbers = [
            number
            for entry in entries
            for number in [entry.envelope.numbers.get(RECEIPT_SERIES)]
            if number is not None
        ]
        assert numbers == list(range(1, len(numbers) + 1)), "receipt numbers have a gap"
        assert journal.next_numbers([RECEIPT_SERIES])[RECEIPT_SERIES] == len(numbers) + 1
        self.check_rows()

    def check_rows(self) -> None:
        """Chain, rows and digests are as they must be, in whatever life of the device."""
        files, journal = self.files, self.bench.journal
        assert broken_at(journal) is None
        with files.replica.begin():
            state = read_state(files.replica)
            assert state is not None
            confirmed = oracle.confirmed_rows(files.replica)
            pending = oracle.pending_envelopes(journal, acked_seq=state.acked_seq)
            if state.is_filled:
                expected = oracle.rows_after(confirmed, pending, self.place())
                assert oracle.visible_rows(files.replica) == expected
            assert recounted(files.replica) == held_digests(files.replica)

    def check_same_as_server(self) -> None:
        """With everything exchanged, it holds exactly the server's rows of its scopes."""
        assert self.bench.journal.waiting().count == 0
        server = oracle.visible_rows(self.server.connection)
        self.server.connection.rollback()
        with self.files.replica.begin():
            mine = oracle.visible_rows(self.files.replica)
        assert mine == oracle.in_scopes(server, self.bench.identity.scopes)

    # -- conversation ------------------------------------------------------------------------

    def send(self) -> PushReply | None:
        """Let the server work on what is unsent and give its answer, which is not taken yet."""
        request = exchange.next_push(self.bench)
        return None if request is None else self.server.push(self.device_id, request)

    def take_reply(self, reply: PushReply) -> None:
        """Take an answer to a push."""
        exchange.take_reply(self.bench, reply)

    def page(self, *, limit: int = DEFAULT_LIMIT) -> PullPage:
        """Ask for the next page; it is not taken yet."""
        cursor = self.bench.standing().cursor
        return on_the_wire(self.server.pull(self.device_id, cursor, limit=limit))

    def take_page(self, page: PullPage) -> Applied | None:
        """Take a page of rows."""
        return exchange.take_page(self.bench, page)

    def push(self) -> None:
        """Send everything and take all answers."""
        while (reply := self.send()) is not None:
            self.take_reply(reply)

    def pull(self, *, limit: int = DEFAULT_LIMIT) -> Applied:
        """Take pages up to the server's head."""
        while True:
            applied = self.take_page(self.page(limit=limit))
            assert applied is not None
            if applied.state.cursor == self.server.head:
                return applied

    def sync(self) -> Applied:
        """Push, then pull."""
        self.push()
        return self.pull()
