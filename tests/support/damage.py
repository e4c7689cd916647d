"""What a disk may do to a replica, and a repair told step by step, without an engine."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import msgspec
import sqlalchemy as sa

from shared.kernel.ids import new_id
from shared.storage.base import Column, Key, Kind, tables_in_order
from shared.storage.images import ImageTable, Values, all_values, image_table
from shared.sync.apply import Applied
from shared.sync.confirmed import correct_kept, kept_errors
from shared.sync.protocol.verify import RANGES, VerifyReply
from shared.sync.ranges import range_of
from shared.sync.repair import compare_rows, count_place, repair_pages, still_to_fetch
from shared.sync.replica import key_from_text, key_text
from tests.support.world import OPENING
from tests.support.world_device import DeviceInWorld

RANGES_OF_ALL = frozenset(range(RANGES))
_GNAWED: dict[Kind, object] = {Kind.INT: 77, Kind.BOOL: 1, Kind.JSON: '{"gnawed":'}


@dataclass
class Damage:
    """Changes a replica behind the program's back, and remembers which keys it hit."""

    replica: sa.Connection
    hit: set[tuple[str, Key]] = field(default_factory=set)

    def _do(self, sql: str, *params: object) -> None:
        self.replica.exec_driver_sql(sql, params)

    def change(self, table: str, *, row: int, column: int) -> None:
        """Another value in one column; half of what a disk does to a row."""
        images = image_table(table)
        values = self._row(images, row)
        others = [each for each in images.columns if each.name not in images.table.key]
        if values is None or not others:
            return
        chosen = others[column % len(others)]
        tests = " AND ".join(f"{name} = ?" for name in images.table.key)
        key = images.key_of(values)
        self.hit.add((table, key))
        change = f'UPDATE "{table}" SET {chosen.name} = ? WHERE {tests}'  # noqa: S608 - declared names
        self._do(change, _gnawed(chosen), *key)

    def remove(self, table: str, *, row: int) -> None:
        """A row is gone."""
        images = image_table(table)
        values = self._row(images, row)
        if values is not None:
            self.hit.add((table, images.key_of(values)))
            self._do(images.delete, *images.key_of(values))

    def add(self, table: str, *, row: int) -> None:
        """A row that nobody made, much like another one."""
        images = image_table(table)
        values = self._row(images, row)
        if values is not None:
            place = images.key_places[-1]
            made = (*values[:place], new_id(), *values[place + 1 :])
            self.hit.add((table, images.key_of(made)))
            self._do(images.upsert, *made)

    def put_aside(self, table: str, *, row: int, is_lonely: bool) -> None:
        """An image with a column that the server does not have; lonely without its row."""
        images = image_table(table)
        values = self._row(images, row)
        if values is None:
            return
        key = images.key_of(values)
        self.hit.add((table, key))
        found = msgspec.json.decode(images.image(values), type=dict[str, object])
        image = msgspec.json.encode(found | {"zz_later": 1}, order="sorted")
        self._do("INSERT OR REPLACE INTO aside_image VALUES (?, ?, ?)", table, key_text(key), image)
        if is_lonely:
            self._do(images.delete, *key)

    def forget_base(self, *, row: int) -> None:
        """The confirmed image below a pending effect is gone."""
        found = self.replica.exec_driver_sql("SELECT tbl, key FROM base_row ORDER BY 1, 2").all()
        if found:
            table, key = found[row % len(found)]
            self.hit.add((table, key_from_text(key)))
            self._do("DELETE FROM base_row WHERE tbl = ? AND key = ?", table, key)

    def gnaw_digest(self, table: str) -> None:
        """A kept sum is another one."""
        self._do("UPDATE digest SET digest_sum = digest_sum + 1 WHERE tbl = ?", table)
        self._do("UPDATE digest SET row_count = row_count + 3 WHERE tbl = ?", table)

    def _row(self, images: ImageTable, number: int) -> Values | None:
        rows = sorted(all_values(self.replica, images), key=images.key_of)
        return rows[number % len(rows)] if rows else None


def _gnawed(column: Column) -> object:
    return _GNAWED.get(column.kind, "gnawed")


def tables_with_rows(replica: sa.Connection) -> list[str]:
    """The tables of which a replica holds something, in their order."""
    names = [table.name for table in tables_in_order() if table.scope_of is not None]
    return [name for name in names if any(True for _ in all_values(replica, image_table(name)))]


@contextmanager
def damaging(device: DeviceInWorld) -> Iterator[Damage]:
    """Do damage in one transaction in which SQLite checks nothing."""
    replica = device.files.replica
    replica.exec_driver_sql("PRAGMA ignore_check_constraints = ON")
    replica.commit()
    with replica.begin():
        yield Damage(replica)
    replica.exec_driver_sql("PRAGMA ignore_check_constraints = OFF")
    replica.commit()


@dataclass
class Mended:
    """What a repair asked and got."""

    replies: list[VerifyReply] = field(default_factory=list)
    replaced: int = 0
    last: Applied | None = None

    @property
    def ranges(self) -> set[tuple[str, int]]:
        """The ranges whose rows were fetched, by table."""
        return {(each.table, rows.range) for each in self.replies for rows in each.rows}


def recount(device: DeviceInWorld) -> None:
    """Let kept digests say what the rows come to, as the daily count does."""
    replica = device.files.replica
    with replica.begin():
        correct_kept(replica, kept_errors(replica))


def mend(device: DeviceInWorld, *, limit: int = 5000, page_rows: int = 1000) -> Mended:
    """Pull, and repair what the digests show, until they show nothing; at most a few times."""
    mended = Mended()
    for _attempt in range(3):
        mended.last = device.pull()
        if not mended.last.mismatches:
            break
        for place in mended.last.mismatches:
            _mend_place(device, place, mended, limit=limit, page_rows=page_rows)
    return mended


def _mend_place(
    device: DeviceInWorld, place: tuple[str, str], mended: Mended, *, limit: int, page_rows: int
) -> None:
    replica = device.files.replica
    with replica.begin():
        counted = count_place(replica, place)
    ranges = RANGES_OF_ALL
    while ranges:
        reply = device.server.verify(device.device_id, counted.request(ranges, limit=limit))
        mended.replies.append(reply)
        with replica.begin():
            found = compare_rows(replica, counted, reply)
        mended.replaced += len(found.puts) + len(found.deletes)
        state = device.bench.standing()
        for page in repair_pages(found, state, at=OPENING, limit=page_rows):
            assert device.bench.apply(page) is not None
        ranges = still_to_fetch(reply) if reply.rows else frozenset()
    with replica.begin():
        correct_kept(replica, kept_errors(replica, [place[1]]))


def ranges_hit(damage: Damage) -> set[tuple[str, int]]:
    """The ranges that were damaged, by table."""
    return {(table, range_of(table, key)) for table, key in damage.hit}
