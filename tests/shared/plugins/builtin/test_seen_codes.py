"""Which codes were seen before: exact at any size, bounded in memory."""

from shared.plugins.builtin.seen_codes import SeenCodes


def test_a_code_is_new_once_and_then_stands_at_its_first_row() -> None:
    seen = SeenCodes(10)

    assert seen.first_row("mug", 2) is None
    assert seen.first_row("mug", 9) == 2
    assert seen.first_row("Mug", 10) is None


def test_many_codes_survive_the_growth_of_the_table() -> None:
    seen = SeenCodes(100_000)

    assert all(seen.first_row(f"code-{row}", row) is None for row in range(1, 50_001))
    assert all(seen.first_row(f"code-{row}", 99_999) == row for row in range(1, 50_001))


def test_a_full_table_still_knows_its_codes_and_takes_no_more() -> None:
    seen = SeenCodes(2)
    for row, code in enumerate(("a", "b"), start=2):
        seen.first_row(code, row)

    assert seen.is_full
    assert seen.first_row("c", 4) is None
    assert seen.first_row("c", 5) is None
    assert seen.first_row("b", 6) == 3


def test_codes_with_broken_characters_are_codes_too() -> None:
    seen = SeenCodes(2)

    assert seen.first_row("\ud800", 2) is None
    assert seen.first_row("\ud800", 3) == 2
