"""Days of two shops on a real PostgreSQL and a real server process, both killed as they work."""

import os

import pytest

from tests.faults.nemesis.story import tell

pytestmark = [
    pytest.mark.fault,
    pytest.mark.storage,
    pytest.mark.timeout(300),
    pytest.mark.skipif(os.name == "nt", reason="kills and pauses by signals"),
]


@pytest.mark.parametrize("seed", [4, 9])
def test_two_shops_agree_with_their_server_whatever_was_killed_meanwhile(seed: int) -> None:
    told = tell(seed)
    assert told.commands == told.errands
    assert told.faults.total() >= 3
