"""The theme in force: palette, fonts and the one style sheet, made from the tokens."""

from dataclasses import dataclass

from PySide6.QtGui import QColor, QFont, QPalette, QPen
from PySide6.QtWidgets import QApplication, QStyleFactory

from desktop.ui import fonts, style_sheet
from desktop.ui.tokens import (
    DARK,
    DENSITIES,
    LIGHT,
    OFFICE,
    S1,
    S2,
    S3,
    S4,
    S5,
    S6,
    S8,
    STATION,
    TILL,
    Colours,
    Density,
    Mode,
    Tone,
    ToneColours,
)

__all__ = [
    "DARK",
    "DENSITIES",
    "LIGHT",
    "OFFICE",
    "S1",
    "S2",
    "S3",
    "S4",
    "S5",
    "S6",
    "S8",
    "STATION",
    "TILL",
    "Colours",
    "Density",
    "Mode",
    "Theme",
    "Tone",
    "ToneColours",
    "apply",
    "colour",
    "current",
    "figures_font",
    "heading_font",
    "is_wide",
    "palette",
    "pen",
    "tone_colours",
    "tone_pen",
]


@dataclass(frozen=True, slots=True)
class Theme:
    """The tokens in force."""

    mode: Mode = Mode.LIGHT
    density: Density = OFFICE

    @property
    def colours(self) -> Colours:
        """Give the colours of this theme's mode."""
        return DARK if self.mode is Mode.DARK else LIGHT


class _Active:
    """Holds the theme in force; changed by `apply` alone."""

    theme = Theme()


def current() -> Theme:
    """Give the theme in force."""
    return _Active.theme


def is_wide() -> bool:
    """Say whether this density has room for words beside icons, as at a desk."""
    return _Active.theme.density.name == OFFICE.name


def colour(token: str) -> QColor:
    """Give a colour of the theme in force by its token, for example `colour("text_muted")`."""
    return QColor(str(getattr(_Active.theme.colours, token)))


def pen(token: str, width: float = 1.0) -> QPen:
    """Give a pen in a token's colour."""
    made = QPen(colour(token))
    made.setWidthF(width)
    return made


def tone_pen(tone: Tone) -> QPen:
    """Give a pen in the colour of a tone's words."""
    return QPen(QColor(tone_colours(tone).text))


def tone_colours(tone: Tone) -> ToneColours:
    """Give the colours of a tone in the theme in force."""
    return _Active.theme.colours.tone(tone)


def apply(app: QApplication, theme: Theme) -> None:
    """Make `theme` the look of the whole program, at once."""
    _Active.theme = theme
    if app.style().name() != "fusion":
        app.setStyle(QStyleFactory.create("Fusion"))
    fonts.load()
    app.setFont(fonts.text_font(theme.density.type.base))
    app.setPalette(palette(theme.colours))
    app.setStyleSheet(style_sheet.build(theme.colours, theme.density))


def palette(colours: Colours) -> QPalette:
    """Make the palette that Fusion paints with."""
    made = QPalette()
    roles = {
        QPalette.ColorRole.Window: colours.canvas,
        QPalette.ColorRole.WindowText: colours.text,
        QPalette.ColorRole.Base: colours.surface,
        QPalette.ColorRole.AlternateBase: colours.sunken,
        QPalette.ColorRole.ToolTipBase: colours.text,
        QPalette.ColorRole.ToolTipText: colours.surface,
        QPalette.ColorRole.PlaceholderText: colours.text_subtle,
        QPalette.ColorRole.Text: colours.text,
        QPalette.ColorRole.Button: colours.surface,
        QPalette.ColorRole.ButtonText: colours.text,
        QPalette.ColorRole.BrightText: colours.danger.solid,
        QPalette.ColorRole.Link: colours.accent_tone.text,
        QPalette.ColorRole.Highlight: colours.accent,
        QPalette.ColorRole.HighlightedText: colours.on_accent,
        QPalette.ColorRole.Light: colours.raised,
        QPalette.ColorRole.Midlight: colours.line,
        QPalette.ColorRole.Mid: colours.line_strong,
        QPalette.ColorRole.Dark: colours.control_line,
        QPalette.ColorRole.Shadow: colours.shadow,
        QPalette.ColorRole.Accent: colours.accent,
    }
    for role, value in roles.items():
        made.setColor(role, QColor(value))
    off = QPalette.ColorGroup.Disabled
    for role in (
        QPalette.ColorRole.WindowText,
        QPalette.ColorRole.Text,
        QPalette.ColorRole.ButtonText,
    ):
        made.setColor(off, role, QColor(colours.control_line))
    return made


def heading_font(size: int) -> QFont:
    """Give the font of headings at `size` device-independent pixels."""
    return fonts.text_font(size, QFont.Weight.DemiBold)


def figures_font(size: int) -> QFont:
    """Give the strong font for figures at `size` device-independent pixels."""
    return fonts.money_font(size, QFont.Weight.DemiBold)
