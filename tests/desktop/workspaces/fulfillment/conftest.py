"""Fixtures of the station's tests."""

from pathlib import Path

import pytest

from tests.desktop.workspaces.fulfillment.table import Station
from tests.support.qt_loop import UiLoop


@pytest.fixture
def station(ui: UiLoop, tmp_path: Path) -> Station:
    """A packing table on files of its own."""
    return Station(ui, tmp_path)
