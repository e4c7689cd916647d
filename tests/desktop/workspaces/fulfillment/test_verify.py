"""What a code means for the parcel at hand."""

from dataclasses import replace
from decimal import Decimal

import pytest

from desktop.workspaces.fulfillment.verify import (
    Finding,
    Step,
    Word,
    command_of,
    is_command,
    split_quantity,
    verify,
)
from shared.fulfillment.queries import LineCode, PickRow
from shared.kernel.ids import OrderLineId, VariantId

MUG = "4006381333931"


def line(
    name: str = "mug", *, qty: int = 3, picked: int = 0, packed: int = 0, cases: int = 0
) -> PickRow:
    codes = [LineCode(MUG, 1)] + ([LineCode("CASE", cases)] if cases else [])
    return PickRow(
        OrderLineId(name),
        VariantId("v"),
        "Mug",
        "MUG-1",
        tuple(codes),
        qty=qty,
        picked_qty=picked,
        short_qty=0,
        short_reason=None,
        packed_qty=packed,
    )


def finding(
    code: str, *lines: PickRow, times: int | str | None = None, step: Step = Step.PICK
) -> Finding:
    said = None if times is None else Decimal(times)
    return verify(lines, code, times=said, step=step, prefers=None).finding


def cheese(*, qty: int = 1250, picked: int = 0) -> PickRow:
    return replace(line("cheese", qty=qty, picked=picked), qty_exponent=3, unit_code="kg")


def test_a_barcode_counts_with_and_without_leading_zeros_and_an_sku_in_any_case() -> None:
    assert finding(MUG, line()) is Finding.ACCEPTED
    assert finding(f"0{MUG}", line()) is Finding.ACCEPTED
    assert finding("mug-1", line()) is Finding.ACCEPTED
    assert finding("0000", line()) is Finding.WRONG
    assert finding("", line()) is Finding.WRONG


def test_nothing_beyond_what_is_left_is_ever_accepted() -> None:
    assert finding(MUG, line(qty=3, picked=3)) is Finding.COMPLETE
    assert finding(MUG, line(qty=3, picked=1), times=3) is Finding.TOO_MANY
    assert finding(MUG, line(qty=3, picked=2, packed=2), step=Step.PACK) is Finding.COMPLETE


def test_a_case_counts_its_units_times_the_quantity() -> None:
    verdict = verify(
        [line(qty=24, cases=6)], "CASE", times=Decimal(3), step=Step.PICK, prefers=None
    )
    assert (verdict.finding, verdict.qty, verdict.case_qty) == (Finding.ACCEPTED, 18, 6)


def test_of_two_lines_with_one_code_the_one_that_takes_all_is_counted() -> None:
    small, large = line("small", qty=1), line("large", qty=5)
    verdict = verify(
        [small, large], MUG, times=Decimal(4), step=Step.PICK, prefers=OrderLineId("small")
    )
    assert verdict.line == large
    verdict = verify(
        [small, large], MUG, times=Decimal(1), step=Step.PICK, prefers=OrderLineId("large")
    )
    assert verdict.line == large


def test_a_scan_of_weighed_goods_counts_all_of_it_or_the_weight_that_was_typed() -> None:
    verdict = verify([cheese(picked=250)], MUG, times=None, step=Step.PICK, prefers=None)
    assert (verdict.finding, verdict.qty) == (Finding.ACCEPTED, 1000)
    verdict = verify([cheese()], MUG, times=Decimal("0.75"), step=Step.PICK, prefers=None)
    assert (verdict.finding, verdict.qty) == (Finding.ACCEPTED, 750)
    assert finding(MUG, cheese(), times=2) is Finding.TOO_MANY


def test_no_part_of_a_piece_and_nothing_finer_than_the_scale_is_counted() -> None:
    assert finding(MUG, line(), times="1.5") is Finding.UNEVEN
    assert finding(MUG, cheese(), times="0.0001") is Finding.UNEVEN


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("5*ABC", (Decimal(5), "ABC")),
        (" 12 * ABC ", (Decimal(12), "ABC")),
        ("0.75*ABC", (Decimal("0.75"), "ABC")),
        ("1,5*ABC", (Decimal("1.5"), "ABC")),
        ("ABC", (None, "ABC")),
        ("0*ABC", (None, "0*ABC")),
        ("5*", (Decimal(5), "")),
    ],
)
def test_a_quantity_stands_before_a_star(text: str, meaning: tuple[Decimal | None, str]) -> None:
    assert split_quantity(text) == meaning


def test_command_codes_are_told_from_goods() -> None:
    assert [command_of(word.code) for word in Word] == list(Word)
    assert command_of("pc:next") is Word.NEXT
    assert is_command("PC:NONSENSE")
    assert command_of("PC:NONSENSE") is None
    assert not is_command(MUG)
