"""How bad the day is: which faults one seed brings, and how often."""

from dataclasses import dataclass, fields, replace
from random import Random


@dataclass(frozen=True, kw_only=True)
class Weather:
    """Chances of each fault; of messages per message, of events per minute of the shop's time."""

    request_lost: float = 0.0
    request_cut: float = 0.0
    request_doubled: float = 0.0
    answer_cut: float = 0.0
    answer_cut_short: float = 0.0
    """The answer ends early and looks complete, as behind some proxies."""
    half_open: float = 0.0
    slow: float = 0.0
    token_expired: float = 0.0
    server_dies: float = 0.0
    """In the middle of a push, before or after a commit."""
    outage: float = 0.0
    """A cable that is pulled for a while."""
    killed: float = 0.0
    power_cut: float = 0.0
    stopped: float = 0.0
    """Ended in good order and started again."""
    clock_jumped: float = 0.0
    cloned: float = 0.0
    put_back: float = 0.0
    """A device gets an older copy of its own files."""
    journal_put_back: float = 0.0
    """A person restores the journal from the copy beside it."""
    server_restored: float = 0.0
    server_restarted: float = 0.0
    log_compacted: float = 0.0


CALM = Weather()
_WORST = Weather(
    request_lost=0.15,
    request_cut=0.1,
    request_doubled=0.15,
    answer_cut=0.15,
    answer_cut_short=0.05,
    half_open=0.05,
    slow=0.15,
    token_expired=0.15,
    server_dies=0.08,
    outage=0.3,
    killed=0.25,
    power_cut=0.25,
    stopped=0.2,
    clock_jumped=0.3,
    cloned=0.2,
    put_back=0.3,
    journal_put_back=0.15,
    server_restored=0.3,
    server_restarted=0.3,
    log_compacted=0.8,
)
_RARE = frozenset({"cloned", "put_back", "journal_put_back", "server_restored"})


def weather_of(chance: Random) -> Weather:
    """A day: about half of all faults can happen in it, each at a strength of its own.

    With all of them at once each hides the others; some only show while the rest is calm.
    """
    chosen: dict[str, float] = {}
    for each in fields(Weather):
        share = 0.3 if each.name in _RARE else 0.5
        is_on, strength = chance.random() < share, chance.random()
        chosen[each.name] = getattr(_WORST, each.name) * strength if is_on else 0.0
    return replace(CALM, **chosen)
