"""Counts and digests computed anew from the rows themselves, on either end."""

from collections import defaultdict

import sqlalchemy as sa

from shared.storage.base import tables_in_order
from shared.sync.digest import MODULUS, row_digest
from shared.sync.protocol.pull import ScopeDigest

_STREAMED = {"stream_results": True, "yield_per": 1000}


def recount(connection: sa.Connection) -> tuple[ScopeDigest, ...]:
    """Count and digest of every table and scope that has rows, by table and scope.

    Reads every row that travels; on a server the transaction must have a tenant.
    """
    found: list[ScopeDigest] = []
    for table in sorted(tables_in_order(), key=lambda table: table.name):
        if table.scope_of is None:
            continue
        counts: dict[str, int] = defaultdict(int)
        sums: dict[str, int] = defaultdict(int)
        for values in connection.execute(sa.select(table.table), execution_options=_STREAMED):
            row = table.from_values(values)
            scope = table.scope_of(row)
            counts[scope] += 1
            sums[scope] += row_digest(table.name, table.image(row))
        found += [
            ScopeDigest(
                table=table.name,
                scope=scope,
                row_count=counts[scope],
                digest_sum=sums[scope] % MODULUS,
            )
            for scope in sorted(counts)
        ]
    return tuple(found)
