"""Changes come down in pages cut at commits."""

from dataclasses import dataclass, replace
from datetime import datetime

import msgspec

from shared.kernel.ids import DeviceId
from shared.sync.protocol.push import CommandOutcome

DEFAULT_LIMIT = 5000
"""Rows per page; a commit larger than this still travels whole."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TableChanges:
    """The latest images and deletions of one table within the page.

    `puts` are canonical row images exactly as digested; `deletes` are keys.
    """

    table: str
    puts: tuple[msgspec.Raw, ...]
    deletes: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ScopeDigest:
    """Count and sum of row digests (modulo 2**64) of one table in one scope."""

    table: str
    scope: str
    row_count: int
    digest_sum: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NeighbourAcked:
    """How far the rows of a page contain the commands of another device, in its present life."""

    device_id: DeviceId
    incarnation: int
    acked_seq: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PullPage:
    """All that changed in the device's scopes after `from_cursor` up to `to_cursor`.

    Tables stand in foreign-key order. `acked_seq` is the last command of the asking device that is
    contained in the state at `to_cursor`; `outcomes` are those of its commands committed in this
    page. `digests` come with the last page only, for every table and scope the device holds.
    `log_from` is the commit from which on the log is whole: whoever began at the start says so with
    each further pull, and may go on through the part before it for as long as it is the same.
    `neighbours` says the same as `acked_seq` of every other device of the asking one's location,
    those that were shut out too; it comes with the pages that were asked for it.
    """

    protocol: int
    device_id: DeviceId
    from_cursor: str
    to_cursor: str
    is_last: bool
    tables: tuple[TableChanges, ...]
    acked_seq: int
    outcomes: tuple[CommandOutcome, ...]
    digests: tuple[ScopeDigest, ...]
    server_time: datetime
    log_from: int = 0
    neighbours: tuple[NeighbourAcked, ...] = ()

    @property
    def row_count(self) -> int:
        """How many rows it puts or deletes."""
        return sum(len(changes.puts) + len(changes.deletes) for changes in self.tables)


def joined(page: PullPage, following: PullPage) -> PullPage:
    """Two pages that follow on each other as one; a row may come in both, the later one counts."""
    return replace(
        following,
        from_cursor=page.from_cursor,
        tables=page.tables + following.tables,
        outcomes=page.outcomes + following.outcomes,
    )
