"""The fonts that ship with the program: Inter for Latin, Cyrillic, Greek; Noto Sans Arabic UI."""

from functools import lru_cache

from PySide6.QtGui import QFont, QFontDatabase

from desktop.ui.resources import resource_path
from shared.kernel.errors import Bug

MEDIUM = QFont.Weight.Medium
STRONG = QFont.Weight.DemiBold
FAMILIES = ["Inter", "Noto Sans Arabic UI"]
_FILES = (
    "Inter-Regular.otf",
    "Inter-Medium.otf",
    "Inter-SemiBold.otf",
    "Inter-Bold.otf",
    "NotoSansArabicUI-Regular.ttf",
    "NotoSansArabicUI-Bold.ttf",
)


@lru_cache(maxsize=1)
def load() -> None:
    """Add the shipped fonts to this program; raises Bug when a file is missing or broken."""
    for name in _FILES:
        path = resource_path("fonts", name)
        if QFontDatabase.addApplicationFont(str(path)) < 0:
            message = f"font {name} cannot be loaded"
            raise Bug(message)


def text_font(size: int, weight: QFont.Weight = QFont.Weight.Normal) -> QFont:
    """Give the interface font at `size` device-independent pixels."""
    font = QFont(FAMILIES)
    font.setPixelSize(size)
    font.setWeight(weight)
    font.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    return font


def money_font(size: int, weight: QFont.Weight = QFont.Weight.Normal) -> QFont:
    """Give the font for figures: every digit is as wide as every other."""
    font = text_font(size, weight)
    font.setFeature(QFont.Tag("tnum"), 1)
    return font
