"""Identifiers: made here, or derived from a command so that every machine makes the same."""

from uuid import UUID, uuid5

from hypothesis import given
from hypothesis import strategies as st

from shared.kernel.ids import derived_id, is_id, new_id


def test_new_ids_increase() -> None:
    made = [new_id() for _ in range(1000)]

    assert made == sorted(set(made))
    assert all(is_id(each) and UUID(each).version == 7 for each in made)


@given(st.uuids(), st.integers(min_value=0, max_value=1_000_000))
def test_a_derived_id_is_the_uuid_of_its_commands_name_space(command_id: UUID, index: int) -> None:
    assert derived_id(str(command_id), index) == str(uuid5(command_id, str(index)))
