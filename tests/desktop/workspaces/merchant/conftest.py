"""Fixtures of the back office's tests."""

from pathlib import Path

import pytest

from tests.desktop.workspaces.merchant.back_office import OfficeMaker
from tests.desktop.workspaces.merchant.busy_shop import Busy, make_busy
from tests.support.qt_loop import UiLoop


@pytest.fixture
def office(ui: UiLoop, tmp_path: Path) -> OfficeMaker:
    """A back office on files of its own, in a shop with a store and staff but nothing to sell."""
    return OfficeMaker(ui, tmp_path)


@pytest.fixture
def busy(office: OfficeMaker) -> Busy:
    """The same shop after a fortnight of trade."""
    return make_busy(office.device)
