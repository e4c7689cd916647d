"""What an upgrade of a replica leaves to do: columns that are known now get what was put aside."""

import sqlalchemy as sa

from shared.storage.base import Key
from shared.storage.images import Values, image_table, is_declared, stored_values, upsert_values
from shared.sync.replica import key_from_text, read_state, without_pending, write_state

_AT_ONCE = 2_000


def take_in_aside(connection: sa.Connection) -> None:
    """Let rows have the columns that an older release could only put aside, in the caller's step.

    Pending effects are taken off and made again by this release. What it does not know either
    stays aside.
    """
    state = read_state(connection)
    if state is not None:
        write_state(connection, without_pending(connection, state))
    found = connection.exec_driver_sql("SELECT DISTINCT tbl FROM aside_image").all()
    for (name,) in found:
        if is_declared(name):
            _take_in(connection, name)


def _take_in(connection: sa.Connection, name: str) -> None:
    last = ""
    while part := connection.exec_driver_sql(
        "SELECT key, image FROM aside_image WHERE tbl = ? AND key > ? ORDER BY key LIMIT ?",
        (name, last, _AT_ONCE),
    ).all():
        last = part[-1].key
        _take_part_in(connection, name, [(row.key, row.image) for row in part])


def _take_part_in(connection: sa.Connection, name: str, part: list[tuple[str, bytes]]) -> None:
    images = image_table(name)
    known: dict[Key, tuple[str, Values]] = {}
    for key, image in part:
        values, is_exact = images.read(image)
        if is_exact:
            known[key_from_text(key)] = (key, values)
    # An image without its row is damage; the next recount finds it where it is.
    taken = [known[key] for key in stored_values(connection, images, known)]
    upsert_values(connection, images, [values for _key, values in taken])
    if taken:
        connection.exec_driver_sql(
            "DELETE FROM aside_image WHERE tbl = ? AND key = ?", [(name, key) for key, _ in taken]
        )
