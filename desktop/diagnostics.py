"""What is written down when this copy and the server differ: figures and names, no values."""

import logging
from dataclasses import dataclass
from datetime import datetime
from importlib import metadata
from pathlib import Path

import msgspec

from desktop.settings import make_folder
from shared.kernel.errors import Unavailable

_log = logging.getLogger(__name__)

REPORTS_KEPT = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """A row count and a digest sum."""

    row_count: int
    digest_sum: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RangeFound:
    """One range of keys that differed, on both sides."""

    range: int
    ours: Tally
    theirs: Tally


@dataclass(frozen=True, slots=True, kw_only=True)
class TableFound:
    """What was found about one table in one scope, and what was done.

    `kept` is what this device had added up over time, `counted` what its rows came to, `theirs`
    what the server's come to as far as they could be compared. `changed`, `missing` and `surplus`
    count the rows that were put right; `columns` are the names of those that differed, `key_hashes`
    tell some rows apart without naming them.
    """

    table: str
    scope: str
    kept: Tally
    counted: Tally
    theirs: Tally
    unsettled_ranges: int
    ranges: tuple[RangeFound, ...]
    changed: int
    missing: int
    surplus: int
    columns: tuple[str, ...]
    key_hashes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandNamed:
    """A command's place in the journal and its name, without what it says."""

    seq: int
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One attempt to bring both sides together; holds nothing about people and no secret."""

    made_at: datetime
    release: str
    device_id: str
    cursor: str
    attempt: int
    tables: tuple[TableFound, ...]
    last_commands: tuple[CommandNamed, ...]


def release() -> str:
    """The release that runs here."""
    return metadata.version("pycommerce")


def keep(folder: Path, report: Report) -> Path | None:
    """Write a report into a folder of which the newest stay; None when the disk is in the way."""
    try:
        make_folder(folder)
        path = _free_name(folder, report.made_at)
        path.write_bytes(msgspec.json.format(msgspec.json.encode(report), indent=1))
        for older in sorted(folder.glob("difference-*.json"))[:-REPORTS_KEPT]:
            older.unlink()
    except (OSError, Unavailable):
        _log.exception("what differed could not be written down")
        return None
    return path


def _free_name(folder: Path, at: datetime) -> Path:
    number = 1
    while (path := folder / f"difference-{at:%Y%m%dT%H%M%SZ}-{number:03}.json").exists():
        number += 1
    return path
