"""The whole shop story with real windows, a real server and a real PostgreSQL."""

import pytest

from tests.scenarios import case_story
from tests.scenarios.story import Log, tell

STEPS = ("1", "2", "3", "4", "5", "6", "7")


@pytest.mark.scenario
@pytest.mark.timeout(600)
def test_the_shop_sells_picks_and_agrees_without_a_network() -> None:
    """Fails with the line of the story at which two places disagree."""
    log = Log(say=_quietly)

    tell(log)

    assert {step for step, _, _ in log.rows} == set(STEPS)


@pytest.mark.scenario
@pytest.mark.timeout(600)
def test_a_sale_beyond_stock_is_settled_at_the_till_that_made_it() -> None:
    """Fails with the line of the story at which two places disagree."""
    log = Log(say=_quietly)

    case_story.tell(log)

    assert {step for step, _, _ in log.rows} == {"1", "2", "3", "5", "6"}


def _quietly(_line: str) -> None:
    """The test's report is its own."""
