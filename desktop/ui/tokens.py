"""Design tokens: colours light and dark, spacing, radii, type scale; and their contrast."""

from dataclasses import dataclass, fields
from enum import StrEnum

from PySide6.QtGui import QColor


class Mode(StrEnum):
    """Whether surfaces are light or dark."""

    LIGHT = "light"
    DARK = "dark"


class Tone(StrEnum):
    """What a coloured part says; always together with an icon or a word."""

    NEUTRAL = "neutral"
    ACCENT = "accent"
    OK = "ok"
    WARN = "warn"
    DANGER = "danger"


@dataclass(frozen=True, slots=True)
class ToneColours:
    """The three colours of one tone: words on a soft ground, and a solid ground under white."""

    text: str
    soft: str
    solid: str


@dataclass(frozen=True, slots=True)
class Colours:
    """All colours of one mode, as `#rrggbb`; nothing else in the program names a colour."""

    canvas: str
    surface: str
    sunken: str
    raised: str
    hover: str
    selected: str
    line: str
    line_strong: str
    control_line: str
    text: str
    text_muted: str
    text_subtle: str
    accent: str
    accent_hover: str
    accent_pressed: str
    on_accent: str
    focus: str
    scrim: str
    shadow: str
    neutral: ToneColours
    accent_tone: ToneColours
    ok: ToneColours
    warn: ToneColours
    danger: ToneColours

    def tone(self, tone: Tone) -> ToneColours:
        """Give the colours of a tone."""
        return {
            Tone.NEUTRAL: self.neutral,
            Tone.ACCENT: self.accent_tone,
            Tone.OK: self.ok,
            Tone.WARN: self.warn,
            Tone.DANGER: self.danger,
        }[tone]


LIGHT = Colours(
    canvas="#f5f6f8",
    surface="#ffffff",
    sunken="#eff1f4",
    raised="#ffffff",
    hover="#f0f2f5",
    selected="#e8effd",
    line="#e4e7ec",
    line_strong="#d0d5dd",
    control_line="#868d99",
    text="#16191f",
    text_muted="#505765",
    text_subtle="#626a79",
    accent="#2a5bd7",
    accent_hover="#234fc0",
    accent_pressed="#1d43a6",
    on_accent="#ffffff",
    focus="#2a5bd7",
    scrim="#6b10131a",
    shadow="#1c10131a",
    neutral=ToneColours(text="#434a57", soft="#eaecf0", solid="#505765"),
    accent_tone=ToneColours(text="#1f48ae", soft="#e8effd", solid="#2a5bd7"),
    ok=ToneColours(text="#11653c", soft="#ddf3e5", solid="#18794a"),
    warn=ToneColours(text="#7f4a00", soft="#fdf0d0", solid="#9a5b00"),
    danger=ToneColours(text="#a3231b", soft="#fde8e6", solid="#c5302a"),
)

DARK = Colours(
    canvas="#0e1014",
    surface="#16191f",
    sunken="#111318",
    raised="#1e222a",
    hover="#20242d",
    selected="#1b2a4b",
    line="#272c36",
    line_strong="#39404d",
    control_line="#6d7585",
    text="#edeff3",
    text_muted="#abb2bf",
    text_subtle="#9198a7",
    accent="#3a6be0",
    accent_hover="#3f70e2",
    accent_pressed="#2f5dcd",
    on_accent="#ffffff",
    focus="#7ba2ff",
    scrim="#a6050609",
    shadow="#66000000",
    neutral=ToneColours(text="#c6ccd6", soft="#2a2f3a", solid="#5f6776"),
    accent_tone=ToneColours(text="#a8c1ff", soft="#1b2a4b", solid="#3a6be0"),
    ok=ToneColours(text="#7ddaa8", soft="#12301f", solid="#1d7f4f"),
    warn=ToneColours(text="#f2c46b", soft="#36280f", solid="#94600a"),
    danger=ToneColours(text="#ff9f97", soft="#3d1a18", solid="#cf3a33"),
)


@dataclass(frozen=True, slots=True)
class Type:
    """Sizes of letters in device-independent pixels."""

    small: int
    base: int
    heading: int
    title: int
    display: int


@dataclass(frozen=True, slots=True)
class Density:
    """Sizes for one way of working; all on a grid of 4 px."""

    name: str
    type: Type
    control: int
    control_small: int
    row: int
    icon: int
    rail: int
    gutter: int
    radius: int = 6
    radius_card: int = 10
    radius_sheet: int = 14


OFFICE = Density("office", Type(12, 13, 15, 20, 28), 32, 24, 40, 16, 216, 16)
STATION = Density("station", Type(14, 16, 20, 26, 40), 44, 36, 56, 20, 120, 20)
TILL = Density("till", Type(15, 19, 22, 28, 48), 60, 44, 64, 24, 128, 16)
DENSITIES = {density.name: density for density in (OFFICE, STATION, TILL)}

S1, S2, S3, S4, S5, S6, S8 = 4, 8, 12, 16, 20, 24, 32


def text_pairs(colours: Colours) -> list[tuple[str, str, str]]:
    """List every (name, text colour, ground colour) in use, for the contrast test."""
    grounds = ("canvas", "surface", "sunken", "raised", "hover", "selected")
    inks = ("text", "text_muted", "text_subtle")
    pairs: list[tuple[str, str, str]] = [
        (f"{ink} on {ground}", str(getattr(colours, ink)), str(getattr(colours, ground)))
        for ink in inks
        for ground in grounds
    ]
    for tone_field in fields(colours):
        tone = getattr(colours, tone_field.name)
        if isinstance(tone, ToneColours):
            name = tone_field.name
            pairs.append((f"{name}.text on soft", tone.text, tone.soft))
            pairs.append((f"{name}.text on surface", tone.text, colours.surface))
            pairs.append((f"white on {name}.solid", "#ffffff", tone.solid))
    accents = (colours.accent, colours.accent_hover, colours.accent_pressed)
    pairs.extend(("on_accent", colours.on_accent, ground) for ground in accents)
    return pairs


_SRGB_KNEE = 0.04045


def contrast(ink: str, ground: str) -> float:
    """Give the WCAG contrast ratio of two opaque colours, 1.0 to 21.0."""
    lights = sorted((_luminance(QColor(ink)), _luminance(QColor(ground))), reverse=True)
    return (lights[0] + 0.05) / (lights[1] + 0.05)


def _luminance(value: QColor) -> float:
    def linear(channel: float) -> float:
        return (
            channel / 12.92 if channel <= _SRGB_KNEE else float(((channel + 0.055) / 1.055) ** 2.4)
        )

    red, green, blue = (linear(c) for c in (value.redF(), value.greenF(), value.blueF()))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
