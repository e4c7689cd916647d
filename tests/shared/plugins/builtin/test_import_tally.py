"""The reconciliation catches an importer that loses a row or a penny."""

import io
from decimal import Decimal

import pytest

from shared.kernel.errors import Bug
from shared.plugins.builtin.csv_table import CsvTable, TableRow
from shared.plugins.builtin.import_reasons import refusal, remark
from shared.plugins.builtin.import_tally import Tally
from tests.shared.plugins.reading import GBP


def read_table() -> CsvTable:
    with CsvTable(io.BytesIO(b"a,b\n1,2\n3,4\n"), GBP) as table:
        assert sum(isinstance(row, TableRow) for row in table.rows()) == 2
    return table


def test_totals_split_the_files_money_to_the_last_digit() -> None:
    tally = Tally("GBP")
    tally.read(Decimal("1.005"))
    tally.read(Decimal("2.50"))
    tally.accept(rows=1, amount=101, rounding=Decimal("-0.005"))
    tally.refuse(refusal(3, "import_price_missing", column="b"), Decimal("2.50"))
    tally.remark(remark(2, "import_line_rounded", currency="GBP"))

    totals = tally.totals(read_table())

    assert totals.source_total == Decimal("3.505")
    assert totals.imported_total == Decimal("1.01")
    assert totals.refused_total == Decimal("2.50")
    assert totals.rounding_total == Decimal("-0.005")
    assert totals.refusals == {"import_price_missing": 1}
    assert totals.remarks == {"import_line_rounded": 1}


def test_a_lost_row_is_a_bug() -> None:
    tally = Tally("GBP")
    tally.accept(rows=1, amount=0)

    with pytest.raises(Bug, match="2 rows of 0 became 1 rows of 0"):
        tally.totals(read_table())


def test_a_lost_penny_is_a_bug() -> None:
    tally = Tally("GBP")
    tally.read(Decimal("1.00"))
    tally.accept(rows=2, amount=99)

    with pytest.raises(Bug, match=r"of 1\.00 became 2 rows of 0\.99"):
        tally.totals(read_table())


def test_sums_beyond_any_float_stay_exact() -> None:
    tally = Tally("KWD")
    for _ in range(2):
        tally.read(Decimal("99999999999999.999999999999"))
        tally.refuse(
            refusal(2, "import_price_missing", column="b"), Decimal("99999999999999.999999999999")
        )

    assert tally.totals(read_table()).source_total == Decimal("199999999999999.999999999998")
