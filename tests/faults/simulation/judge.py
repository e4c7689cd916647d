"""The judge: watches every step of every device and of the server, and knows what must hold.

I1 a command runs at most once, and in the end exactly once; I2 a device's commands are settled in
their order; I3 confirmed rows at a cursor are the server's at that commit; I4 an answer and its
effects are seen together; I5 nothing that was printed leaves the journal; I6 no fact is refused.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random

import sqlalchemy as sa

from desktop.journal import CommandState, Identity
from desktop.lives import broken_at
from desktop.workbench import Receipt
from shared.kernel.context import Station
from shared.kernel.messages import Command, Nature, OutcomeState
from shared.orders.tables import ORDER
from shared.pos.commands import RECEIPT_SERIES, CompleteSale
from shared.runtime.registry import command_type
from shared.storage.reader import Reader
from shared.sync.apply import held_digests
from shared.sync.confirmed import recounted
from shared.sync.rebase import Place
from shared.sync.replica import ReplicaState, read_state
from shared.sync.scopes import holds
from tests.faults.simulation.authority import Authority, Decided, Fact
from tests.faults.simulation.books import APPLIED, Books
from tests.faults.simulation.machine import Machine
from tests.support import oracle

THOROUGH = 0.01
"""How many of all steps are followed by running all pending commands again from scratch."""
THOROUGH_AT_START = 0.15

_RECENT = 20


@dataclass
class _Witness:
    """What was seen of one device so far."""

    printed: dict[str, Receipt] = field(default_factory=dict)
    sales: dict[str, str] = field(default_factory=dict)
    """Order ids of printed sales, by command id."""
    excused: set[str] = field(default_factory=set)
    """Commands that a person gave up with the disk that held them."""
    looked_at: tuple[object, ...] = ()


class Judge:
    """Knows what must hold; every method raises AssertionError when it does not."""

    def __init__(self, authority: Authority, chance: Random) -> None:
        self._authority = authority
        self._chance = chance
        self._witnesses: dict[str, _Witness] = {}
        self._settled: dict[tuple[str, int], int] = {}
        self._ran: set[str] = set()
        self._has_copies = False
        self.outcomes: Counter[str] = Counter()
        self.books = Books(Reader(authority.connection))
        self.start_over()

    # -- the server --------------------------------------------------------------------------

    def start_over(self) -> None:
        """Read the server's history from its beginning, because it is another one now."""
        self._settled.clear()
        self._ran.clear()
        self.books = Books(Reader(self._authority.connection))
        self._take(self._authority.history)
        self._authority.connection.rollback()

    def committed(self, news: Sequence[Fact]) -> None:
        """The server committed something."""
        head = self._authority.head.seq
        for fact in news:
            assert fact.commit_seq == head, "a commit has another number than it was given"
        self._take(news)
        self.books.audit()
        self._authority.connection.rollback()

    def _take(self, facts: Sequence[Fact]) -> None:
        for fact in facts:
            if isinstance(fact, Decided):
                self._judge(fact)
        self.books.enter_all(facts)

    def _judge(self, fact: Decided) -> None:
        envelope, outcome = fact.envelope, fact.outcome
        life = (envelope.device_id, envelope.incarnation)
        assert envelope.seq == self._settled.get(life, 0) + 1, f"I2: {life} at {envelope.seq}"
        self._settled[life] = envelope.seq
        if fact.is_run:
            assert envelope.cmd_id not in self._ran, f"I1: {envelope.name} ran twice"
            self._ran.add(envelope.cmd_id)
        if command_type(envelope.name).NATURE is Nature.FACT:
            assert outcome.state is not OutcomeState.REJECTED, f"I6: {envelope.name} {outcome}"
        key = f"{envelope.name}: {outcome.state} {outcome.code or ''}".rstrip()
        self.outcomes[key] += 1

    def has_run(self, cmd_id: str) -> bool:
        """Whether the server has run a command."""
        return cmd_id in self._ran

    # -- devices -----------------------------------------------------------------------------

    def witness(self, machine: Machine) -> _Witness:
        """What was seen of a device."""
        return self._witnesses.setdefault(machine.name, _Witness())

    def printed(self, machine: Machine, command: Command, receipt: Receipt) -> None:
        """Somebody was told that a command is true."""
        seen = self.witness(machine)
        seen.printed[receipt.cmd_id] = receipt
        if isinstance(command, CompleteSale):
            seen.sales[receipt.cmd_id] = command.order_id

    def is_damaged(self) -> bool:
        """Whether files were given up or copied, so that numbers may be missing or double."""
        return self._has_copies or any(seen.excused for seen in self._witnesses.values())

    def is_copied(self, machine: Machine, twin: Machine) -> None:
        """A second device has all that the first one had."""
        self._has_copies = True
        mine = self.witness(machine)
        self._witnesses[twin.name] = _Witness(
            dict(mine.printed), dict(mine.sales), set(mine.excused)
        )

    def excuse(self, machine: Machine, kept: set[str]) -> None:
        """A person put older files in; what those do not hold may be gone."""
        seen = self.witness(machine)
        seen.excused |= seen.printed.keys() - kept

    def look(self, machine: Machine, what: str) -> None:
        """Something happened at a device."""
        if not machine.bench.is_enrolled:
            return
        is_start = what == "start"
        if is_start:
            self._check_journal(machine)
        is_thorough = self._chance.random() < (THOROUGH_AT_START if is_start else THOROUGH)
        with machine.files.replica.begin():
            state = read_state(machine.files.replica)
            if state is None:
                return
            seen = self.witness(machine)
            mark = (state.cursor, state.incarnation, state.is_filled, self._authority.head.epoch)
            if mark != seen.looked_at or is_thorough:
                seen.looked_at = mark
                self._check_sales(machine, state)
                self._check_confirmed(machine, machine.files.replica, state)
                self._check_answers(machine, state)
            if is_thorough:
                self._check_visible(machine, state)
        self._check_filling(machine)

    def _check_filling(self, machine: Machine) -> None:
        if machine.files.filling is not None:
            with machine.files.filling.begin():
                state = read_state(machine.files.filling)
                if state is not None:
                    self._check_confirmed(machine, machine.files.filling, state)

    def _check_journal(self, machine: Machine) -> None:
        """I5: the chain is whole, numbers follow on, and all that was printed is there."""
        journal, seen = machine.bench.journal, self.witness(machine)
        assert broken_at(journal) is None, "the journal's chain is broken"
        kept = journal_ids(machine)
        missing = seen.printed.keys() - kept - seen.excused - self._ran
        assert not missing, f"I5: printed and not in the journal any more: {missing}"
        numbers = [
            entry.envelope.numbers[RECEIPT_SERIES]
            for entry in journal.entries(after=0)
            if RECEIPT_SERIES in entry.envelope.numbers
        ]
        assert len(numbers) == len(set(numbers)), f"a receipt number was given twice: {numbers}"

    def _check_sales(self, machine: Machine, state: ReplicaState) -> None:
        """A sale that was printed is to be seen from then on, whatever comes down meanwhile."""
        seen = self.witness(machine)
        if not state.is_filled or not seen.sales:
            return
        replica = machine.files.replica
        visible = {str(row[0]) for row in replica.execute(sa.select(ORDER.c.order_id))}
        unseen = {cmd_id for cmd_id, order_id in seen.sales.items() if order_id not in visible}
        if unseen - seen.excused:
            # After a power cut a replica may not know yet what was sold; then it says so.
            doubted = {str(row[0]) for row in replica.exec_driver_sql("SELECT cmd_id FROM doubt")}
            hidden = unseen - seen.excused - doubted - _refused(machine)
            assert not hidden, f"printed sales are not to be seen: {hidden}"

    def _check_confirmed(
        self, machine: Machine, replica: sa.Connection, state: ReplicaState
    ) -> None:
        """I3: without pending effects it holds the server's rows of its scopes at its cursor."""
        if state.cursor.epoch != self._authority.head.epoch:
            return
        if not state.is_filled and self._authority.log_from:
            # Half a fill over a short log is no state of the server, and nobody sees it.
            return
        scopes = machine.bench.identity.scopes
        held = {name: rows for name, rows in oracle.confirmed_rows(replica).items() if rows}
        theirs = self._authority.images_at(state.cursor.seq, lambda scope: holds(scopes, scope))
        expected = {name: rows for name, rows in theirs.items() if rows}
        assert held == expected, f"I3 at {state.cursor}: {differences(held, expected)}"

    def _check_answers(self, machine: Machine, state: ReplicaState) -> None:
        """I4: exactly the commands that the rows contain count as settled."""
        identity = machine.bench.identity
        if state.cursor.epoch != self._authority.head.epoch:
            return
        if not self._authority.knows(identity.device_id):
            return
        acked = self._authority.acked_at(identity.device_id, identity.incarnation, state.cursor.seq)
        assert state.acked_seq == acked, f"I4: {state.acked_seq} settled, the rows hold {acked}"
        for entry in machine.bench.journal.entries(after=max(0, acked - _RECENT), limit=_RECENT):
            if entry.envelope.seq > acked:
                break
            assert entry.state is CommandState.DECIDED, f"I4: {entry.envelope.seq} has no outcome"

    def _check_visible(self, machine: Machine, state: ReplicaState) -> None:
        """What screens see is confirmed rows and, on top, each pending command in its order."""
        if not state.is_filled or state.applied_local_seq < machine.bench.head.seq:
            return
        replica = machine.files.replica
        pending = oracle.pending_envelopes(machine.bench.journal, acked_seq=state.acked_seq)
        place = place_of(machine.bench.identity)
        expected = oracle.rows_after(oracle.confirmed_rows(replica), pending, place)
        visible = oracle.visible_rows(replica)
        assert visible == expected, f"visible rows: {differences(visible, expected)}"
        assert recounted(replica) == held_digests(replica), "digests are not the rows'"

    # -- the end -----------------------------------------------------------------------------

    def verdict(self, machines: Sequence[Machine]) -> None:
        """All is healed and exchanged: nothing is lost, nothing doubled, all hold the same."""
        server = oracle.visible_rows(self._authority.connection)
        self._authority.connection.rollback()
        logged = self._authority.images_at(self._authority.head.seq, lambda _scope: True)
        travelling = {name: rows for name, rows in server.items() if rows}
        assert logged == travelling or all(
            logged.get(name, {}) == rows for name, rows in travelling.items() if name in logged
        ), "the log is not the server's rows"
        for machine in machines:
            self._final(machine, server)
        if not self.is_damaged():
            for register_id, numbers in self.books.receipts.items():
                wanted = list(range(1, len(numbers) + 1))
                assert numbers == wanted, f"receipts of till {register_id}: {numbers}"
        self.books.audit()
        self._authority.connection.rollback()

    def _final(self, machine: Machine, server: oracle.Rows) -> None:
        seen = self.witness(machine)
        lost = seen.printed.keys() - self._ran - seen.excused
        names = [seen.printed[cmd_id].numbers or cmd_id for cmd_id in lost]
        assert not lost, f"I1: {machine.name} printed what never reached the server: {names}"
        assert machine.bench.journal.waiting().count == 0
        before = 0
        for entry in machine.bench.journal.entries(after=0):
            assert entry.commit_seq is not None
            assert entry.commit_seq >= before, "I2: settled in another order than made"
            before = entry.commit_seq
        with machine.files.replica.begin():
            mine = oracle.visible_rows(machine.files.replica)
        theirs = oracle.in_scopes(server, machine.bench.identity.scopes)
        assert mine == theirs, f"{machine.name} differs: {differences(mine, theirs)}"


