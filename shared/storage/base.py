"""Row types: one frozen dataclass declares a table for both engines, its image and its scope."""

import dataclasses
import types
import typing
from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from functools import cache
from operator import attrgetter
from typing import Any, ClassVar, Generic, TypeVar, cast

import msgspec
import sqlalchemy as sa
from sqlalchemy.sql.expression import ColumnCollection

from shared.kernel.errors import Bug
from shared.kernel.ids import ID_TYPES
from shared.storage import types as column_types


class Row:
    """Base of all rows: frozen, slotted dataclasses named *Row."""

    __slots__ = ()
    __dataclass_fields__: ClassVar[dict[str, dataclasses.Field[Any]]]


R = TypeVar("R", bound=Row)
Key = tuple[str, ...]


class Kind(StrEnum):
    """The kinds of column that behave alike on both engines."""

    ID = "id"
    TEXT = "text"
    INT = "int"
    BOOL = "bool"
    TIME = "time"
    DATE = "date"
    JSON = "json"
    BYTES = "bytes"


@dataclass(frozen=True, slots=True)
class Column:
    """One column as declared by a field of the row."""

    name: str
    kind: Kind
    is_nullable: bool
    annotation: object


@dataclass(frozen=True, slots=True)
class Reference:
    """A foreign key to another row type; on the server it includes the tenant."""

    columns: tuple[str, ...]
    table: str


@dataclass(frozen=True, slots=True)
class Index:
    """An index; unique ones are enforced by the server, the authority."""

    columns: tuple[str, ...]
    is_unique: bool = False
    where: str | None = None


ScopeOf = Callable[[Any], str]


@dataclass(frozen=True, slots=True)
class TableOf(Generic[R]):
    """All that storage knows about one row type."""

    row_type: type[R]
    name: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    references: tuple[Reference, ...]
    indexes: tuple[Index, ...]
    checks: Mapping[str, str]
    scope_of: ScopeOf | None
    table: sa.Table
    is_append_only: bool
    later: frozenset[str]
    _defaults: Mapping[str, Any] = field(init=False)
    """What a later column is left out for, as it travels."""
    _names: tuple[str, ...] = field(init=False)
    _reshaped: tuple[tuple[str, Kind], ...] = field(init=False)
    """The columns whose values JSON would not write in the form in which they travel."""
    _key_parts: Callable[[R], Any] = field(init=False)
    """A tuple, or the only part."""
    _values: Callable[[R], tuple[Any, ...]] = field(init=False)

    def __post_init__(self) -> None:
        """Work out once what every row asks for."""
        kinds = tuple((column.name, column.kind) for column in self.columns)
        reshaped = tuple((name, kind) for name, kind in kinds if kind in column_types.RESHAPED)
        names = tuple(name for name, _ in kinds)
        object.__setattr__(self, "_names", names)
        object.__setattr__(self, "_values", attrgetter(*names))
        object.__setattr__(self, "_key_parts", attrgetter(*self.key))
        object.__setattr__(self, "_reshaped", reshaped)
        object.__setattr__(self, "_defaults", _defaults_of(self.row_type, self.columns, self.later))

    @property
    def c(self) -> ColumnCollection[str, sa.Column[Any]]:
        """The columns, for use in queries."""
        return cast("ColumnCollection[str, sa.Column[Any]]", self.table.c)

    def key_of(self, row: R) -> Key:
        """The key of a row."""
        parts = self._key_parts(row)
        return parts if len(self.key) > 1 else (parts,)

    def from_values(self, values: Sequence[Any]) -> R:
        """A row from database values in column order."""
        return self.row_type(**dict(zip(self._names, values, strict=True)))

    def to_values(self, row: R) -> dict[str, Any]:
        """Database values of a row by column name."""
        return dict(zip(self._names, self._values(row), strict=True))

    def image(self, row: R) -> bytes:
        """The row as canonical JSON: what travels, and what digests are made of.

        A column that came later is left out while it holds its default. So a new release changes
        no image, and a row that makes no use of the column looks alike to releases without it.
        """
        if not self._reshaped and not self.later:
            return msgspec.json.encode(row, order="sorted")
        values = self.to_values(row)
        for name, kind in self._reshaped:
            values[name] = column_types.to_image(kind, values[name])
        for name, default in self._defaults.items():
            if values[name] == default:
                del values[name]
        return msgspec.json.encode(values, order="sorted")

    def from_image(self, image: bytes) -> R:
        """A row from its image; unknown columns are left aside, missing ones take their default."""
        found = cast("dict[str, Any]", msgspec.json.decode(image))
        values = {
            c.name: column_types.from_image(c.kind, c.annotation, found[c.name])
            for c in self.columns
            if c.name in found
        }
        return self.row_type(**values)


_TABLES: dict[str, TableOf[Any]] = {}
_BY_TYPE: dict[type[Row], TableOf[Any]] = {}
METADATA = sa.MetaData()


