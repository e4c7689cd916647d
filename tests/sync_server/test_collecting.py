"""How often the server looks for cycles."""

import gc
from collections.abc import Iterator

import pytest

from sync_server.collecting import collect_seldom

PYTHON_S_OWN = (700, 10, 10)


@pytest.fixture(autouse=True)
def _own_settings() -> Iterator[None]:
    """Begin as a fresh process does, whatever a test before has served here."""
    before = gc.get_threshold()
    gc.set_threshold(*PYTHON_S_OWN)
    yield
    gc.set_threshold(*before)


def test_the_collector_stays_on_but_comes_seldom() -> None:
    collect_seldom()

    assert gc.isenabled()
    assert gc.get_threshold()[0] > 10 * PYTHON_S_OWN[0]
