"""What a sync server in memory keeps besides the rows."""

from dataclasses import dataclass, field

from shared.kernel.messages import FIRST_HASH, Envelope, Outcome
from shared.storage.base import Key
from shared.sync.protocol.push import CommandOutcome


@dataclass(frozen=True)
class LogRow:
    seq: int
    scope: str
    table: str
    key: Key
    image: bytes | None


@dataclass
class Link:
    """What is known of one device."""

    incarnation: int = 1
    last_seq: int = 0
    last_hash: str = FIRST_HASH
    is_fenced: bool = False
    seen: dict[tuple[int, int], tuple[str, CommandOutcome]] = field(default_factory=dict)

    def reach(self, incarnation: int) -> tuple[int, str]:
        """The last command of one of its lives, and the hash of that."""
        if incarnation == self.incarnation:
            return self.last_seq, self.last_hash
        last = max((seq for life, seq in self.seen if life == incarnation), default=0)
        return last, self.seen[incarnation, last][0] if last else FIRST_HASH

    def acked_at(self, incarnation: int, upto: int) -> int:
        """The last command of one of its lives that was settled by commit `upto`."""
        return max(
            (
                answer.seq
                for (life, _seq), (_hash, answer) in self.seen.items()
                if life == incarnation and answer.commit_seq <= upto
            ),
            default=0,
        )

    def outcomes(self, *, after: int, upto: int) -> tuple[CommandOutcome, ...]:
        """Those of its present life that were committed in a stretch."""
        return tuple(
            answer
            for (life, _seq), (_hash, answer) in self.seen.items()
            if life == self.incarnation and after < answer.commit_seq <= upto
        )

    def move(self, envelope: Envelope) -> None:
        """A command was settled; a life that is over has nothing to remember."""
        if envelope.incarnation == self.incarnation:
            self.last_seq, self.last_hash = envelope.seq, envelope.digest()


@dataclass
class Memory:
    """All that is not a row; copied as a whole for a backup."""

    epoch: int = 1
    seq: int = 0
    log: list[LogRow] = field(default_factory=list)
    links: dict[str, Link] = field(default_factory=dict)
    by_id: dict[str, Outcome] = field(default_factory=dict)
    runs: dict[str, int] = field(default_factory=dict)
    kept: dict[str, Envelope] = field(default_factory=dict)
    """By hash: what neighbours brought and no chain has a place for."""


@dataclass(frozen=True)
class Backup:
    """The whole server as it was."""

    rows: bytes
    memory: Memory
