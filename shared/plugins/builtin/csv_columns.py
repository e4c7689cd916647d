"""Which column of a file holds what, whatever generation of headers it has."""

from collections.abc import Mapping, Sequence

from shared.kernel.errors import Rejected
from shared.plugins.builtin.csv_table import CsvTable
from shared.plugins.builtin.import_values import shown

_SHOWN_COLUMNS = 12

Aliases = Mapping[str, tuple[str, ...]]
"""Our name of a field -> the headers it goes by, the best known first."""


def header_key(header: str) -> str:
    """A header without case, spaces and punctuation: "Compare-at price" is "compareatprice"."""
    return "".join(char for char in header.casefold() if char.isalnum())


def places_of(header: Sequence[str], aliases: Aliases) -> dict[str, list[int]]:
    """Field -> the columns that could hold it, for the fields that a header has."""
    wanted = {header_key(known): name for name, headers in aliases.items() for known in headers}
    found: dict[str, list[int]] = {}
    for place, column in enumerate(header):
        name = wanted.get(header_key(column))
        if name is not None:
            found.setdefault(name, []).append(place)
    return found


def require_fields(table: CsvTable, aliases: Aliases, required: Sequence[str]) -> dict[str, int]:
    """Field -> its column in a table, all of `required` among them.

    Raises Rejected: import_columns_missing (what is missing, what was found) and
    import_column_repeated where two columns could be the same field.
    """
    places = places_of(table.header, aliases)
    missing = [" / ".join(aliases[name]) for name in required if name not in places]
    if missing:
        raise Rejected(
            "import_columns_missing",
            name=table.name,
            missing=", ".join(missing),
            found=_shown_columns(table.header),
        )
    for found in places.values():
        if len(found) > 1:
            first, second = (table.header[place] for place in found[:2])
            raise Rejected("import_column_repeated", column=first, other=second)
    return {name: found[0] for name, found in places.items()}


def _shown_columns(header: Sequence[str]) -> str:
    names = [shown(column) for column in header if column]
    more = len(names) - _SHOWN_COLUMNS
    return ", ".join(names[:_SHOWN_COLUMNS]) + (f" (+{more})" if more > 0 else "")
