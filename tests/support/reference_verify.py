"""How the reference server compares a table with a device's, range by range."""

from collections.abc import Collection, Iterable
from typing import Any

import msgspec
import sqlalchemy as sa

from shared.storage.base import Key, TableOf, table_named
from shared.storage.reader import Reader
from shared.sync.digest import row_digest
from shared.sync.protocol.verify import RangeRows, RangeSum, VerifyReply, VerifyRequest
from shared.sync.protocol.version import PROTOCOL_VERSION
from shared.sync.ranges import RangeSums, range_of

_Ranges = dict[int, list[bytes]]


def compared(
    connection: sa.Connection,
    request: VerifyRequest,
    *,
    changed: Collection[Key],
    is_held: bool,
    head: str,
) -> VerifyReply:
    """What differs; ranges in which something changed since the device's cursor are unsettled."""
    table = table_named(request.table)
    rows = _ranges_of(connection, table, request.scope) if is_held else {}
    unsettled = {range_of(table.name, key) for key in changed}
    answered = [
        RangeRows(range=place, puts=_settled(table, rows.get(place, []), changed))
        for place in sorted(unsettled)
    ]
    differing: list[RangeSum] = []
    for theirs in request.ranges:
        ours = _range_sum(table.name, theirs.range, rows.get(theirs.range, []))
        if theirs.range in unsettled or ours == theirs:
            continue
        differing.append(ours)
        if sum(len(each.puts) for each in answered) < request.limit:
            images = tuple(msgspec.Raw(image) for image in rows.get(theirs.range, []))
            answered.append(RangeRows(range=theirs.range, puts=images))
    return VerifyReply(
        protocol=PROTOCOL_VERSION,
        cursor=head,
        table=table.name,
        scope=request.scope,
        unsettled=tuple(sorted(unsettled)),
        changed=tuple(sorted(changed)),
        differing=tuple(differing),
        rows=tuple(answered),
    )


def _settled(
    table: TableOf[Any], images: Iterable[bytes], changed: Collection[Key]
) -> tuple[msgspec.Raw, ...]:
    return tuple(
        msgspec.Raw(image)
        for image in images
        if table.key_of(table.from_image(image)) not in changed
    )


def _ranges_of(connection: sa.Connection, table: TableOf[Any], scope: str) -> _Ranges:
    """The images of a table in a scope by range."""
    found: _Ranges = {}
    for row in Reader(connection).find(table.row_type):
        if table.scope_of is not None and table.scope_of(row) == scope:
            place = range_of(table.name, table.key_of(row))
            found.setdefault(place, []).append(table.image(row))
    return found


def _range_sum(table: str, place: int, images: Iterable[bytes]) -> RangeSum:
    sums = RangeSums()
    for image in images:
        sums.add(place, row_digest(table, image))
    return sums.sums([place])[0]
