"""A CSV file as a stream of rows: delimiter, header, row numbers and what is broken in a row."""

import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple, Self, TypeAlias

from shared.kernel.errors import Rejected
from shared.plugins.builtin.csv_source import ByteSource
from shared.plugins.builtin.csv_text import DAMAGE, TextDecoder
from shared.plugins.builtin.import_reasons import refusal
from shared.plugins.points.importer import ImportSettings, Progress, Refusal

MAX_FIELD_CHARS = 1_000_000
"""Longer cells end the reading: nearly always a quotation mark that is never closed."""

_MAX_LINE_CHARS = 8 * MAX_FIELD_CHARS
_DELIMITERS = ",;\t|"
_QUOTED = re.compile(r'"[^"]*"')
_SEPARATOR_LINE = re.compile(r'"?sep=([,;\t|])"?\s*', re.IGNORECASE)
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_SAMPLE_CHARS = 4096
_STRAY_CONTROLS = 10
_END = "\ud8ffend of file\ud8ff"


class TableRow(NamedTuple):
    """One row that is not blank, with as many `cells` as the header (which is mostly row 1).

    `problem` says why its cells must not be taken over; with `is_aligned` each is at least whole
    and under its own header.
    """

    row: int
    cells: list[str]
    problem: Refusal | None = None
    is_aligned: bool = True


TableEvent: TypeAlias = TableRow | Progress


