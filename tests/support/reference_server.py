"""A sync server in memory: the product's handlers on SQLite, the protocol in its plainest form.

It says what the real server must do, in a few pages: one tenant, one log, nothing clever. Tests
that run thousands of turns use it; tests of the real server use PostgreSQL.
"""

import sqlite3
from collections.abc import Callable, Iterable
from copy import deepcopy
from dataclasses import dataclass, field

import msgspec

from shared.kernel.clock import Clock
from shared.kernel.context import Actor, Context, Phase, Station
from shared.kernel.errors import Rejected
from shared.kernel.ids import DeviceId, TenantId, new_id
from shared.kernel.messages import FIRST_HASH, Command, Envelope, Nature, Outcome, OutcomeState
from shared.kernel.permissions import Permission
from shared.organization.tables import DeviceRow
from shared.runtime import bus
from shared.runtime.registry import read_command
from shared.storage.base import Key, table_named, tables_in_order
from shared.storage.changes import RowChange
from shared.storage.dialects import sqlite_ddl
from shared.storage.unit_of_work import UnitOfWork
from shared.sync.cursor import START, Cursor
from shared.sync.endpoint import OTHER_EPOCH
from shared.sync.protocol.pull import DEFAULT_LIMIT, PullPage, ScopeDigest, TableChanges
from shared.sync.protocol.push import CommandOutcome, PushReply, PushRequest, PushState
from shared.sync.protocol.verify import VerifyReply, VerifyRequest
from shared.sync.protocol.version import PROTOCOL_VERSION
from shared.sync.ranges import range_of
from shared.sync.rebase import actor_named
from shared.sync.recount import recount
from shared.sync.scopes import holds, scopes_for
from tests.support.memory import memory_engine
from tests.support.reference_verify import compared


@dataclass(frozen=True)
class LogRow:
    seq: int
    scope: str
    table: str
    key: Key
    image: bytes | None


@dataclass
class _Link:
    """What is known of one device."""

    incarnation: int = 1
    last_seq: int = 0
    last_hash: str = FIRST_HASH
    is_fenced: bool = False
    seen: dict[tuple[int, int], tuple[str, CommandOutcome]] = field(default_factory=dict)


@dataclass
class _Memory:
    """All that is not a row; copied as a whole for a backup."""

    epoch: int = 1
    seq: int = 0
    log: list[LogRow] = field(default_factory=list)
    links: dict[str, _Link] = field(default_factory=dict)
    by_id: dict[str, Outcome] = field(default_factory=dict)
    runs: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Backup:
    """The whole server as it was."""

    rows: bytes
    memory: _Memory


