"""The confirmed rows of a replica, read one after the other below the effects of pending commands.

Everything here only reads: a connection that writes nothing will do, and one transaction sees rows,
base images and kept digests of one moment.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping

import sqlalchemy as sa

from shared.storage.base import Key, tables_in_order
from shared.storage.images import ImageTable, Values, all_values, image_table
from shared.sync.apply import held_digests
from shared.sync.digest import MODULUS, row_digest, to_signed
from shared.sync.replica import key_from_text

ScopeTable = tuple[str, str]
Sum = tuple[int, int]
Breath = Callable[[], None]
"""Called every few rows: lets others have their turn, and raises when the look is to end."""

_ROWS_PER_BREATH = 200
_DAMAGED = b"{}"
"""The image of what is no row; no row of a server has it."""


def no_rest() -> None:
    """Read on without a rest."""


def confirmed_rows(
    connection: sa.Connection, name: str, breathe: Breath = no_rest
) -> Iterator[tuple[Key, str, bytes]]:
    """Key, scope and image of every confirmed row of a table.

    An image put aside stands for its row while it says the same as the row. One that does not, or
    that has no row, is damage and comes as what can never agree with the server. While commands
    are pending on the row, the image put aside is all that is known of it.
    """
    images = image_table(name)
    bases = _by_key(connection, "base_row", name)
    aside = _by_key(connection, "aside_image", name)
    for number, values in enumerate(all_values(connection, images)):
        if number % _ROWS_PER_BREATH == 0:
            breathe()
        key = images.key_of(values)
        scope = images.scope_of(values)
        if scope is None:
            return
        if key not in bases:
            yield key, scope, _image(images, values, aside.pop(key, None))
    for key, base in bases.items():
        if base is not None:
            image = aside.pop(key, None) or base
            yield key, _scope_in(images, image), image
    for key, lonely in aside.items():
        if lonely is not None:
            yield key, _scope_in(images, lonely), _DAMAGED


def _image(images: ImageTable, values: Values, aside: bytes | None) -> bytes:
    if aside is not None and images.read(aside)[0] == values:
        return aside
    return images.image(values)


def _scope_in(images: ImageTable, image: bytes) -> str:
    return images.scope_of(images.read(image)[0]) or ""


def _by_key(connection: sa.Connection, kept: str, name: str) -> dict[Key, bytes | None]:
    found = connection.exec_driver_sql(f"SELECT key, image FROM {kept} WHERE tbl = ?", (name,))  # noqa: S608 - two names of ours
    return {key_from_text(key): image for key, image in found}


def recounted(
    connection: sa.Connection, names: Iterable[str] | None = None, breathe: Breath = no_rest
) -> dict[ScopeTable, Sum]:
    """Counts and digest sums by (scope, table) made anew from the rows, without empty ones.

    Of all tables for None. Reads every row, some 150,000 a second.
    """
    counts: dict[ScopeTable, int] = defaultdict(int)
    sums: dict[ScopeTable, int] = defaultdict(int)
    for name in _all_tables() if names is None else names:
        for _key, scope, image in confirmed_rows(connection, name, breathe):
            counts[scope, name] += 1
            sums[scope, name] += row_digest(name, image)
    return {place: (count, sums[place] % MODULUS) for place, count in counts.items()}


def _all_tables() -> list[str]:
    return [table.name for table in tables_in_order()]


def kept_errors(
    connection: sa.Connection, names: Iterable[str] | None = None, breathe: Breath = no_rest
) -> dict[ScopeTable, Sum]:
    """By how much kept counts and sums fall short of the rows; all tables for None.

    Changes of rows move both alike, so that an error found in one moment can be put right in a
    later one.
    """
    wanted = _all_tables() if names is None else list(names)
    kept = {
        (scope, name): total
        for (scope, name), total in held_digests(connection).items()
        if name in wanted
    }
    found = recounted(connection, wanted, breathe)
    return {
        place: _short_by(kept.get(place, (0, 0)), found.get(place, (0, 0)))
        for place in sorted(kept.keys() | found.keys())
        if kept.get(place) != found.get(place)
    }


def _short_by(kept: Sum, found: Sum) -> Sum:
    return found[0] - kept[0], (found[1] - kept[1]) % MODULUS


def correct_kept(connection: sa.Connection, errors: Mapping[ScopeTable, Sum]) -> None:
    """Put kept counts and sums right by errors that `kept_errors` found; writes."""
    held = held_digests(connection)
    rows = []
    for place, (count, total) in errors.items():
        kept_count, kept_total = held.get(place, (0, 0))
        rows.append(
            (*place, kept_count + count, to_signed((kept_total + total) % MODULUS)),
        )
    if rows:
        connection.exec_driver_sql("INSERT OR REPLACE INTO digest VALUES (?, ?, ?, ?)", rows)
