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


@given(st.one_of(st.uuids().map(str), st.text("0123456789abcdefABCDEF-", max_size=40), st.text()))
def test_only_uuids_in_their_canonical_form_are_ids(text: str) -> None:
    assert is_id(text) == _is_canonical(text)
    assert not is_id(f"{text}\n")


def _is_canonical(text: str) -> bool:
    try:
        return str(UUID(text)) == text
    except ValueError:
        return False
