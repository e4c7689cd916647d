"""Makes the bootstrap file of one tenant and scope set: a replica as it is at one commit."""

import hashlib
import logging
import os
import signal
import sqlite3
import struct
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
import zstandard

from migrations.replica import indexes_of_replica, schema_fingerprint, tables_of_replica
from shared.kernel.clock import Clock
from shared.kernel.errors import Bug
from shared.kernel.ids import TenantId
from shared.kernel.messages import canonical_json
from shared.storage.base import tables_in_order
from shared.storage.dialects import sqlite_form
from shared.storage.images import ImageTable, Values, image_table
from shared.sync.digest import MODULUS, row_digest, to_signed
from shared.sync.protocol.bootstrap import PAGE_BYTES, RESERVED_BYTES, BootstrapFile
from shared.sync.protocol.pull import ScopeDigest
from shared.sync.scopes import holds
from sync_server import feed
from sync_server.bootstrap_files import (
    all_files,
    file_name,
    manifest_name,
    shelf_of,
    shelf_of_tenant,
    signed,
    signing_key,
)
from sync_server.database import Database
from sync_server.objects import ObjectStore
from sync_server.tenancy import first_secret

_log = logging.getLogger(__name__)

FILES_KEPT = 2
"""The newest, and the one that devices may still be fetching."""
SHELF_DAYS = timedelta(days=30)
"""Files of earlier releases and of tills that are gone are kept no longer than that."""
_ROWS_AT_ONCE = 5_000
_LEVEL = 3
_BLOCK = 1 << 20
_ONE_AT_A_TIME = sa.text("SELECT pg_try_advisory_xact_lock(hashtextextended(:shelf, 1))")
_HEADER_RESERVED = 20
_HEADER_CONTENT = 105
"""Where a SQLite file says how much of each page is reserved, and where page 1's content begins:
https://www.sqlite.org/fileformat2.html, sections 1.3.4 and 1.6."""


@dataclass(slots=True)
class _Count:
    """What was written, by scope and table."""

    rows: defaultdict[tuple[str, str], int] = field(default_factory=lambda: defaultdict(int))
    sums: defaultdict[tuple[str, str], int] = field(default_factory=lambda: defaultdict(int))


def build(
    database: Database,
    objects: ObjectStore,
    clock: Clock,
    *,
    tenant_id: TenantId,
    scopes: Sequence[str],
) -> BootstrapFile | None:
    """Make a file of the rows as they are now; None when another process is at it.

    Rows are read in one snapshot, as the application role under row-level security; their digests
    must be those that the server keeps. Raises Bug when they are not, and Unavailable.
    """
    shelf = shelf_of(tenant_id, scopes, schema_fingerprint())
    with tempfile.TemporaryDirectory(prefix="pycommerce-bootstrap-") as folder:
        plain, packed = Path(folder, "replica.db"), Path(folder, "replica.db.zst")
        with closing(_empty_file(plain)) as target:
            with database.tenant_snapshot(tenant_id) as connection:
                if not connection.execute(_ONE_AT_A_TIME, {"shelf": shelf}).scalar_one():
                    return None
                cursor = feed.head_of(connection)
                newest = next(iter(all_files(objects, shelf)), None)
                if newest is not None and newest.cursor == str(cursor):
                    return newest
                count = _copy_rows(connection, target, scopes)
                _require_same(count, feed.digests(connection, scopes))
            _finish(target, count)
        made = BootstrapFile(
            tenant_id=tenant_id,
            scopes=tuple(scopes),
            schema=schema_fingerprint(),
            cursor=str(cursor),
            row_count=sum(count.rows.values()),
            sha256=_pack(plain, packed),
            size_bytes=packed.stat().st_size,
            plain_bytes=plain.stat().st_size,
            made_at=clock.now(),
        )
        with database.control() as connection:
            made = signed(made, signing_key(first_secret(connection)))
        _publish(objects, made, packed)
    _forget_older(objects, tenant_id, shelf)
    _log.info("bootstrap file of %s at %s: %s rows", tenant_id, cursor, made.row_count)
    return made


def _publish(objects: ObjectStore, made: BootstrapFile, packed: Path) -> None:
    """The file first: whoever reads the manifest finds it."""
    described = packed.with_name("manifest.json")
    described.write_bytes(canonical_json(made))
    objects.put(file_name(made), packed)
    objects.put(manifest_name(made), described)


def be_modest() -> None:
    """Let those who answer requests go first, where the system knows such a thing."""
    if hasattr(os, "nice"):
        os.nice(10)
    # An order to end must not leave half a file of a tenant's rows behind.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))


# -- the SQLite file -----------------------------------------------------------------------------