_SIMPLE: Mapping[object, Kind] = {
    str: Kind.TEXT,
    int: Kind.INT,
    bool: Kind.BOOL,
    datetime: Kind.TIME,
    date: Kind.DATE,
    bytes: Kind.BYTES,
}


def _kind_of(annotation: object) -> tuple[Kind, bool]:
    if typing.get_origin(annotation) in {types.UnionType, typing.Union}:
        parts = [part for part in typing.get_args(annotation) if part is not types.NoneType]
        if len(parts) != 1:
            message = f"a column cannot be {annotation}"
            raise Bug(message)
        return _kind_of(parts[0])[0], True
    if annotation in ID_TYPES:
        return Kind.ID, False
    simple = {
        str: Kind.TEXT,
        int: Kind.INT,
        bool: Kind.BOOL,
        datetime: Kind.TIME,
        bytes: Kind.BYTES,
    }
    if annotation in simple:
        return simple[annotation], False
    if annotation is date:
        return Kind.DATE, False
    if isinstance(annotation, type) and issubclass(annotation, StrEnum):
        return Kind.TEXT, False
    return Kind.JSON, False


def _defaults_of(
    row_type: type[Row], columns: Sequence[Column], later: AbstractSet[str]
) -> Mapping[str, Any]:
    """The defaults of later columns as they travel. Raises Bug for one that has none."""
    kinds = {column.name: column.kind for column in columns}
    described = {each.name: each for each in dataclasses.fields(cast("Any", row_type))}
    found: dict[str, Any] = {}
    for name in sorted(later):
        declared = described[name]
        default = declared.default
        if declared.default_factory is not dataclasses.MISSING:
            default = declared.default_factory()
        if default is dataclasses.MISSING:
            message = f"{row_type.__name__}.{name} came later and has no default"
            raise Bug(message)
        found[name] = column_types.to_image(kinds[name], default)
    return found


def _columns_of(row_type: type[Row]) -> tuple[Column, ...]:
    hints = typing.get_type_hints(row_type)
    fields = dataclasses.fields(cast("Any", row_type))
    columns = []
    for each in fields:
        kind, is_nullable = _kind_of(hints[each.name])
        columns.append(Column(each.name, kind, is_nullable, hints[each.name]))
    return tuple(columns)


def _sql_column(column: Column, key: tuple[str, ...]) -> sa.Column[Any]:
    return sa.Column(
        column.name,
        column_types.sql_type(column.kind, column.annotation),
        primary_key=column.name in key,
        nullable=column.is_nullable,
    )


def define(  # noqa: PLR0913 - the declaration of a table is one place on purpose
    row_type: type[R],
    name: str,
    *,
    key: tuple[str, ...],
    scope: ScopeOf | None,
    references: tuple[Reference, ...] = (),
    indexes: tuple[Index, ...] = (),
    checks: Mapping[str, str] | None = None,
    is_append_only: bool = False,
    later: frozenset[str] = frozenset(),
) -> TableOf[R]:
    """Declare the table of a row type.

    `scope` gives the scope of a row (which devices hold it); None keeps the table from travelling.
    `checks` are SQL conditions by name that both engines enforce. `later` are the columns that a
    release after the table's first has added; each needs a default in the row type.
    """
    columns = _columns_of(row_type)
    table = sa.Table(name, METADATA, *(_sql_column(column, key) for column in columns))
    made = TableOf(
        row_type,
        name,
        key,
        columns,
        references,
        indexes,
        dict(checks or {}),
        scope,
        table,
        is_append_only,
        later,
    )
    _TABLES[name] = made
    _BY_TYPE[row_type] = made
    return made


def table_of(row_type: type[R]) -> TableOf[R]:
    """The table declared for a row type. Raises Bug when there is none."""
    try:
        return _BY_TYPE[row_type]
    except KeyError as error:
        message = f"{row_type.__name__} has no table"
        raise Bug(message) from error


def table_named(name: str) -> TableOf[Any]:
    """The table of that name. Raises Bug when there is none."""
    try:
        return _TABLES[name]
    except KeyError as error:
        message = f"there is no table {name}"
        raise Bug(message) from error


def tables_in_order() -> tuple[TableOf[Any], ...]:
    """All declared tables, each after those that it refers to."""
    return _in_order(len(_TABLES))


@cache
def _in_order(_count: int) -> tuple[TableOf[Any], ...]:
    """Computed anew whenever there are more tables."""
    done: dict[str, TableOf[Any]] = {}

    def visit(table: TableOf[Any]) -> None:
        if table.name in done:
            return
        for reference in table.references:
            if reference.table != table.name:
                visit(_TABLES[reference.table])
        done[table.name] = table

    for name in sorted(_TABLES):
        visit(_TABLES[name])
    return tuple(done.values())
