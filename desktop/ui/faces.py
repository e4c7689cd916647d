"""Faces: fonts with their measures, kept because lists are painted again and again."""

from functools import lru_cache

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont, QFontMetricsF

from desktop.ui import fonts

# Widths kept per face; beyond that all are measured anew.
_KEPT = 8192


class Face:
    """A font, its height, and how wide words are in it."""

    def __init__(self, font: QFont) -> None:
        self.font = font
        self.metrics = QFontMetricsF(font)
        self.ascent = self.metrics.ascent()
        self.height = self.metrics.height()
        self._widths: dict[str, float] = {}

    def width(self, text: str) -> float:
        """Give the width of a line of text in device-independent pixels."""
        width = self._widths.get(text)
        if width is None:
            if len(self._widths) >= _KEPT:
                self._widths.clear()
            width = self._widths[text] = self.metrics.horizontalAdvance(text)
        return width

    def fit(self, text: str, room: float, mode: Qt.TextElideMode) -> str:
        """Shorten a text to `room` device-independent pixels, if it must be."""
        return text if self.width(text) <= room else self.metrics.elidedText(text, mode, room)


@lru_cache(maxsize=64)
def words(size: int, weight: QFont.Weight = QFont.Weight.Normal) -> Face:
    """Give the face for words."""
    return Face(fonts.text_font(size, weight))


@lru_cache(maxsize=64)
def figures(size: int, weight: QFont.Weight = QFont.Weight.Normal) -> Face:
    """Give the face for figures: every digit is as wide as every other."""
    return Face(fonts.money_font(size, weight))