def _empty_file(path: Path) -> sqlite3.Connection:
    """A new file whose pages keep their last bytes free; Python's module cannot ask for that."""
    with closing(sqlite3.connect(path, isolation_level=None)) as made:
        made.execute(f"PRAGMA page_size = {PAGE_BYTES}")
        made.execute("PRAGMA user_version = 1")
        made.execute("PRAGMA user_version = 0")
    head = bytearray(path.read_bytes())
    head[_HEADER_RESERVED] = RESERVED_BYTES
    struct.pack_into(">H", head, _HEADER_CONTENT, PAGE_BYTES - RESERVED_BYTES)
    path.write_bytes(head)
    target = sqlite3.connect(path, isolation_level=None)
    for setting in (
        "journal_mode = OFF",
        "synchronous = OFF",
        "locking_mode = EXCLUSIVE",
        "cache_size = -65536",
        "temp_store = MEMORY",
    ):
        target.execute(f"PRAGMA {setting}").fetchall()
    target.execute("BEGIN")
    for statement in tables_of_replica():
        target.execute(statement)
    return target


def _copy_rows(
    connection: sa.Connection, target: sqlite3.Connection, scopes: Sequence[str]
) -> _Count:
    count = _Count()
    for table in tables_in_order():
        if table.scope_of is None:
            continue
        images = image_table(table.name)
        names = ", ".join(column.name for column in images.columns)
        marks = ", ".join("?" for _ in images.columns)
        target.executemany(
            f'INSERT INTO "{table.name}" ({names}) VALUES ({marks})',  # noqa: S608 - declared names
            _rows(connection, images, scopes, count=count),
        )
    return count


def _rows(
    connection: sa.Connection, images: ImageTable, scopes: Sequence[str], *, count: _Count
) -> Iterator[Values]:
    """The rows of a table in those scopes, as SQLite keeps them, in the order of their key."""
    name = images.table.name
    columns = ", ".join(sqlite_form(column) for column in images.columns)
    order = ", ".join(f't."{part}"' for part in images.table.key)
    driver: Any = connection.connection.driver_connection
    with driver.cursor(name="bootstrap") as cursor:
        cursor.itersize = _ROWS_AT_ONCE
        cursor.execute(f'SELECT {columns} FROM "{name}" AS t ORDER BY {order}')  # noqa: S608 - declared
        is_held: dict[str | None, bool] = {None: False}
        for values in cursor:
            scope = images.scope_of(values)
            if scope not in is_held:
                is_held[scope] = scope is not None and holds(scopes, scope)
            if is_held[scope]:
                place = (str(scope), name)
                count.rows[place] += 1
                count.sums[place] += row_digest(name, images.image(values))
                yield values


def _require_same(count: _Count, kept: Sequence[ScopeDigest]) -> None:
    """Raise Bug unless the rows read are those that the server's digests tell of."""
    ours = {place: (rows, count.sums[place] % MODULUS) for place, rows in count.rows.items()}
    theirs = {
        (each.scope, each.table): (each.row_count, each.digest_sum)
        for each in kept
        if each.row_count
    }
    if ours != theirs:
        places = ours.keys() | theirs.keys()
        wrong = sorted(place for place in places if ours.get(place) != theirs.get(place))
        message = f"rows differ from the digests kept: {wrong}"
        raise Bug(message)


def _finish(target: sqlite3.Connection, count: _Count) -> None:
    """Indexes, search and digests behind the rows, then SQLite's own check."""
    target.executemany(
        "INSERT INTO digest (scope, tbl, row_count, digest_sum) VALUES (?, ?, ?, ?)",
        [
            (scope, table, rows, to_signed(count.sums[scope, table] % MODULUS))
            for (scope, table), rows in sorted(count.rows.items())
        ],
    )
    for statement in indexes_of_replica():
        target.execute(statement)
    target.execute("INSERT INTO variant_search(variant_search) VALUES ('rebuild')")
    target.execute("COMMIT")
    found = target.execute("PRAGMA quick_check(1)").fetchone()[0]
    if found != "ok":
        message = f"the bootstrap file is damaged: {found}"
        raise Bug(message)


def _pack(plain: Path, packed: Path) -> str:
    """Compress the file; gives the SHA-256 of what came out, in hex."""
    digest = hashlib.sha256()
    compressor = zstandard.ZstdCompressor(level=_LEVEL)
    with plain.open("rb") as source, packed.open("wb") as target:
        for part in compressor.read_to_iter(source, size=plain.stat().st_size, read_size=_BLOCK):
            digest.update(part)
            target.write(part)
    return digest.hexdigest()


def _forget_older(objects: ObjectStore, tenant_id: TenantId, shelf: str) -> None:
    """Keep the newest files of this shelf, and of the others what was made lately."""
    kept = all_files(objects, shelf)
    gone = kept[FILES_KEPT:]
    lately = kept[0].made_at - SHELF_DAYS if kept else None
    for older in all_files(objects, shelf_of_tenant(tenant_id)):
        if lately is not None and older.made_at < lately:
            gone.append(older)
    for older in gone:
        objects.remove(manifest_name(older))
        objects.remove(file_name(older))
