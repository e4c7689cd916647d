"""Which state of synchronisation may follow which."""

import pytest

from shared.kernel.errors import Rejected
from shared.sync.state import SYNC_STATES, SyncState


@pytest.mark.parametrize("trouble", ["offline", "refused", "forked", "revoked"])
def test_work_goes_on_after_trouble_only_with_a_new_connection(trouble: str) -> None:
    assert SYNC_STATES.allows(SyncState(trouble), SyncState.CONNECTING)
    with pytest.raises(Rejected):
        SYNC_STATES.check(SyncState(trouble), SyncState.PUSHING)


@pytest.mark.parametrize("state", list(SyncState))
def test_it_can_be_stopped_in_every_state_but_the_last(state: SyncState) -> None:
    assert SYNC_STATES.allows(state, SyncState.STOPPED) is (state is not SyncState.STOPPED)
