"""What is said of the exchange with the server, ready to be shown."""

from dataclasses import dataclass

from desktop.ui.tokens import Tone


@dataclass(frozen=True, slots=True)
class Reading:
    """One figure with its name and a note; texts are written for people."""

    name: str
    value: str
    icon: str
    note: str = ""
    tone: Tone = Tone.NEUTRAL


@dataclass(frozen=True, slots=True)
class Notice:
    """Something to know: what is the matter, and what to do about it."""

    head: str
    text: str
    tone: Tone
