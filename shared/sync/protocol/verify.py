"""Proof and repair: sums by ranges of keys go up, the rows of ranges that differ come down."""

from dataclasses import dataclass
from typing import Annotated

import msgspec

RANGES = 256
"""Into so many ranges the keys of a table fall; see `shared.sync.ranges`."""
DEFAULT_ROWS = 5000
MOST_ROWS = 20_000
"""Rows in one answer; a range with more of them travels whole."""

MOST_UNSETTLED = 16
"""With more unsettled ranges none of them is answered; the device had better pull first."""

_Range = Annotated[int, msgspec.Meta(ge=0, lt=RANGES)]


@dataclass(frozen=True, slots=True, kw_only=True)
class RangeSum:
    """Count and sum of row digests (modulo 2**64) of the rows whose keys fall into one range."""

    range: _Range
    row_count: int
    digest_sum: int


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyRequest:
    """What a device holds of one table in one scope at its cursor, pending effects left out.

    Only the ranges named are compared; one without rows is named with zeros. `limit` is about how
    many rows the answer may have.
    """

    protocol: int
    cursor: str
    table: str
    scope: str
    ranges: Annotated[tuple[RangeSum, ...], msgspec.Meta(min_length=1, max_length=RANGES)]
    limit: Annotated[int, msgspec.Meta(ge=1, le=MOST_ROWS)] = DEFAULT_ROWS


@dataclass(frozen=True, slots=True, kw_only=True)
class RangeRows:
    """All rows that the server has in one range: canonical images exactly as digested."""

    range: int
    puts: tuple[msgspec.Raw, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyReply:
    """How the named ranges compare with the server's rows, recounted from the rows themselves.

    Rows that were committed after the device's cursor cannot be compared: `changed` are their keys,
    and their ranges are `unsettled`. All others are the same at the cursor as at the server's head.
    `differing` are the server's sums of the settled ranges that differ.

    `rows` holds the unsettled ranges, unless they are too many, without the rows that changed; then
    the first of those that differ, as many as fit. The device replaces them, leaves the `changed`
    alone, which the next page brings, and asks again for the rest.
    """

    protocol: int
    cursor: str
    table: str
    scope: str
    unsettled: tuple[int, ...]
    changed: tuple[tuple[str, ...], ...]
    differing: tuple[RangeSum, ...]
    rows: tuple[RangeRows, ...]
