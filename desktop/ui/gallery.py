"""Gallery: pictures of every part in all looks, languages and densities; for eyes and for docs.

`python -m desktop.ui.gallery --out DIR [--only TEXT]` writes one PNG per page and look.
"""

import argparse
import asyncio
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import qasync
from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QApplication, QWidget

from desktop.ui import i18n, theme
from desktop.ui.button import Look
from desktop.ui.dialogs import Buttons, FormSheet, Option, QuestionSheet
from desktop.ui.gallery_pages import PAGES, make_frame
from desktop.ui.gallery_samples import sample_fields
from desktop.ui.help_overlay import HelpSheet
from desktop.ui.palette import PaletteSheet
from desktop.ui.theme import DENSITIES, Mode, Theme, Tone

_SIZES = {"office": QSize(1280, 800), "station": QSize(1366, 900), "till": QSize(1366, 900)}


# Long enough for a window to become active and be laid out.
_SETTLE_S = 0.03


@dataclass(frozen=True, slots=True)
class Variant:
    """One look of the program."""

    mode: Mode
    code: str
    density: str

    @property
    def name(self) -> str:
        """Give the start of the pictures' file names."""
        return f"{self.density}-{self.mode.value}-{self.code}"


def variants() -> Iterator[Variant]:
    """List all looks."""
    for density in DENSITIES:
        for mode in Mode:
            for code in i18n.LANGUAGES:
                yield Variant(mode, code, density)


def dress(app: QApplication, variant: Variant) -> None:
    """Make the program look like `variant`."""
    language = i18n.load(variant.code, is_strict=True)
    i18n.use(language)
    right_to_left = Qt.LayoutDirection.RightToLeft
    left_to_right = Qt.LayoutDirection.LeftToRight
    app.setLayoutDirection(right_to_left if language.is_right_to_left else left_to_right)
    theme.apply(app, Theme(variant.mode, DENSITIES[variant.density]))


def pictures(variant: Variant) -> Iterator[tuple[str, QWidget]]:
    """Make each page in turn, ready to be grabbed."""
    for name, make in PAGES.items():
        yield name, _laid_out(make(), variant)
    frame = make_frame()
    _laid_out(frame, variant)
    yield "frame", frame
    frame.banner.clear()
    frame.toast(i18n.tr("gallery.saved"), Tone.OK, i18n.tr("gallery.undo"))
    yield "toast", _laid_out(frame, variant)
    options = [
        Option("", i18n.tr("ui.cancel")),
        Option("yes", i18n.tr("gallery.delete"), Look.DANGER),
    ]
    title, text = i18n.tr("gallery.delete.title"), i18n.tr("gallery.delete.text")
    sheets = (
        (
            "confirm",
            QuestionSheet(
                frame, title, text, options=options, icon="triangle-alert", tone=Tone.DANGER
            ),
        ),
        (
            "form-sheet",
            FormSheet(
                frame,
                i18n.tr("gallery.new"),
                sample_fields(),
                buttons=Buttons(i18n.tr("ui.save")),
                submit=None,
            ),
        ),
        ("palette", PaletteSheet(frame, frame.live_actions())),
        ("help", HelpSheet(frame, frame.live_actions())),
    )
    for name, sheet in sheets:
        sheet.open()
        yield name, _laid_out(frame, variant)
        sheet.finish()


def _laid_out(widget: QWidget, variant: Variant) -> QWidget:
    widget.resize(_SIZES[variant.density])
    widget.show()
    widget.activateWindow()
    return widget


async def paint(app: QApplication, out: Path, only: str) -> None:
    """Write the pictures of every look whose name contains `only`."""
    for variant in variants():
        if only not in variant.name:
            continue
        dress(app, variant)
        for name, widget in pictures(variant):
            await asyncio.sleep(_SETTLE_S)
            widget.grab().save(str(out / f"{variant.name}-{name}.png"))
        for window in QApplication.topLevelWidgets():
            window.hide()
            window.deleteLater()
        await asyncio.sleep(_SETTLE_S)


def main() -> int:
    """Read the arguments and write the pictures."""
    parser = argparse.ArgumentParser(prog="python -m desktop.ui.gallery")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--only", default="", help="part of a look's name, such as office-light")
    wanted = parser.parse_args()
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    wanted.out.mkdir(parents=True, exist_ok=True)
    app = QApplication(sys.argv[:1])
    app.setQuitOnLastWindowClosed(False)
    with qasync.QEventLoop(app) as loop:
        loop.run_until_complete(paint(app, wanted.out, wanted.only))
    return 0


if __name__ == "__main__":
    sys.exit(main())
