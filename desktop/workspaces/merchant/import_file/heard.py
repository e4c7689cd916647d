"""What an import says about single rows: kept in a file, so that memory stays flat."""

import csv
import tempfile
import threading
import weakref
from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import IO

import msgspec

from shared.kernel.errors import Unavailable
from shared.plugins.points.importer import Refusal, Remark

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


class HeardKind(StrEnum):
    """Whether a row stayed out, or was taken over all the same."""

    REFUSED = "refused"
    REMARK = "remark"


@dataclass(frozen=True, slots=True)
class Heard:
    """One refused or odd row of the file; `row` as a spreadsheet counts."""

    row: int
    code: str
    reason: str
    params: dict[str, str | int]


class HeardRows:
    """Refused and odd rows in the order of the file; written by a worker, read by screens."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._file: IO[bytes] | None = None
        self._end = 0
        self._offsets = {kind: array("q") for kind in HeardKind}

    def add(self, heard: Refusal | Remark) -> None:
        """Keep one row."""
        kind = HeardKind.REFUSED if isinstance(heard, Refusal) else HeardKind.REMARK
        line = msgspec.json.encode(Heard(heard.row, heard.code, heard.reason, dict(heard.params)))
        with self._lock:
            file = self._opened()
            file.seek(self._end)
            file.write(line + b"\n")
            self._offsets[kind].append(self._end)
            self._end += len(line) + 1

    def count(self, kind: HeardKind) -> int:
        """How many rows of a kind there are."""
        return len(self._offsets[kind])

    def at(self, kind: HeardKind, places: Sequence[int]) -> list[Heard]:
        """The rows at these places, counted from 0."""
        found = []
        with self._lock:
            file = self._opened()
            for place in places:
                file.seek(self._offsets[kind][place])
                found.append(msgspec.json.decode(file.readline(), type=Heard))
        return found

    def _opened(self) -> IO[bytes]:
        if self._file is None:
            self._file = tempfile.TemporaryFile(prefix="pycommerce-")  # noqa: SIM115 - closed by the finalizer
            # Whoever forgets this object closes the file with it.
            weakref.finalize(self, self._file.close)
        return self._file

    def export(self, path: Path, texts: "Texts") -> None:
        """Write the refused rows as CSV for a spreadsheet. Raises Unavailable("file_unwritable").

        Cells that a spreadsheet would take for a formula get an apostrophe before them.
        """
        try:
            with path.open("w", encoding="utf-8-sig", newline="") as target:
                writer = csv.writer(target)
                writer.writerow(texts.header)
                for place in range(self.count(HeardKind.REFUSED)):
                    (heard,) = self.at(HeardKind.REFUSED, [place])
                    writer.writerow([heard.row, heard.code, shielded(texts.reason(heard))])
        except OSError as error:
            raise Unavailable("file_unwritable", name=path.name) from error


class Texts:
    """The words of an export, in the person's language."""

    def __init__(self, header: Sequence[str]) -> None:
        self.header = list(header)

    def reason(self, heard: Heard) -> str:
        """Why a row stayed out."""
        return heard.reason


def shielded(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if cell.startswith(_FORMULA_STARTS) else cell
