"""Time: a clock that is handed in, and a store's business day."""

from datetime import UTC, date, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo


class Clock(Protocol):
    """Tells the time; the only source of time in the product."""

    def now(self) -> datetime:
        """The present moment, aware, in UTC."""
        ...


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        """The present moment, aware, in UTC."""
        return datetime.now(UTC)


class FixedClock:
    """A clock that stands still until it is told to move; for tests, replays and demos."""

    def __init__(self, start: datetime) -> None:
        self._now = start.astimezone(UTC)

    def now(self) -> datetime:
        """The moment it stands at."""
        return self._now

    def advance(self, step: timedelta) -> None:
        """Move on by `step` (or back, when negative)."""
        self._now += step


def business_day(at: datetime, zone: str, *, day_starts_hour: int = 0) -> date:
    """The day a moment belongs to in a store whose day starts at `day_starts_hour` local time."""
    return (at.astimezone(ZoneInfo(zone)) - timedelta(hours=day_starts_hour)).date()
