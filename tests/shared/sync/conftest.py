"""Worlds for tests of synchronisation."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.world import World


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """A shop with its server; devices are added by the test."""
    made = World(tmp_path)
    yield made
    made.close()
