"""What must hold of a real server and its devices, whatever was done to them.

I1 a command runs exactly once; I2 a device's commands are settled in their order; I3 confirmed rows
at a cursor are the server's at that commit; I4 an answer and its effects are seen together, and an
acknowledged command is never missing; I5 nothing that was printed leaves the journal; I6 no fact is
refused; I7 nothing of another tenant is anywhere.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
import sqlalchemy as sa

from shared.kernel.clock import SystemClock
from shared.kernel.context import Context, Phase, Station
from shared.kernel.ids import is_id
from shared.kernel.messages import Envelope, Nature, Outcome, OutcomeState
from shared.runtime.bus import run
from shared.runtime.registry import command_type, read_command
from shared.storage.reader import Reader
from shared.storage.unit_of_work import UnitOfWork
from shared.sync.recount import recount
from shared.sync.scopes import holds
from sync_server import feed
from sync_server.schema import CHANGE_LOG, COMMAND_LOG
from sync_server.work import SERVER_DEVICE, SYSTEM
from tests.faults.nemesis.device import Device
from tests.faults.nemesis.seen import Seen
from tests.faults.nemesis.shop import Opened, Shop, rows_of
from tests.faults.simulation.authority import Decided, OwnWork
from tests.faults.simulation.books import Books
from tests.faults.simulation.judge import differences
from tests.support import oracle
from tests.support.kept_server import load_images
from tests.support.oracle import Rows
from tests.support.reference_server import ReferenceServer


@dataclass(frozen=True)
class Logged:
    """One line of the server's command log."""

    envelope: Envelope
    cmd_id: str
    commit_seq: int
    outcome: Outcome


class Retold(ReferenceServer):
    """The sequential oracle: one command after the other, from how the shop stood at first."""

    def __init__(self, shop: Shop, opened: Opened) -> None:
        super().__init__(SystemClock())
        self.tenant_id = shop.tenant_id
        load_images(self.connection, opened.rows)

    def outcome_of(self, envelope: Envelope) -> Outcome:
        """What comes of a command when nothing else happens."""
        work = UnitOfWork(self.connection)
        if envelope.device_id == SERVER_DEVICE:
            outcome = self._own(work, envelope)
        else:
            outcome = self._decide(work, envelope)
        self._commit(work.changes())
        return outcome

    def _own(self, work: UnitOfWork, envelope: Envelope) -> Outcome:
        """The server made it itself, as when a device is paired."""
        command = read_command(envelope.name, envelope.version, envelope.args)
        context = Context(
            tenant_id=self.tenant_id,
            command_id=envelope.cmd_id,
            command_name=envelope.name,
            nature=command.NATURE,
            phase=Phase.FIRST,
            actor=SYSTEM,
            station=Station(device_id=SERVER_DEVICE),
            business_at=envelope.business_at,
        )
        return run(command, work, context)


