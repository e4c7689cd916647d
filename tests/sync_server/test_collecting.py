"""How often the server looks for cycles."""

import gc
from collections.abc import Iterator

import pytest

from sync_server.collecting import collect_seldom


@pytest.fixture(autouse=True)
def _own_settings() -> Iterator[None]:
    before = gc.get_threshold()
    yield
    gc.set_threshold(*before)


def test_the_collector_stays_on_but_comes_seldom() -> None:
    before = gc.get_threshold()

    collect_seldom()

    assert gc.isenabled()
    assert gc.get_threshold()[0] > 10 * before[0]
