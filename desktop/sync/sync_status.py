"""The figures of synchronisation that people are shown."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from shared.kernel.errors import CodedError
from shared.sync.cursor import START, Cursor
from shared.sync.state import SyncState


class RepairState(StrEnum):
    """How it stands with rows that differ from the server's."""

    NOT_NEEDED = "not_needed"
    """None are known to differ."""
    UNDER_WAY = "under_way"
    """They are fetched again."""
    FAILED = "failed"
    """They still differ after several attempts; tried again once a day. A person should know."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Repair:
    """What became of rows that differed; `report` is the file that tells of it, if there is one."""

    state: RepairState = RepairState.NOT_NEEDED
    replaced_rows: int = 0
    report: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Speed:
    """How fast an exchange goes: smoothed while `is_current`, else the average of the last one.

    Per second: commands that the server answered, rows that came in, and bytes on the line both
    ways, packed as they travel. `seconds_left` until both sides have everything, where that can be
    told.
    """

    commands_per_s: float = 0.0
    rows_per_s: float = 0.0
    bytes_per_s: int = 0
    is_current: bool = False
    seconds_left: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far this device and its server are apart, and how fast that changes.

    `lag` counts commits that are not here yet, as far as is known: a guess while offline;
    `unsent_blobs` the files that the server does not have yet.
    `fill_percent`, 0 to 100, is how much of the rows has come that `is_filled` would have.
    """

    lag: int = 0
    unsent_blobs: int = 0
    is_filled: bool = True
    fill_percent: int = 100
    speed: Speed = Speed()


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreShare:
    """How sharing within the store stands on this device.

    `neighbours` are the names of the devices in reach; `unsent` counts own commands that the
    server has not answered, `uncopied` those of them that no other machine holds; `kept` counts
    what this device keeps for others. The hub is where all lines of the store meet.
    """

    is_on: bool = False
    is_hub: bool = False
    neighbours: tuple[str, ...] = ()
    unsent: int = 0
    uncopied: int = 0
    kept: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncStatus:
    """How synchronisation stands; what the status strip shows.

    `error` is what went wrong last, until it goes well again; `is_online` whether the server
    answered last time, be it with a refusal. `pending` counts commands without an answer, the
    oldest made at `oldest_at`, and `unsent_blobs` the files that are to follow them. `head` is the
    server's last known commit, `cursor` the one this device has; `verified_at` is when both sides
    last proved that they agree, `mismatches` the (scope, table) pairs where they do not, `repair`
    what is done about it. `filled_rows` counts the rows of a first fill that comes in pages; of one
    that comes as a file, `fetched_bytes` of `file_bytes` are here. `speed` is measured at each
    answer. `store` tells of sharing with the other devices of the store.
    """

    state: SyncState = SyncState.STOPPED
    error: CodedError | None = None
    is_online: bool = False
    pending: int = 0
    unsent_blobs: int = 0
    oldest_at: datetime | None = None
    cursor: Cursor = START
    head: Cursor = START
    is_filled: bool = False
    filled_rows: int = 0
    fetched_bytes: int = 0
    file_bytes: int = 0
    verified_at: datetime | None = None
    mismatches: tuple[tuple[str, str], ...] = ()
    repair: Repair = Repair()
    speed: Speed = Speed()
    store: StoreShare = StoreShare()

    @property
    def lag(self) -> int:
        """How many commits of the server this device has not seen yet, as far as it knows."""
        if self.head.epoch != self.cursor.epoch:
            return self.head.seq
        return max(self.head.seq - self.cursor.seq, 0)

    @property
    def fill_percent(self) -> int:
        """How much of the server's history has come down, 0 to 100."""
        if self.is_filled:
            return 100
        if self.file_bytes:
            return min(99, self.fetched_bytes * 100 // self.file_bytes)
        return min(99, self.cursor.seq * 100 // self.head.seq) if self.head.seq else 0

    @property
    def progress(self) -> Progress:
        """How far and how fast it is, for screens."""
        return Progress(
            lag=self.lag,
            unsent_blobs=self.unsent_blobs,
            is_filled=self.is_filled,
            fill_percent=self.fill_percent,
            speed=self.speed,
        )