class Judge:
    """Knows what must hold of one shop; every method raises AssertionError when it does not."""

    def __init__(self, shop: Shop, devices: Sequence[Device]) -> None:
        """Devices may be added later."""
        self._shop = shop
        self._devices = devices
        self._opened = shop.opened()
        self.outcomes: Counter[str] = Counter()
        self.sent_again: frozenset[str] = frozenset()
        """Commands that came in more than one life of their device, once all is over."""

    # -- at any moment -----------------------------------------------------------------------

    def look(self) -> None:
        """Hold all that devices hold against the server's logs."""
        ready = [device for device in self._devices if device.is_on and device.is_paired]
        seen = {device.name: device.look() for device in ready}
        with self._shop.snapshot() as connection:
            logged = _logged(connection)
            head = feed.head_of(connection)
            for device in ready:
                held = seen[device.name]
                assert held.state.cursor.seq <= head.seq, f"{device.name} is ahead of {head}"
                self._check(device, held, logged)
                _check_confirmed(device.name, held, connection)

    def _check(self, device: Device, held: Seen, logged: Sequence[Logged]) -> None:
        assert held.broken_at is None, f"{device.name}: the journal's chain is broken"
        gone = device.printed.keys() - held.kept
        assert not gone, f"I5: {device.name} printed what its journal does not hold: {gone}"
        life = (held.identity.device_id, held.identity.incarnation)
        mine = [e for e in logged if (e.envelope.device_id, e.envelope.incarnation) == life]
        known = {each.cmd_id: each for each in mine}
        for cmd_id, answer in held.answers.items():
            there = known.get(cmd_id)
            assert there is not None, f"acknowledged and gone: {device.name} {answer}"
            assert there.commit_seq == answer.commit_seq, f"{device.name}: {there}, {answer}"
            assert there.outcome == answer.outcome, f"{device.name}: {there}, {answer}"
        settled = [e.envelope.seq for e in mine if e.commit_seq <= held.state.cursor.seq]
        assert held.state.acked_seq == max(settled, default=0), f"I4: {device.name}"

    # -- the end -----------------------------------------------------------------------------

    def verdict(self) -> None:
        """All has come to rest: nothing is lost, nothing doubled, all hold the same."""
        self.look()
        with self._shop.snapshot() as connection:
            logged = _logged(connection)
            rows = rows_of(connection)
            assert feed.digests(connection) == recount(connection), "kept digests are not the rows'"
            books = Books(Reader(connection))
            books.enter_all([OwnWork(0, command) for command in self._shop.founding])
            books.enter_all(
                Decided(each.commit_seq, each.envelope, each.outcome, is_run=True)
                for each in _first_of_all(logged)
            )
            books.audit()
        for register_id, numbers in books.receipts.items():
            wanted = list(range(1, len(numbers) + 1))
            assert numbers == wanted, f"receipts of till {register_id}: {numbers}"
        self._check_log(logged)
        ids = Counter(each.cmd_id for each in logged)
        self.sent_again = frozenset(cmd_id for cmd_id, count in ids.items() if count > 1)
        for each in _first_of_all(logged):
            key = f"{each.envelope.name}: {each.outcome.state} {each.outcome.code or ''}".rstrip()
            self.outcomes[key] += 1
        self._check_retold(logged, rows)
        for device in self._devices:
            self._check_device(device, logged, rows)
        foreign = self._shop.foreign_rows()
        assert not foreign, f"I7: rows of another tenant in {self._shop.name}: {foreign}"

    def _check_log(self, logged: Sequence[Logged]) -> None:
        mine = {device.look().identity.device_id for device in self._devices}
        lives: dict[tuple[str, int], list[Logged]] = defaultdict(list)
        for each in _sent(logged):
            assert each.envelope.device_id in mine, "I7: a command of another tenant's device"
            lives[each.envelope.device_id, each.envelope.incarnation].append(each)
            if command_type(each.envelope.name).NATURE is Nature.FACT:
                assert each.outcome.state is not OutcomeState.REJECTED, f"I6: {each}"
            assert each.outcome.state is not OutcomeState.QUARANTINED, f"quarantined: {each}"
        for life, entries in lives.items():
            numbers = [each.envelope.seq for each in entries]
            assert numbers == list(range(1, len(numbers) + 1)), f"I2: {life}: {numbers}"
            ids = Counter(each.cmd_id for each in entries)
            doubled = [cmd_id for cmd_id, count in ids.items() if count > 1]
            assert not doubled, f"I1: settled twice in one life: {doubled}"

    def _check_retold(self, logged: Sequence[Logged], rows: Rows) -> None:
        """Told again one by one, every command comes to the same, and so do the rows.

        One that a device's next life sent again has the outcome of the first time, and no effect.
        """
        retold = Retold(self._shop, self._opened)
        outcomes: dict[str, Outcome] = {}
        try:
            for each in logged:
                if each.commit_seq > self._opened.seq:
                    if each.cmd_id not in outcomes:
                        outcomes[each.cmd_id] = retold.outcome_of(each.envelope)
                    outcome = outcomes[each.cmd_id]
                    assert outcome == each.outcome, f"{outcome} instead of {each}"
            found = oracle.visible_rows(retold.connection)
        finally:
            retold.close()
        assert found == rows, f"one by one: {differences(found, rows)}"

    def _check_device(self, device: Device, logged: Sequence[Logged], rows: Rows) -> None:
        held = device.look()
        lost = device.printed.keys() - {each.cmd_id for each in logged}
        assert not lost, f"I1: {device.name} printed what never reached the server: {lost}"
        assert not held.waiting, f"{device.name} waits for answers to {held.waiting}"
        theirs = oracle.in_scopes(rows, held.identity.scopes)
        mine = {name: found for name, found in held.visible.items() if name in theirs}
        assert mine == theirs, f"{device.name} differs: {differences(mine, theirs)}"


def check_apart(shops: Sequence[Shop]) -> None:
    """I7: no id of one tenant is to be found at another."""
    owners: dict[str, str] = {}
    for shop in shops:
        with shop.snapshot() as connection:
            rows = rows_of(connection)
        parts = {part for images in rows.values() for key in images for part in key}
        for part in filter(is_id, parts):
            other = owners.setdefault(part, shop.name)
            assert other == shop.name, f"I7: {part} is at {other} and at {shop.name}"


def _first_of_all(logged: Sequence[Logged]) -> list[Logged]:
    """What came from devices, each command once."""
    found: dict[str, Logged] = {}
    for each in _sent(logged):
        found.setdefault(each.cmd_id, each)
    return list(found.values())


def _sent(logged: Sequence[Logged]) -> list[Logged]:
    """What came from devices."""
    return [each for each in logged if each.envelope.device_id != SERVER_DEVICE]


def _logged(connection: sa.Connection) -> list[Logged]:
    c = COMMAND_LOG.c
    ordered = sa.select(COMMAND_LOG).order_by(c.commit_seq, c.seq)
    return [_as_logged(row) for row in connection.execute(ordered)]


def _as_logged(row: sa.Row[Any]) -> Logged:
    outcome = Outcome(
        state=OutcomeState(row.state),
        code=row.code,
        field=row.field,
        params=msgspec.json.decode(row.params, type=dict[str, str | int]),
    )
    envelope = msgspec.json.decode(row.envelope, type=Envelope)
    return Logged(envelope, row.cmd_id, row.commit_seq, outcome)


def _check_confirmed(name: str, held: Seen, connection: sa.Connection) -> None:
    """I3: without pending effects it holds the server's rows of its scopes at its cursor."""
    if not held.state.is_filled:
        return
    c, theirs = CHANGE_LOG.c, Rows()
    upto = sa.select(c.scope, c.tbl, c.key, c.image).where(c.seq <= held.state.cursor.seq)
    for row in connection.execute(upto.order_by(c.seq, c.ord)):
        if not holds(held.identity.scopes, row.scope):
            continue
        key = tuple(msgspec.json.decode(row.key, type=list[str]))
        rows = theirs.setdefault(row.tbl, {})
        if row.image is None:
            rows.pop(key, None)
        else:
            rows[key] = row.image.encode()
    mine = {table: rows for table, rows in held.confirmed.items() if rows}
    expected = {table: rows for table, rows in theirs.items() if rows}
    assert mine == expected, f"I3: {name} at {held.state.cursor}: {differences(mine, expected)}"
