"""Fixtures of the till's tests."""

from pathlib import Path

import pytest

from tests.desktop.workspaces.kiosk.at_counter import CounterMaker
from tests.support.qt_loop import UiLoop


@pytest.fixture
def counter(ui: UiLoop, tmp_path: Path) -> CounterMaker:
    """A till on files of its own."""
    return CounterMaker(ui, tmp_path)