def _refused(machine: Machine) -> set[str]:
    """The commands that the server did not apply, as far as the device knows."""
    return {
        entry.envelope.cmd_id
        for entry in machine.bench.journal.entries(after=0)
        if entry.outcome is not None and entry.outcome.state not in APPLIED
    }


def place_of(identity: Identity) -> Place:
    """Where a device's commands are made."""
    station = Station(
        device_id=identity.device_id,
        location_id=identity.location_id,
        register_id=identity.register_id,
    )
    return Place(tenant_id=identity.tenant_id, station=station)


def journal_ids(machine: Machine) -> set[str]:
    """The ids of all commands that a device's journal holds, of all its lives."""
    connection = machine.files.journal_connection
    found = {str(row[0]) for row in connection.exec_driver_sql("SELECT cmd_id FROM command")}
    connection.rollback()
    return found


def differences(mine: oracle.Rows, theirs: oracle.Rows) -> str:
    """The first few rows that differ, for people."""
    told: list[str] = []
    for name in sorted(mine.keys() | theirs.keys()):
        ours, others = mine.get(name, {}), theirs.get(name, {})
        told += [
            f"{name} {key}: {ours.get(key)!r} instead of {others.get(key)!r}"
            for key in sorted(ours.keys() | others.keys())
            if ours.get(key) != others.get(key)
        ]
    return f"{len(told)} rows; " + "; ".join(told[:3])
