"""How long a device keeps what is settled: counted in days on which its server was heard.

The device's own clock has no say in what its journal forgets: it may be years ahead for an hour.
"""

from datetime import datetime, timedelta
from pathlib import Path

import msgspec

from desktop.database import aside_of, remove
from desktop.journal import Journal

DAYS_KEPT = 90
"""A server that is put back to a copy of its own asks again for what it has forgotten."""
SERVER_DAYS = "server_days"
"""The note in the journal with the days on which the server was heard, oldest first."""
_DAY = timedelta(days=1)
_MOST_ASIDE = 3
_LONGEST_ASIDE = timedelta(days=30)


class _HeardDay(msgspec.Struct, array_like=True, frozen=True):
    """The server's time when it was first heard on a day, and its head then."""

    at: datetime
    seq: int


def hear_server(journal: Journal, at: datetime, head: int) -> None:
    """Note that the server's feed stood at commit `head` at that time of its own clock.

    Call it inside `journal.writing()`. A server that was put back counts its commits from an
    earlier one on, so no day may stand behind its head.
    """
    known = _days(journal)
    days = [_HeardDay(day.at, min(day.seq, head)) for day in known]
    if not days or abs(at - days[-1].at) >= _DAY:
        days = [*days, _HeardDay(at, head)][-DAYS_KEPT - 1 :]
    if days != known:
        journal.set_note(SERVER_DAYS, msgspec.json.encode(days).decode())


def forget_settled(journal: Journal) -> int:
    """Forget what was settled before the server was heard on DAYS_KEPT days; gives how many.

    Call it inside `journal.writing()`.
    """
    days = _days(journal)
    return journal.prune(days[0].seq) if len(days) > DAYS_KEPT else 0


def prune_aside(replica: Path, folder: Path, *, now: datetime) -> None:
    """Delete replicas that were put aside: all but the newest three, and those a month old.

    The newest stays whatever its age. Journals that were put aside are never deleted.
    """
    found = sorted(aside_of(replica, folder).items(), reverse=True)
    for place, (_number, path) in enumerate(found):
        age = now.timestamp() - path.stat().st_mtime
        if place >= _MOST_ASIDE or (place > 0 and age > _LONGEST_ASIDE.total_seconds()):
            remove(path)


def _days(journal: Journal) -> list[_HeardDay]:
    text = journal.note(SERVER_DAYS)
    return [] if text is None else msgspec.json.decode(text, type=list[_HeardDay])
