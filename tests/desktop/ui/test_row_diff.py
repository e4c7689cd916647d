"""The steps from one order of ids to another lead there, and are few."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from desktop.ui.row_diff import LARGEST_DIFF, Diff, Run, diff

ids = st.lists(st.integers(0, 40), unique=True, max_size=30)


def follow(steps: Diff, old: Sequence[int], new: Sequence[int]) -> list[int]:
    """Do what a view is told to do."""
    rows = list(old)
    for run in steps.removals:
        del rows[run.first : run.last + 1]
    coming = {place for run in steps.insertions for place in range(run.first, run.last + 1)}
    if steps.is_reordered:
        rows = [key for place, key in enumerate(new) if place not in coming]
    for run in steps.insertions:
        rows[run.first : run.first] = new[run.first : run.last + 1]
    return rows


@given(ids, ids)
def test_steps_lead_from_the_old_to_the_new_order(old: list[int], new: list[int]) -> None:
    steps = diff(old, new)

    assert steps is not None
    assert follow(steps, old, new) == new
    assert steps.is_empty == (old == new)


@given(ids, st.data())
def test_removing_and_adding_alone_never_reorders(old: list[int], data: st.DataObject) -> None:
    kept = [key for key in old if data.draw(st.booleans())]
    place = data.draw(st.integers(0, len(kept)))
    new = [*kept[:place], 1000, 1001, *kept[place:]]

    steps = diff(old, new)

    assert steps is not None
    assert not steps.is_reordered
    assert steps.insertions == [Run(place, place + 1)]


def test_one_new_row_among_a_million_is_one_step() -> None:
    old = list(range(1_000_000))
    new = [*old[:700_000], -1, *old[700_000:]]

    assert diff(old, new) == Diff(insertions=[Run(700_000, 700_000)])
    assert diff(new, old) == Diff(removals=[Run(700_000, 700_000)])


def test_orders_that_share_little_are_not_told_step_by_step() -> None:
    old = list(range(LARGEST_DIFF + 2))

    assert diff(old, list(reversed(old))) is None
