"""Row images straight into and out of SQLite, without making rows: for pages of thousands."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import MISSING, fields
from functools import cache
from typing import Any, cast

import msgspec
import sqlalchemy as sa

from shared.kernel.errors import Bug
from shared.kernel.messages import canonical_json
from shared.storage import types as column_types
from shared.storage.base import Column, Key, Kind, TableOf, table_named, tables_in_order

Values = tuple[Any, ...]
"""One row as SQLite keeps it, columns in the order of their names."""

_DECODED: dict[Kind, object] = {
    Kind.INT: int,
    Kind.BOOL: bool,
    Kind.JSON: msgspec.Raw,
}


class ImageTable:
    """How the images of one table become SQLite values and back."""

    def __init__(self, table: TableOf[Any]) -> None:
        self.table = table
        self.columns = tuple(sorted(table.columns, key=lambda column: column.name))
        self._places = {column.name: place for place, column in enumerate(self.columns)}
        self.key_places = tuple(self._places[name] for name in table.key)
        self._defaults = _defaults_of(table)
        self._struct = self._make_struct()
        self._decoder: msgspec.json.Decoder[Any] = msgspec.json.Decoder(self._struct)
        self._encoder = msgspec.json.Encoder()
        self._to_sqlite = self._converters(_to_sqlite)
        self._to_image = self._converters(_to_image)
        self._later = tuple((name, bytes(self._defaults[name])) for name in sorted(table.later))
        self._fixed_scope = self._scope_without_columns()
        self.upsert = self._upsert_sql()
        self.delete = self._delete_sql()
        self.select = self._select_sql()

    def _make_struct(self) -> type[msgspec.Struct]:
        described: list[tuple[str, Any] | tuple[str, Any, Any]] = []
        for column in self.columns:
            plain = cast("Any", _DECODED.get(column.kind, str))
            needs_none = column.is_nullable and column.kind is not Kind.JSON
            kind = plain | None if needs_none else plain
            if column.name in self.table.later:
                default = msgspec.json.decode(self._defaults[column.name], type=kind)
                described.append((column.name, kind, default))
            else:
                described.append((column.name, kind))
        return msgspec.defstruct(
            f"{self.table.name}_image",
            described,
            forbid_unknown_fields=True,
            frozen=True,
            kw_only=bool(self.table.later),
        )

    def _converters(
        self, pick: Callable[[Column], Callable[[Any], Any] | None]
    ) -> tuple[tuple[int, Callable[[Any], Any]], ...]:
        found = ((place, pick(column)) for place, column in enumerate(self.columns))
        return tuple((place, convert) for place, convert in found if convert is not None)

    def read(self, image: bytes | msgspec.Raw) -> tuple[Values, bool]:
        """SQLite values of an image, and whether `image` makes the same bytes of them.

        Columns that are missing take their default, unknown ones are left out. Raises Bug when a
        column without default is missing or a value has another type.
        """
        try:
            values = self._converted(msgspec.structs.astuple(self._decoder.decode(image)))
            return values, not self._later or self.image(values) == bytes(image)
        except msgspec.ValidationError:
            found = msgspec.json.decode(image, type=_RAW_OBJECT)
        known = {column.name for column in self.columns}
        whole = {name: raw for name, raw in found.items() if name in known}
        for name in known - whole.keys():
            if name not in self._defaults:
                message = f"an image of {self.table.name} lacks {name}"
                raise Bug(message)
            whole[name] = self._defaults[name]
        try:
            decoded = self._decoder.decode(canonical_json(whole))
        except msgspec.ValidationError as error:
            message = f"an image of {self.table.name} does not fit: {error}"
            raise Bug(message) from error
        return self._converted(msgspec.structs.astuple(decoded)), False

    def _converted(self, values: Values) -> Values:
        if not self._to_sqlite:
            return values
        changed = list(values)
        for place, convert in self._to_sqlite:
            changed[place] = convert(changed[place])
        return tuple(changed)

    def image(self, values: Sequence[Any]) -> bytes:
        """The canonical image of a row; the same bytes as `TableOf.image` gives."""
        changed = list(values)
        for place, convert in self._to_image:
            changed[place] = convert(changed[place])
        if self._later:
            return self._without_defaults(changed)
        return self._encoder.encode(self._struct(*changed))

    def _without_defaults(self, plain: Sequence[Any]) -> bytes:
        """An image without those later columns that hold their default."""
        fields_of = {column.name: value for column, value in zip(self.columns, plain, strict=True)}
        for name, default in self._later:
            if canonical_json(fields_of[name]) == default:
                del fields_of[name]
        return canonical_json(fields_of)

    def key_of(self, values: Sequence[Any]) -> Key:
        """The key of a row."""
        return tuple(values[place] for place in self.key_places)

    # -- scope -------------------------------------------------------------------------------

    def _scope_without_columns(self) -> str | None:
        if self.table.scope_of is None:
            return None
        try:
            return self.table.scope_of(_Untouchable())
        except _TouchedError:
            return None

    def scope_of(self, values: Sequence[Any]) -> str | None:
        """The scope of a row, or None where the table does not travel."""
        if self._fixed_scope is not None or self.table.scope_of is None:
            return self._fixed_scope
        return self.table.scope_of(_AsRow(self, values))

    def value_in_row(self, values: Sequence[Any], name: str) -> Any:  # noqa: ANN401 - any type
        """One column as the row has it in Python."""
        place = self._places[name]
        column = self.columns[place]
        kept = values[place]
        if kept is None:
            return None
        if column.kind is Kind.JSON:
            return msgspec.json.decode(kept, type=cast("Any", column.annotation))
        if column.kind in {Kind.BOOL, Kind.BYTES}:
            return bool(kept) if column.kind is Kind.BOOL else kept
        return column_types.from_image(column.kind, column.annotation, kept)

    # -- statements --------------------------------------------------------------------------

    def _delete_sql(self) -> str:
        tests = " AND ".join(f"{name} = ?" for name in self.table.key)
        return f'DELETE FROM "{self.table.name}" WHERE {tests}'  # noqa: S608 - declared names

    def _upsert_sql(self) -> str:
        names = [column.name for column in self.columns]
        others = [name for name in names if name not in self.table.key]
        marks = ", ".join("?" for _ in names)
        changes = ", ".join(f"{name} = excluded.{name}" for name in others)
        conflict = f"DO UPDATE SET {changes}" if others else "DO NOTHING"
        return (
            f'INSERT INTO "{self.table.name}" ({", ".join(names)}) VALUES ({marks})'  # noqa: S608 - declared names
            f" ON CONFLICT ({', '.join(self.table.key)}) {conflict}"
        )

    def _select_sql(self) -> str:
        names = ", ".join(f"t.{column.name}" for column in self.columns)
        tests = (
            f"t.{name} = wanted.value ->> {place}" for place, name in enumerate(self.table.key)
        )
        return (
            f'SELECT {names} FROM json_each(?) AS wanted CROSS JOIN "{self.table.name}" AS t'  # noqa: S608 - declared
            f" WHERE {' AND '.join(tests)}"
        )


_RAW_OBJECT = dict[str, msgspec.Raw]


class _TouchedError(Exception):
    """A scope depends on the row."""


class _Untouchable:
    """Stands in for a row to find out whether the scope depends on it."""

    def __getattr__(self, name: str) -> object:
        raise _TouchedError


class _AsRow:
    """Gives single columns of SQLite values as the row would."""

    __slots__ = ("_table", "_values")

    def __init__(self, table: ImageTable, values: Sequence[Any]) -> None:
        self._table = table
        self._values = values

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - any column
        return self._table.value_in_row(self._values, name)


def _to_sqlite(column: Column) -> Callable[[Any], Any] | None:
    if column.kind is Kind.JSON:
        return _json_text_or_none if column.is_nullable else _json_text
    if column.kind is Kind.BYTES:
        return _bytes_or_none
    return None


def _to_image(column: Column) -> Callable[[Any], Any] | None:
    if column.kind is Kind.JSON:
        return _raw_or_null
    if column.kind is Kind.BYTES:
        return _hex_or_none
    if column.kind is Kind.BOOL:
        return _bool_or_none
    return None


def _json_text(raw: msgspec.Raw) -> str:
    return bytes(raw).decode()


def _json_text_or_none(raw: msgspec.Raw) -> str | None:
    text = bytes(raw).decode()
    return None if text == "null" else text


def _raw_or_null(text: str | None) -> msgspec.Raw:
    return msgspec.Raw("null" if text is None else text)


def _bytes_or_none(text: str | None) -> bytes | None:
    return None if text is None else bytes.fromhex(text)


def _hex_or_none(kept: bytes | None) -> str | None:
    return None if kept is None else kept.hex()


def _bool_or_none(kept: int | None) -> bool | None:
    return None if kept is None else bool(kept)


def _defaults_of(table: TableOf[Any]) -> dict[str, msgspec.Raw]:
    kinds = {column.name: column.kind for column in table.columns}
    found: dict[str, msgspec.Raw] = {}
    for described in fields(table.row_type):
        value = described.default
        if value is MISSING and described.default_factory is not MISSING:
            value = described.default_factory()
        if value is not MISSING:
            plain = column_types.to_image(kinds[described.name], value)
            found[described.name] = msgspec.Raw(canonical_json(plain))
    return found


@cache
def image_table(name: str) -> ImageTable:
    """The images of a declared table. Raises Bug when there is none of that name."""
    return ImageTable(table_named(name))


@cache
def _declared() -> frozenset[str]:
    return frozenset(table.name for table in tables_in_order())


def is_declared(name: str) -> bool:
    """Whether this release has a table of that name."""
    return name in _declared()


def stored_values(
    connection: sa.Connection, images: ImageTable, keys: Iterable[Key]
) -> dict[Key, Values]:
    """The rows that exist under those keys, as SQLite keeps them."""
    wanted = canonical_json(list(keys)).decode()
    found = _driver(connection).execute(images.select, (wanted,))
    return {images.key_of(values): values for values in found}


def all_values(connection: sa.Connection, images: ImageTable) -> Iterable[Values]:
    """All rows of a table as SQLite keeps them, one after the other."""
    names = ", ".join(column.name for column in images.columns)
    found: Iterable[Values] = _driver(connection).execute(
        f'SELECT {names} FROM "{images.table.name}"'  # noqa: S608 - declared names
    )
    return found


def upsert_values(connection: sa.Connection, images: ImageTable, rows: Sequence[Values]) -> None:
    """Write rows, in place of those with the same keys."""
    if rows:
        _driver(connection).executemany(images.upsert, rows)


def delete_keys(connection: sa.Connection, images: ImageTable, keys: Sequence[Key]) -> None:
    """Remove rows; those that do not exist are left out."""
    if keys:
        _driver(connection).executemany(images.delete, keys)


def _driver(connection: sa.Connection) -> Any:  # noqa: ANN401 - the driver has no types
    """The driver's own connection: SQLAlchemy's rows cost more than SQLite's work here."""
    return connection.connection.driver_connection
