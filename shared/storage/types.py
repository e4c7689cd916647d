"""Column types that behave alike on SQLite and PostgreSQL, and their form in row images."""

import typing
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any, cast

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine.interfaces import Dialect
from sqlalchemy.types import TypeDecorator, TypeEngine

from shared.kernel.errors import Bug
from shared.kernel.messages import canonical_json


def time_to_text(value: datetime) -> str:
    """An aware time as UTC text with microseconds, of fixed width: text order is time order.

    Raises Bug for a naive time.
    """
    if value.tzinfo is None:
        message = "a time without zone"
        raise Bug(message)
    return value.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def time_from_text(text: str) -> datetime:
    """The aware time that `time_to_text` wrote."""
    return datetime.fromisoformat(text)


class IdType(TypeDecorator[str]):
    """A UUID: native on PostgreSQL, canonical text on SQLite, text in Python."""

    impl = sa.Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """The engine's own type."""
        if dialect.name == "postgresql":
            from sqlalchemy.dialects import postgresql  # devices start without it

            return dialect.type_descriptor(postgresql.UUID(as_uuid=False))
        return dialect.type_descriptor(sa.Text())


class TimeType(TypeDecorator[datetime]):
    """An aware UTC time: timestamptz on PostgreSQL, fixed-width text on SQLite."""

    impl = sa.Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """The engine's own type."""
        if dialect.name == "postgresql":
            return dialect.type_descriptor(sa.DateTime(timezone=True))
        return dialect.type_descriptor(sa.Text())

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        """Python to database."""
        if value is None or dialect.name == "postgresql":
            return value
        return time_to_text(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """Database to Python, always in UTC."""
        if value is None:
            return None
        if dialect.name == "postgresql":
            return cast("datetime", value).astimezone(UTC)
        return time_from_text(cast("str", value))


class DateType(TypeDecorator[date]):
    """A calendar day: date on PostgreSQL, ISO text on SQLite."""

    impl = sa.Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """The engine's own type."""
        if dialect.name == "postgresql":
            return dialect.type_descriptor(sa.Date())
        return dialect.type_descriptor(sa.Text())

    def process_bind_param(self, value: date | None, dialect: Dialect) -> Any:
        """Python to database."""
        if value is None or dialect.name == "postgresql":
            return value
        return value.isoformat()

    def process_result_value(self, value: Any, dialect: Dialect) -> date | None:
        """Database to Python."""
        if value is None or dialect.name == "postgresql":
            return cast("date | None", value)
        return date.fromisoformat(cast("str", value))


class JsonType(TypeDecorator[Any]):
    """A small immutable structure, kept as canonical JSON text on both engines."""

    impl = sa.Text
    cache_ok = True

    def __init__(self, annotation: object) -> None:
        super().__init__()
        self.annotation = annotation

    def to_text(self, value: Any) -> str | None:
        """The text that is kept."""
        return None if value is None else canonical_json(value).decode()

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        """Python to database."""
        return self.to_text(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        """Database to Python, as the declared type."""
        if value is None:
            return None
        return msgspec.json.decode(cast("str", value), type=cast("Any", self.annotation))


class EnumType(TypeDecorator[Any]):
    """A member of a StrEnum, kept as its text."""

    impl = sa.Text
    cache_ok = True

    def __init__(self, enum: Any) -> None:
        super().__init__()
        self.enum = enum

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        """Python to database."""
        return None if value is None else str(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        """Database to Python."""
        return None if value is None else self.enum(value)


class BoolType(TypeDecorator[bool]):
    """Yes or no: boolean on PostgreSQL, 0 or 1 on SQLite."""

    impl = sa.Boolean
    cache_ok = True
    # `is_(True)` must say IS true; PostgreSQL takes no parameter there.
    coerce_to_is_types = (type(None), bool)

    def process_result_value(self, value: Any, dialect: Dialect) -> bool | None:
        """Database to Python."""
        return None if value is None else bool(value)


def sql_type(kind: str, annotation: object) -> TypeEngine[Any]:
    """The column type for a kind of column; `annotation` is the declared Python type."""
    made: TypeEngine[Any]
    match kind:
        case "id":
            made = IdType()
        case "int":
            made = sa.BigInteger()
        case "bool":
            made = BoolType()
        case "time":
            made = TimeType()
        case "date":
            made = DateType()
        case "bytes":
            made = sa.LargeBinary()
        case "json":
            made = JsonType(annotation)
        case _:
            enum = enum_of(annotation)
            made = sa.Text() if enum is None else EnumType(enum)
    return made


def enum_of(annotation: object) -> type[StrEnum] | None:
    """The StrEnum inside a (possibly optional) annotation, if there is one."""
    for part in (annotation, *typing.get_args(annotation)):
        if isinstance(part, type) and issubclass(part, StrEnum):
            return part
    return None


RESHAPED = frozenset({"time", "date", "bytes"})
"""The kinds of column that `to_image` writes in another form than JSON would."""


def to_image(kind: str, value: Any) -> Any:
    """A column's value in the form in which it travels: plain JSON."""
    if value is None:
        return None
    if kind == "time":
        return time_to_text(value)
    if kind == "date":
        return value.isoformat()
    if kind == "bytes":
        return value.hex()
    return value


def from_image(kind: str, annotation: object, value: Any) -> Any:
    """The value that `to_image` wrote."""
    if value is None:
        return None
    match kind:
        case "time":
            return time_from_text(value)
        case "date":
            return date.fromisoformat(value)
        case "bytes":
            return bytes.fromhex(value)
        case "json":
            return msgspec.convert(value, type=cast("Any", annotation))
        case _:
            enum = enum_of(annotation)
            return value if enum is None else enum(value)
