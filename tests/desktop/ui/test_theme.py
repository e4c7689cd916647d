"""Tokens, style sheet, fonts and icons."""

import re

import pytest
from PySide6.QtGui import QColor, QFontInfo, QFontMetricsF, QPixmap
from PySide6.QtWidgets import QApplication, QPushButton

from desktop.ui import fonts, icons, style_sheet, theme, tokens
from desktop.ui.resources import resource_path
from shared.kernel.errors import Bug
from tests.support.qt_loop import UiLoop

MODES = {"light": theme.LIGHT, "dark": theme.DARK}


@pytest.mark.parametrize("mode", MODES)
def test_every_text_is_readable_on_every_ground(mode: str) -> None:
    faint = {
        name: round(tokens.contrast(ink, ground), 2)
        for name, ink, ground in tokens.text_pairs(MODES[mode])
        if tokens.contrast(ink, ground) < 4.5
    }

    assert faint == {}


@pytest.mark.parametrize("mode", MODES)
def test_edges_of_controls_and_focus_rings_can_be_seen(mode: str) -> None:
    colours = MODES[mode]

    for ground in (colours.surface, colours.canvas, colours.raised):
        assert tokens.contrast(colours.control_line, ground) >= 3
        assert tokens.contrast(colours.focus, ground) >= 3


def test_contrast_is_the_one_of_wcag() -> None:
    assert tokens.contrast("#000000", "#ffffff") == pytest.approx(21)
    assert tokens.contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("density", theme.DENSITIES.values(), ids=theme.DENSITIES)
@pytest.mark.parametrize("mode", MODES)
def test_style_sheet_names_only_tokens(mode: str, density: theme.Density) -> None:
    made = style_sheet.build(MODES[mode], density)

    assert "$" not in made
    for path in re.findall(r'url\("([^"]+)"\)', made):
        assert resource_path(path).is_file()


def test_controls_are_as_high_as_the_density_says(ui: UiLoop, qapp: QApplication) -> None:
    heights = {}
    for name, density in theme.DENSITIES.items():
        theme.apply(qapp, theme.Theme(density=density))
        heights[name] = QPushButton("x").sizeHint().height()

    assert heights == {"office": 32, "station": 44, "till": 60}


def test_shipped_fonts_cover_latin_cyrillic_greek_and_arabic(ui: UiLoop) -> None:
    assert QFontInfo(fonts.text_font(14)).family() == "Inter"
    for text in ("Straße", "Ёлка", "Ωμέγα", "قميص"):
        metrics = QFontMetricsF(fonts.text_font(14))
        assert all(metrics.inFontUcs4(ord(letter)) for letter in text) or metrics.horizontalAdvance(
            text
        )


def test_figures_are_all_equally_wide(ui: UiLoop) -> None:
    metrics = QFontMetricsF(fonts.money_font(13))

    widths = {metrics.horizontalAdvance(digit * 10) for digit in "0123456789"}

    assert len(widths) == 1


def test_icons_take_the_colour_and_the_scale(ui: UiLoop) -> None:
    drawn = icons.pixmap("package", "#ff0000", 16, scale=2.0)

    assert (drawn.width(), drawn.devicePixelRatio()) == (32, 2.0)
    assert _inks(drawn) == {"#ff0000"}


def test_icons_that_point_turn_round_for_right_to_left(ui: UiLoop) -> None:
    plain = icons.pixmap("arrow-left", "#000000").toImage()
    turned = icons.pixmap("arrow-left", "#000000", mirrored=True).toImage()
    upright = icons.pixmap("package", "#000000", mirrored=True).toImage()

    assert turned != plain
    assert upright == icons.pixmap("package", "#000000").toImage()


def test_unknown_icon_is_a_bug(ui: UiLoop) -> None:
    with pytest.raises(Bug, match="no icon"):
        icons.pixmap("no-such-icon", "#000000")


def test_every_icon_draws_something(qapp: QApplication) -> None:
    drawn = {name: _inks(icons.pixmap(name, "#0000ff", 64)) for name in icons.available()}
    empty = [name for name, inks in drawn.items() if not inks]

    assert empty == []


def _inks(drawn: QPixmap) -> set[str]:
    """The colours of the opaque points."""
    image = drawn.toImage()
    points = (image.pixelColor(x, y) for x in range(image.width()) for y in range(image.height()))
    return {QColor(point.rgb()).name() for point in points if point.alpha() == 255}