class ReferenceServer:
    """One tenant's authority."""

    def __init__(self, clock: Clock) -> None:
        self.tenant_id = TenantId(new_id())
        self._clock = clock
        self._engine = memory_engine()
        self.connection = self._engine.connect()
        for statement in ("PRAGMA foreign_keys = ON", *sqlite_ddl()):
            self.connection.exec_driver_sql(statement)
        self.connection.commit()
        self._memory = _Memory()

    def close(self) -> None:
        """Give the memory back."""
        self.connection.close()
        self._engine.dispose()

    @property
    def head(self) -> Cursor:
        """The last commit."""
        return Cursor(self._memory.epoch, self._memory.seq)

    @property
    def runs(self) -> dict[str, int]:
        """How often each command id was executed."""
        return self._memory.runs

    @property
    def memory(self) -> _Memory:
        """All that it knows beside rows."""
        return self._memory

    def link(self, device_id: str) -> _Link:
        """What is known of a device."""
        return self._memory.links[device_id]

    # -- the server's own work ---------------------------------------------------------------

    def do(self, command: Command) -> Outcome:
        """Run a command of the server itself, with all permissions."""
        context = Context(
            tenant_id=self.tenant_id,
            command_id=new_id(),
            command_name=command.NAME,
            nature=command.NATURE,
            phase=Phase.FIRST,
            actor=Actor(user_id=None, permissions=frozenset(Permission)),
            station=Station(device_id=DeviceId(new_id())),
            business_at=self._clock.now(),
        )
        work = UnitOfWork(self.connection)
        try:
            outcome = bus.run(command, work, context)
            self._commit(work.changes())
        except BaseException:
            self.connection.rollback()
            raise
        return outcome

    def write(self, what: Callable[[UnitOfWork], None]) -> None:
        """Write rows without any command, in a commit of their own."""
        work = UnitOfWork(self.connection)
        what(work)
        self._commit(work.changes())

    def admit(self, device_id: str) -> None:
        """Know a device, or begin its next life."""
        known = self._memory.links.get(device_id)
        self._memory.links[device_id] = _Link(
            incarnation=1 if known is None else known.incarnation + 1,
            seen={} if known is None else known.seen,
        )

    def _commit(self, changes: Iterable[RowChange]) -> None:
        """Stamp the changes with the next sequence number and commit."""
        seq = self._memory.seq + 1
        for change in changes:
            scope_of = change.table.scope_of
            if scope_of is None:
                continue
            before = None if change.before is None else scope_of(change.before)
            after = None if change.after is None else scope_of(change.after)
            place = (change.table.name, change.key)
            if before is not None and before != after:
                self._memory.log.append(LogRow(seq, before, *place, None))
            if change.after is not None and after is not None:
                image = change.table.image(change.after)
                self._memory.log.append(LogRow(seq, after, *place, image))
        self._memory.seq = seq
        self.connection.commit()

    # -- backups -----------------------------------------------------------------------------

    def back_up(self) -> Backup:
        """Copy everything."""
        driver = self.connection.connection.driver_connection
        assert isinstance(driver, sqlite3.Connection)
        return Backup(driver.serialize(), deepcopy(self._memory))

    def put_back(self, backup: Backup) -> None:
        """Become what the backup holds; the epoch says that history is another one."""
        epoch = self._memory.epoch + 1
        self.rewind(backup)
        self._memory.epoch = epoch

    def rewind(self, backup: Backup) -> None:
        """Go back to an earlier moment of a test, as if what came later had never been."""
        driver = self.connection.connection.driver_connection
        assert isinstance(driver, sqlite3.Connection)
        driver.deserialize(backup.rows)
        driver.execute("PRAGMA foreign_keys = ON")
        self._memory = deepcopy(backup.memory)

    # -- push --------------------------------------------------------------------------------

    def push(self, device_id: str, request: PushRequest) -> PushReply:
        """Decide what is new, give the outcomes of all; each command is a commit of its own."""
        link = self._memory.links[device_id]
        if link.is_fenced or link.incarnation != request.incarnation:
            return PushReply(state=PushState.FORKED, expected_seq=link.last_seq + 1, outcomes=())
        taken: list[CommandOutcome] = []
        state = PushState.ACCEPTED
        for envelope in request.commands:
            state = self._take(link, envelope, taken)
            if state is not PushState.ACCEPTED:
                break
        return PushReply(state=state, expected_seq=link.last_seq + 1, outcomes=tuple(taken))

    def _take(self, link: _Link, envelope: Envelope, taken: list[CommandOutcome]) -> PushState:
        place = (envelope.incarnation, envelope.seq)
        if envelope.seq <= link.last_seq:
            seen_hash, answer = link.seen[place]
            if seen_hash != envelope.digest():
                link.is_fenced = True
                return PushState.FORKED
            taken.append(answer)
            return PushState.ACCEPTED
        if envelope.seq > link.last_seq + 1:
            return PushState.GAP
        if envelope.prev_hash != link.last_hash:
            link.is_fenced = True
            return PushState.FORKED
        work = UnitOfWork(self.connection)
        outcome = self._memory.by_id.get(envelope.cmd_id)
        if outcome is None:
            outcome = self._decide(work, envelope)
            self._memory.by_id[envelope.cmd_id] = outcome
            self.runs[envelope.cmd_id] = self.runs.get(envelope.cmd_id, 0) + 1
        self._commit(work.changes())
        answer = CommandOutcome(
            seq=envelope.seq,
            cmd_id=envelope.cmd_id,
            commit_seq=self._memory.seq,
            outcome=outcome,
        )
        link.seen[place] = (envelope.digest(), answer)
        link.last_seq, link.last_hash = envelope.seq, envelope.digest()
        taken.append(answer)
        return PushState.ACCEPTED

    def _decide(self, work: UnitOfWork, envelope: Envelope) -> Outcome:
        device = work.require(DeviceRow, envelope.device_id)
        context = Context(
            tenant_id=self.tenant_id,
            command_id=envelope.cmd_id,
            command_name=envelope.name,
            nature=command_nature(envelope),
            phase=Phase.AUTHORITY,
            actor=actor_named(work, envelope.actor_id),
            station=Station(
                device_id=device.device_id,
                location_id=device.location_id,
                register_id=device.register_id,
            ),
            business_at=envelope.business_at,
            numbers=envelope.numbers,
        )
        try:
            command = read_command(envelope.name, envelope.version, envelope.args)
        except Rejected as unreadable:
            return bus.set_aside(work, context, unreadable, state=OutcomeState.QUARANTINED)
        return bus.decide(command, work, context)

    # -- pull --------------------------------------------------------------------------------

    def _digests(self) -> tuple[ScopeDigest, ...]:
        """Counts and digests of all rows as they are now."""
        return recount(self.connection)

    def pull(self, device_id: str, cursor: Cursor, *, limit: int = DEFAULT_LIMIT) -> PullPage:
        """Whole commits after `cursor`, about `limit` rows of them."""
        head = self.head
        if cursor != START and (cursor.epoch != head.epoch or cursor.seq > head.seq):
            raise Rejected(OTHER_EPOCH, field="cursor", head=str(head))
        work = UnitOfWork(self.connection)
        device = work.require(DeviceRow, device_id)
        self.connection.rollback()
        scopes = scopes_for(device.workspace, device.location_id, device.register_id)
        rows = [
            row for row in self._memory.log if row.seq > cursor.seq and holds(scopes, row.scope)
        ]
        upto = _end_of_page(rows, limit, head.seq)
        link = self._memory.links[device_id]
        answers = [
            answer
            for (incarnation, _seq), (_hash, answer) in link.seen.items()
            if incarnation == link.incarnation and answer.commit_seq <= upto
        ]
        is_last = upto == head.seq
        digests = self._digests() if is_last else ()
        self.connection.rollback()
        return PullPage(
            protocol=PROTOCOL_VERSION,
            device_id=device.device_id,
            from_cursor=str(cursor),
            to_cursor=str(Cursor(head.epoch, upto)),
            is_last=is_last,
            tables=_tables(row for row in rows if row.seq <= upto),
            acked_seq=max((answer.seq for answer in answers), default=0),
            outcomes=tuple(answer for answer in answers if answer.commit_seq > cursor.seq),
            digests=tuple(digest for digest in digests if holds(scopes, digest.scope)),
            server_time=self._clock.now(),
        )

    # -- verify ------------------------------------------------------------------------------

    def verify(self, device_id: str, request: VerifyRequest) -> VerifyReply:
        """Compare one table in one scope; what changed after the device's cursor is unsettled."""
        cursor, table = Cursor.parse(request.cursor), table_named(request.table)
        if cursor.epoch != self.head.epoch or cursor.seq > self.head.seq:
            raise Rejected(OTHER_EPOCH, field="cursor", head=str(self.head))
        device = UnitOfWork(self.connection).require(DeviceRow, device_id)
        scopes = scopes_for(device.workspace, device.location_id, device.register_id)
        asked = {each.range for each in request.ranges}
        changed = {
            row.key
            for row in self._memory.log
            if (row.table, row.scope) == (table.name, request.scope)
            and row.seq > cursor.seq
            and range_of(row.table, row.key) in asked
        }
        reply = compared(
            self.connection,
            request,
            changed=changed,
            is_held=holds(scopes, request.scope),
            head=str(self.head),
        )
        self.connection.rollback()
        return reply


def command_nature(envelope: Envelope) -> Nature:
    """Whether a command is a fact; what is not known may have happened."""
    try:
        return read_command(envelope.name, envelope.version, envelope.args).NATURE
    except Rejected:
        return Nature.FACT


def _end_of_page(rows: list[LogRow], limit: int, head: int) -> int:
    if len(rows) <= limit:
        return head
    cut = rows[limit].seq
    before = [row.seq for row in rows if row.seq < cut]
    return before[-1] if before else cut


def _tables(rows: Iterable[LogRow]) -> tuple[TableChanges, ...]:
    latest: dict[str, dict[Key, bytes | None]] = {}
    for row in rows:
        latest.setdefault(row.table, {})[row.key] = row.image
    return tuple(
        TableChanges(
            table=table.name,
            puts=tuple(
                msgspec.Raw(image) for image in latest[table.name].values() if image is not None
            ),
            deletes=tuple(key for key, image in latest[table.name].items() if image is None),
        )
        for table in tables_in_order()
        if table.name in latest
    )


def on_the_wire(page: PullPage) -> PullPage:
    """A page as it arrives: its images lie in one buffer."""
    return msgspec.json.decode(msgspec.json.encode(page), type=PullPage)
