"""Two short tones: a scan was taken, a scan was refused. Optional, and never waited for.

Windows plays the shipped files through its own sound call; elsewhere, without QtMultimedia, the
desktop's own alert sound is asked for (`QApplication.beep`), which can be one tone only or silent.
"""

import sys
from enum import StrEnum

from PySide6.QtWidgets import QApplication

from desktop.ui.resources import resource_path

if sys.platform == "win32":
    import winsound


class Tone(StrEnum):
    """Which tone; its file stands in resources/sounds."""

    ACCEPT = "accept"
    REFUSE = "refuse"


class Sounds:
    """Plays tones unless it is silent."""

    def __init__(self, *, is_on: bool = True) -> None:
        self.is_on = is_on

    def play(self, tone: Tone) -> None:
        """Play a tone and return at once."""
        if not self.is_on:
            return
        if sys.platform == "win32":
            flags = winsound.SND_FILENAME | winsound.SND_ASYNC | winsound.SND_NODEFAULT
            winsound.PlaySound(str(resource_path("sounds", f"{tone.value}.wav")), flags)
        elif tone is Tone.REFUSE:
            # One kind of beep is all there is: it says "look", so an accepted scan stays quiet.
            QApplication.beep()