class CsvTable:
    """Opens a file and reads its header; then `rows` gives the rest. Use it in a `with` statement.

    Takes CSV with , ; tab or | between the cells, plain or gzipped, in the encodings of
    TextDecoder. Memory is bounded by the longest row. Raises Rejected with an `import_*` code when
    the file is missing, empty, no text, damaged, or has no header.
    """

    def __init__(self, source: Path | BinaryIO, settings: ImportSettings) -> None:
        # The limit is the interpreter's, not the reader's; every table sets the same.
        csv.field_size_limit(MAX_FIELD_CHARS)
        self.row = 0
        self.rows_read = 0
        self._rest = ""
        self._is_last_block = False
        self._is_cut_off = False
        self._source = ByteSource(source)
        try:
            self._decoder = TextDecoder(settings.encoding)
            lines = self._first_lines()
            sample = "".join(lines)[:_SAMPLE_CHARS]
            self._refuse_binary(sample, max(_STRAY_CONTROLS, len(sample) // 20))
            self.delimiter = _take_delimiter(lines)
            self._reader = csv.reader(self._lines(lines), delimiter=self.delimiter)
            self.header = self._read_header()
            self.header_row = self.row
        except BaseException:
            self._source.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._source.close()

    @property
    def name(self) -> str:
        """The file's name without its folder."""
        return self._source.name

    @property
    def digest(self) -> str:
        """SHA-256 of the bytes on disk; of the whole file after the last row."""
        return self._source.digest

    def rows(self) -> Iterator[TableEvent]:
        """The rows below the header, and a Progress for each block of bytes.

        Raises Rejected: import_field_too_long, import_quote_unclosed, import_gzip_*; Unavailable:
        import_read_failed.
        """
        width = len(self.header)
        told = -1
        while (cells := self._next_cells()) is not None:
            if told != self._source.bytes_read:
                told = self._source.bytes_read
                yield Progress(told, self._source.bytes_total, self.rows_read)
            if not any(map(str.strip, cells)):
                continue
            self.rows_read += 1
            if len(cells) == width and not self._decoder.needs_checking:
                yield TableRow(self.row, cells)
            else:
                yield self._checked(cells, width)
        yield Progress(self._source.bytes_read, self._source.bytes_total, self.rows_read)

    def column_name(self, index: int) -> str:
        """What a person calls a column: its header, or its number where that is blank."""
        return self.header[index] or f"#{index + 1}"

    def _checked(self, cells: list[str], width: int) -> TableRow:
        """A row that is not as wide as the header, or from a file with broken bytes."""
        counts = {"expected": width, "found": len(cells)}
        if len(cells) > width:
            if any(cells[width:]):
                problem = refusal(self.row, "import_column_count", **counts)
                return TableRow(self.row, cells[:width], problem, is_aligned=False)
            del cells[width:]
        elif len(cells) < width:
            if self._is_cut_off:
                problem = refusal(self.row, "import_row_cut_off", **counts)
                cells.extend([""] * (width - len(cells)))
                # The last cell that is there may be cut off too: 2.5 may have been 2.55.
                return TableRow(self.row, cells, problem, is_aligned=False)
            # Spreadsheets leave out empty cells at the end of a row.
            cells.extend([""] * (width - len(cells)))
        for index, cell in enumerate(cells):
            code = _text_problem(cell)
            if code is not None:
                problem = refusal(self.row, code, column=self.column_name(index))
                return TableRow(self.row, cells, problem)
        return TableRow(self.row, cells)

    def _next_cells(self) -> list[str] | None:
        """The next record, blank or not; None at the end of the file."""
        try:
            cells = next(self._reader)
        except csv.Error as error:
            row = self.row + 1
            raise Rejected("import_field_too_long", row=row, limit=MAX_FIELD_CHARS) from error
        if cells and cells[-1].endswith(_END):
            if cells == [_END]:
                return None
            raise Rejected("import_quote_unclosed", row=self.row + 1)
        self.row += 1
        return cells

    def _read_header(self) -> tuple[str, ...]:
        while (cells := self._next_cells()) is not None:
            header = tuple(cell.strip() for cell in cells)
            if not any(header):
                continue
            text = "".join(header)
            self._refuse_binary(text, 0)
            if DAMAGE.search(text):
                raise Rejected("import_header_undecodable", name=self.name)
            return header
        raise Rejected("import_file_empty", name=self.name)

    def _refuse_binary(self, text: str, most: int) -> None:
        """Refuse a file whose text has more than so many control characters."""
        if len(_CONTROLS.findall(text)) > most:
            raise Rejected("import_is_binary", name=self.name, kind="binary")

    def _first_lines(self) -> list[str]:
        lines: list[str] = []
        while not lines and not self._is_last_block:
            lines = self._next_lines()
        return lines

    def _lines(self, lines: list[str]) -> Iterator[str]:
        """All lines of the file with their ends, then one that says so."""
        while not self._is_last_block:
            yield from lines
            lines = self._next_lines()
        for place, line in enumerate(lines, start=1):
            self._is_cut_off = place == len(lines) and not line.endswith(("\n", "\r"))
            yield line
        yield _END

    def _next_lines(self) -> list[str]:
        """The lines that the next block completes; at the end also one without a line end."""
        block = self._source.read()
        self._is_last_block = not block
        lines = io.StringIO(self._rest + self._decoder.decode(block), newline="").readlines()
        self._rest = ""
        # A carriage return may be half of a line end.
        if lines and not self._is_last_block and not lines[-1].endswith("\n"):
            self._rest = lines.pop()
            if len(self._rest) > _MAX_LINE_CHARS:
                raise Rejected("import_field_too_long", row=self.row + 1, limit=MAX_FIELD_CHARS)
        return lines


def _text_problem(cell: str) -> str | None:
    """The code of what is wrong with the characters of a cell."""
    if "\x00" in cell:
        return "import_text_nul"
    return "import_text_undecodable" if DAMAGE.search(cell) else None


def _take_delimiter(lines: list[str]) -> str:
    """What stands between the cells, by the header; takes away a spreadsheet's `sep=` line."""
    first = lines[0] if lines else ""
    told = _SEPARATOR_LINE.fullmatch(first)
    if told is not None:
        del lines[0]
        return told[1]
    header = next((line for line in lines if line.strip()), "")
    bare = _QUOTED.sub("", header)
    return max(_DELIMITERS, key=bare.count)
