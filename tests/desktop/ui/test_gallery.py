"""Every part can be shown in every look, language and density."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from desktop.ui import gallery
from desktop.ui.theme import Mode
from tests.support.qt_loop import UiLoop

LOOKS = [
    gallery.Variant(Mode.LIGHT, "en", "office"),
    gallery.Variant(Mode.DARK, "de", "station"),
    gallery.Variant(Mode.LIGHT, "ar", "till"),
]


@pytest.mark.parametrize("look", LOOKS, ids=[look.name for look in LOOKS])
def test_gallery_paints_every_page(
    ui: UiLoop, qapp: QApplication, tmp_path: Path, *, look: gallery.Variant
) -> None:
    try:
        ui.run(gallery.paint(qapp, tmp_path, look.name), patience_s=60)
    finally:
        qapp.setLayoutDirection(Qt.LayoutDirection.LeftToRight)

    names = {path.stem.removeprefix(f"{look.name}-") for path in tmp_path.glob("*.png")}
    assert names == {
        "parts",
        "form",
        "states",
        "till",
        "frame",
        "toast",
        "confirm",
        "form-sheet",
        "palette",
        "help",
    }
    assert all(path.stat().st_size > 10_000 for path in tmp_path.glob("*.png"))
