"""How a sync server in memory cuts its log into pages."""

from collections.abc import Iterable

import msgspec

from shared.storage.base import Key, tables_in_order
from shared.sync.protocol.pull import TableChanges
from tests.support.reference_memory import LogRow


def end_of_page(rows: list[LogRow], limit: int, head: int) -> int:
    if len(rows) <= limit:
        return head
    cut = rows[limit].seq
    before = [row.seq for row in rows if row.seq < cut]
    return before[-1] if before else cut


def tables_of(rows: Iterable[LogRow]) -> tuple[TableChanges, ...]:
    latest: dict[str, dict[Key, bytes | None]] = {}
    for row in rows:
        latest.setdefault(row.table, {})[row.key] = row.image
    return tuple(
        TableChanges(
            table=table.name,
            puts=tuple(
                msgspec.Raw(image) for image in latest[table.name].values() if image is not None
            ),
            deletes=tuple(key for key, image in latest[table.name].items() if image is None),
        )
        for table in tables_in_order()
        if table.name in latest
    )
