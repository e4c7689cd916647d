"""A tenant's server as the reference has it, deciding in turns of many commands like the product.

What is the product's: handlers, bus, unit of work with deferred writes, cursors, scopes, digests,
messages. What is told again here and in the reference server, because the product's own speaks
PostgreSQL: the order of checks in a push, the log, and the cutting of pages.
"""

import sqlite3
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace

import sqlalchemy as sa

from shared.kernel.clock import Clock
from shared.kernel.errors import Rejected, Unavailable
from shared.kernel.messages import Command, Envelope, Outcome
from shared.storage.base import Key
from shared.storage.changes import RowChange
from shared.storage.unit_of_work import UnitOfWork
from shared.sync.cursor import START, Cursor
from shared.sync.endpoint import TOO_OLD
from shared.sync.protocol.pull import DEFAULT_LIMIT, PullPage, ScopeDigest
from shared.sync.protocol.push import CommandOutcome, PushReply, PushRequest, PushState
from tests.support.reference_server import Backup, LogRow, ReferenceServer

MAX_PER_COMMIT = 50


class ServerDied(Exception):
    """The server's process ended in the middle of a request; what was committed stays."""


@dataclass(frozen=True)
class Decided:
    """One command that was settled for the first time under its place in a device's journal."""

    commit_seq: int
    envelope: Envelope
    outcome: Outcome
    is_run: bool
    """False where the same command came before, from another life of its device."""


@dataclass(frozen=True)
class OwnWork:
    """A command of the server itself."""

    commit_seq: int
    command: Command


Fact = Decided | OwnWork


@dataclass(frozen=True)
class AuthorityBackup:
    """Everything of one tenant at one moment."""

    server: Backup
    history: tuple[Fact, ...]
    log_from: int
    whole_log: tuple[LogRow, ...]


@dataclass
class _Turn:
    """What one transaction of a push has come to."""

    last_seq: int
    last_hash: str
    state: PushState = PushState.ACCEPTED
    answers: list[CommandOutcome] = field(default_factory=list)
    decided: list[Decided] = field(default_factory=list)


