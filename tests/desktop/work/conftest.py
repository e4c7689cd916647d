"""A device with its threads, on a world that a reference server has filled."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.world import World
from tests.support.world_device import DeviceInWorld


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path)
    yield made
    made.close()


@pytest.fixture
def till(world: World) -> DeviceInWorld:
    """A till with an open shift."""
    made = world.till()
    world.open_shift(made)
    return made
