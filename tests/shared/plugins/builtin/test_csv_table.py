"""Rows out of CSV files as they come: delimiters, line ends, numbering, and what is broken."""

import gzip
import io
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.kernel.errors import Rejected
from shared.plugins.builtin.csv_table import MAX_FIELD_CHARS, CsvTable, TableRow
from shared.plugins.points.importer import ImportSettings, Progress
from tests.shared.plugins.reading import GBP, lines


def opened(content: bytes | str, settings: ImportSettings = GBP) -> CsvTable:
    return CsvTable(io.BytesIO(content.encode() if isinstance(content, str) else content), settings)


def rows_of(content: bytes | str) -> list[TableRow]:
    with opened(content) as table:
        return [row for row in table.rows() if isinstance(row, TableRow)]


def cells_of(content: bytes | str) -> list[list[str]]:
    return [row.cells for row in rows_of(content)]


def problems_of(content: bytes | str) -> dict[int, str]:
    return {row.row: row.problem.code for row in rows_of(content) if row.problem is not None}


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_told_from_the_header(delimiter: str) -> None:
    content = f'"Name, full; or not"{delimiter}Price\nMug{delimiter}5\n'

    with opened(content) as table:
        assert table.delimiter == delimiter
        assert table.header == ("Name, full; or not", "Price")


def test_a_spreadsheets_separator_line_wins_and_is_no_row() -> None:
    with opened("sep=;\r\nName;Price, each\r\nMug;5\r\n") as table:
        assert table.header == ("Name", "Price, each")
        assert [row for row in table.rows() if isinstance(row, TableRow)] == [
            TableRow(2, ["Mug", "5"])
        ]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("last", ["", "end"])
def test_all_line_ends_are_understood(end: str, last: str) -> None:
    content = end.join(["a,b", "1,2", '"3\n4",5']) + (end if last else "")

    assert cells_of(content) == [["1", "2"], ["3\n4", "5"]]


def test_a_row_over_several_lines_is_one_spreadsheet_row() -> None:
    found = rows_of('a,b\n"one\ntwo\nthree",2\n\nlast,3\n')

    assert [(row.row, row.cells) for row in found] == [
        (2, ["one\ntwo\nthree", "2"]),
        (4, ["last", "3"]),
    ]


def test_blank_rows_keep_their_number_and_are_not_read() -> None:
    with opened("\n,,\na,b,c\n,,\n1,2,3\n  , ,\n\n4,5,6") as table:
        found = [row.row for row in table.rows() if isinstance(row, TableRow)]

    assert table.header_row == 3
    assert found == [5, 8]
    assert table.rows_read == 2


def test_short_rows_are_filled_up_and_blank_cells_too_many_dropped() -> None:
    assert rows_of("a,b,c\n1\n1,2,3,,\n") == [
        TableRow(2, ["1", "", ""]),
        TableRow(3, ["1", "2", "3"]),
    ]


def test_too_many_cells_are_a_problem_and_the_rest_goes_on() -> None:
    found = rows_of("a,b\n1,2,3\n4,5\n")

    assert found[0].problem is not None
    assert found[0].problem.code == "import_column_count"
    assert found[0].problem.reason == "The row has 3 cells, the header has 2."
    assert not found[0].is_aligned
    assert found[1] == TableRow(3, ["4", "5"])


def test_a_file_that_ends_within_a_row_says_so() -> None:
    assert problems_of("a,b,c\n1,2,3\n4,5") == {3: "import_row_cut_off"}
    assert problems_of("a,b,c\n1,2,3\n4,5\n") == {}
    assert problems_of("a,b,c\n1,2,3\n4,5,6") == {}


def test_bytes_that_are_no_text_are_a_problem_of_their_row_only() -> None:
    content = "a,b\né,1\né,1\n".encode() + b"caf\xe9,2\n" + b"plain,3\n"

    assert problems_of(content) == {4: "import_text_undecodable"}


def test_a_zero_byte_is_a_problem_of_its_row_only() -> None:
    found = rows_of(b"a,b\nx\x00y,1\nz,2\n")

    assert problems_of(b"a,b\nx\x00y,1\nz,2\n") == {2: "import_text_nul"}
    assert found[0].problem is not None
    assert found[0].problem.params == {"column": "a"}
    assert found[0].is_aligned
    assert found[1] == TableRow(3, ["z", "2"])


def test_a_column_without_a_header_goes_by_its_number() -> None:
    with opened("a,,c\n1,2,3\n") as table:
        assert table.column_name(1) == "#2"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"\n\n \n", "import_file_empty"),
        (b"\xef\xbb\xbf", "import_file_empty"),
        (b"a\x01b,c\x02\n1,2\n", "import_is_binary"),
        (Random(7).randbytes(20_000), "import_is_binary"),
        (b"\x81\x8d,b\n1,2\n", "import_header_undecodable"),
    ],
)
def test_a_file_without_a_readable_header_is_refused(content: bytes, code: str) -> None:
    with pytest.raises(Rejected) as caught:
        opened(content)

    assert caught.value.code == code


def fatal(content: bytes | str) -> Rejected:
    with pytest.raises(Rejected) as caught:
        rows_of(content)
    return caught.value


def test_a_quotation_mark_that_is_never_closed_ends_the_reading_at_its_row() -> None:
    error = fatal('a,b\n1,2\n"3,4\n5,6\n')

    assert (error.code, error.params["row"]) == ("import_quote_unclosed", 3)


def test_a_cell_beyond_all_measure_ends_the_reading_at_its_row() -> None:
    swallowed = fatal('a,b\n1,2\n"open,' + "x,y\n" * (MAX_FIELD_CHARS // 3))
    one_line = fatal("a,b\n1,2\n" + "x" * (10 * MAX_FIELD_CHARS))

    assert (swallowed.code, swallowed.params["row"]) == ("import_field_too_long", 3)
    assert (one_line.code, one_line.params["row"]) == ("import_field_too_long", 3)


def test_a_truncated_gzip_file_gives_its_rows_and_then_fails() -> None:
    content = lines([["a", "b"], *([n, n * n] for n in range(200_000))])
    packed = gzip.compress(content.encode())[:-100]
    rows = 0

    def read_on() -> None:
        nonlocal rows
        with opened(packed) as table:
            for found in table.rows():
                rows += isinstance(found, TableRow)

    with pytest.raises(Rejected) as caught:
        read_on()

    assert caught.value.code == "import_gzip_truncated"
    assert rows > 100_000


def test_progress_grows_to_the_size_of_the_file() -> None:
    content = lines([["a", "b"], *([n, n * n] for n in range(100_000))])
    with opened(content) as table:
        told = [event for event in table.rows() if isinstance(event, Progress)]

    read = [progress.bytes_read for progress in told]
    assert len(told) > 5
    assert read == sorted(read)
    assert told[-1] == Progress(len(content), len(content), 100_000)


CELLS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=12) | st.sampled_from(
    ['"', '""', "a\nb", "a\r\nb", ",", ";", "'", " x ", "\u2028", "é", "\ufeff"]
)


@given(
    rows=st.lists(
        st.lists(CELLS, min_size=3, max_size=3).filter(lambda row: any(map(str.strip, row))),
        max_size=8,
    ),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
    is_packed=st.booleans(),
)
def test_what_a_csv_writer_wrote_comes_back(
    rows: list[list[str]], encoding: str, *, is_packed: bool
) -> None:
    content = lines([["one", "two", "three"], *rows]).encode(encoding)

    assert cells_of(gzip.compress(content) if is_packed else content) == rows