class Authority(ReferenceServer):
    """The reference server with turns, deaths in the middle, and a history that a judge reads."""

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock)
        self._begin_transactions()
        self.history: list[Fact] = []
        self.log_from = 0
        self._whole_log: list[LogRow] = []
        """What the judge reads: compaction leaves it alone."""
        self._counted: tuple[Cursor, tuple[ScopeDigest, ...]] | None = None
        self.per_commit: Callable[[], int] = lambda: MAX_PER_COMMIT
        self.dies_now: Callable[[str], bool] = lambda _when: False
        self.committed: Callable[[Sequence[Fact]], None] = lambda _news: None

    def _begin_transactions(self) -> None:
        """Let a rollback take everything back: by itself the driver commits with a savepoint."""
        driver = self.connection.connection.driver_connection
        assert isinstance(driver, sqlite3.Connection)
        driver.isolation_level = None

        @sa.event.listens_for(self._engine, "begin")
        def begin(connection: sa.Connection) -> None:
            connection.exec_driver_sql("BEGIN")

    # -- what a judge asks -------------------------------------------------------------------

    def knows(self, device_id: str) -> bool:
        """Whether this device was ever admitted."""
        return device_id in self._memory.links

    def images_at(
        self, upto: int, wanted: Callable[[str], bool]
    ) -> dict[str, dict[tuple[str, ...], bytes]]:
        """The rows of the wanted scopes as they were after commit `upto`, from the log."""
        found: dict[str, dict[tuple[str, ...], bytes]] = {}
        for row in self._whole_log:
            if row.seq > upto:
                break
            if not wanted(row.scope):
                continue
            rows = found.setdefault(row.table, {})
            if row.image is None:
                rows.pop(row.key, None)
            else:
                rows[row.key] = row.image
        return found

    def acked_at(self, device_id: str, incarnation: int, upto: int) -> int:
        """The last command of a device's life that was settled by commit `upto`."""
        return max(
            (
                answer.seq
                for (life, _seq), (_hash, answer) in self._memory.links[device_id].seen.items()
                if life == incarnation and answer.commit_seq <= upto
            ),
            default=0,
        )

    def _digests(self) -> tuple[ScopeDigest, ...]:
        """Counted once per commit, whoever asks."""
        head = self.head
        if self._counted is None or self._counted[0] != head:
            self._counted = (head, super()._digests())
        return self._counted[1]

    # -- work --------------------------------------------------------------------------------

    def act(self, command: Command) -> Outcome:
        """Do something as the server itself; the judge hears of it."""
        outcome = self.do(command)
        self._tell([OwnWork(self.head.seq, command)])
        return outcome

    def _tell(self, news: Sequence[Fact]) -> None:
        self.history += news
        self.committed(news)

    def push(self, device_id: str, request: PushRequest) -> PushReply:
        """Decide what is new in turns, each a commit; the rest is lost when the server dies."""
        link = self._memory.links[device_id]
        if link.is_fenced or link.incarnation != request.incarnation:
            return PushReply(state=PushState.FORKED, expected_seq=link.last_seq + 1, outcomes=())
        taken: list[CommandOutcome] = []
        while True:
            rest = request.commands[len(taken) :]
            try:
                turn = self._turn(device_id, rest, defers=True)
            except Unavailable as obstacle:
                if obstacle.code != "writes_refused":
                    raise
                turn = self._turn(device_id, rest, defers=False)
            taken += turn.answers
            if turn.state is not PushState.ACCEPTED or len(taken) == len(request.commands):
                expected = link.last_seq + 1
                return PushReply(state=turn.state, expected_seq=expected, outcomes=tuple(taken))

    def _turn(self, device_id: str, commands: Sequence[Envelope], *, defers: bool) -> _Turn:
        link = self._memory.links[device_id]
        turn = _Turn(link.last_seq, link.last_hash)
        work = UnitOfWork(self.connection, defers=defers)
        most = self.per_commit()
        try:
            for envelope in commands:
                if len(turn.decided) == most or not self._follows(turn, device_id, envelope):
                    break
                if envelope.seq > turn.last_seq:
                    self._settle(turn, work, envelope)
            changes = work.changes()
            self._survive("before a commit", is_work=bool(turn.decided))
        except BaseException:
            self.connection.rollback()
            raise
        if turn.state is PushState.FORKED:
            link.is_fenced = True
        if turn.decided:
            self._commit(changes)
            self._remember(device_id, turn)
        return turn

    def _follows(self, turn: _Turn, device_id: str, envelope: Envelope) -> bool:
        """Whether a command may be taken; an old one is answered from store."""
        link = self._memory.links[device_id]
        if envelope.seq <= link.last_seq:
            seen = link.seen.get((envelope.incarnation, envelope.seq))
            if seen is None or seen[0] != envelope.digest():
                turn.state = PushState.FORKED
                return False
            turn.answers.append(seen[1])
            return True
        if envelope.seq > turn.last_seq + 1:
            turn.state = PushState.GAP
            return False
        if envelope.prev_hash != turn.last_hash:
            turn.state = PushState.FORKED
            return False
        return True

    def _settle(self, turn: _Turn, work: UnitOfWork, envelope: Envelope) -> None:
        seq = self._memory.seq + 1
        known = {each.envelope.cmd_id: each.outcome for each in turn.decided}
        outcome = known.get(envelope.cmd_id) or self._memory.by_id.get(envelope.cmd_id)
        is_run = outcome is None
        if outcome is None:
            outcome = self._decide(work, envelope)
        turn.decided.append(Decided(seq, envelope, outcome, is_run))
        turn.answers.append(
            CommandOutcome(
                seq=envelope.seq, cmd_id=envelope.cmd_id, commit_seq=seq, outcome=outcome
            )
        )
        turn.last_seq, turn.last_hash = envelope.seq, envelope.digest()

    def _remember(self, device_id: str, turn: _Turn) -> None:
        """What the transaction that just ended has written beside the rows."""
        link, answers = self._memory.links[device_id], {each.seq: each for each in turn.answers}
        for each in turn.decided:
            envelope = each.envelope
            self._memory.by_id[envelope.cmd_id] = each.outcome
            if each.is_run:
                self.runs[envelope.cmd_id] = self.runs.get(envelope.cmd_id, 0) + 1
            place = (envelope.incarnation, envelope.seq)
            link.seen[place] = (envelope.digest(), answers[envelope.seq])
        link.last_seq, link.last_hash = turn.last_seq, turn.last_hash
        self._tell(turn.decided)
        self._survive("after a commit", is_work=True)

    def _survive(self, moment: str, *, is_work: bool) -> None:
        if is_work and self.dies_now(moment):
            raise ServerDied

    def _commit(self, changes: Iterable[RowChange]) -> None:
        before = len(self._memory.log)
        super()._commit(changes)
        self._whole_log += self._memory.log[before:]

    # -- compaction --------------------------------------------------------------------------

    def compact(self, mark: int) -> int:
        """Shorten the log up to a commit, as the product's job does; gives the rows removed."""
        self.log_from = max(self.log_from, mark)
        newer: set[tuple[str, Key]] = set()
        kept: list[LogRow] = []
        for row in reversed(self._memory.log):
            place = (row.table, row.key)
            if row.seq > mark or (row.image is not None and place not in newer):
                kept.append(row)
            newer.add(place)
        removed = len(self._memory.log) - len(kept)
        self._memory.log = kept[::-1]
        self._forget_commands(mark)
        return removed

    def _forget_commands(self, mark: int) -> None:
        """Cut commands down to their state up to a commit, as the product's job does."""
        for link in self._memory.links.values():
            for place, (digest, answer) in link.seen.items():
                if answer.commit_seq <= mark:
                    bare = Outcome(state=answer.outcome.state)
                    link.seen[place] = (digest, replace(answer, outcome=bare))
                    self._memory.by_id[answer.cmd_id] = bare

    def require_log(self, cursor: Cursor, filled_from: int | None) -> None:
        """Refuse a place before the log is whole, but for whoever began to fill since then."""
        is_ours = cursor != START and cursor.epoch == self.head.epoch
        if is_ours and filled_from != self.log_from and cursor.seq < self.log_from:
            raise Rejected(TOO_OLD, field="cursor", head=str(self.head))

    def pull(self, device_id: str, cursor: Cursor, *, limit: int = DEFAULT_LIMIT) -> PullPage:
        """A page that also says from where on the log is whole."""
        page = super().pull(device_id, cursor, limit=limit)
        return replace(page, log_from=self.log_from)

    # -- backups -----------------------------------------------------------------------------

    def copy(self) -> AuthorityBackup:
        """Everything as it is now."""
        return AuthorityBackup(
            self.back_up(), tuple(self.history), self.log_from, tuple(self._whole_log)
        )

    def become(self, backup: AuthorityBackup, *, is_restore: bool) -> None:
        """Go back to a copy: as an operator does, or to begin a story of a test."""
        self._counted = None
        if is_restore:
            self.put_back(backup.server)
        else:
            self.rewind(backup.server)
        self.history = list(backup.history)
        self.log_from = backup.log_from
        self._whole_log = list(backup.whole_log)
