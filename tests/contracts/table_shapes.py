"""What releases still at work know of tables, and what of that a later release must leave alone.

The server serves the two newest generations of devices. A device of the older one is given rows as
the newer release has them, so all that it knows must still be there, of the same kind.
"""

import hashlib
from pathlib import Path
from typing import Any

import msgspec

from shared.kernel.messages import canonical_json
from shared.runtime.metadata import TABLE_MODULES
from shared.storage.base import Column, Kind, TableOf, tables_in_order
from shared.storage.types import enum_of
from tests.contracts.test_wire_pin import without_words

assert TABLE_MODULES
FILE = "tables.json"
SERVED = 2
"""So many generations, the present one among them."""


class ColumnShape(msgspec.Struct, omit_defaults=True):
    """One column; `values` are those of an enumeration, `form` names the structure of JSON."""

    kind: str
    is_nullable: bool = False
    values: list[str] = []
    form: str = ""


class TableShape(msgspec.Struct, omit_defaults=True):
    """One table as devices have it."""

    key: list[str]
    columns: dict[str, ColumnShape]
    checks: dict[str, str] = {}
    later: list[str] = []


Shapes = dict[str, TableShape]


def shapes_now() -> Shapes:
    """The tables of this program."""
    return {table.name: _shape(table) for table in tables_in_order()}


def kept_shapes(folder: Path) -> Shapes:
    """The tables of a generation."""
    return msgspec.json.decode((folder / FILE).read_bytes(), type=Shapes)


def keep_shapes(folder: Path) -> None:
    """Write the tables of this program down."""
    content = msgspec.json.encode(shapes_now(), order="sorted")
    (folder / FILE).write_bytes(msgspec.json.format(content, indent=1) + b"\n")


def _shape(table: TableOf[Any]) -> TableShape:
    return TableShape(
        key=list(table.key),
        columns={column.name: _column(column) for column in table.columns},
        checks=dict(table.checks),
        later=sorted(table.later),
    )


def _column(column: Column) -> ColumnShape:
    enum = enum_of(column.annotation) if column.kind is Kind.TEXT else None
    return ColumnShape(
        kind=column.kind.value,
        is_nullable=column.is_nullable,
        values=[] if enum is None else sorted(enum),
        form=_form(column.annotation) if column.kind is Kind.JSON else "",
    )


def _form(annotation: object) -> str:
    """A hash over the schema of a JSON column."""
    schema, components = msgspec.json.schema_components((annotation,))
    plain = {name: without_words(part) for name, part in components.items()}
    return hashlib.sha256(canonical_json([schema, plain])).hexdigest()[:32]


def breaches(served: Shapes, now: Shapes) -> list[str]:
    """Where a release takes away what a generation that is still served knows, and the cure."""
    found: list[str] = []
    for name, before in served.items():
        if name not in now:
            found.append(f"{name}: the table is gone; leave it until nobody knows it")
            continue
        found += _breaches_of(name, before, now[name])
    return found


def _breaches_of(name: str, before: TableShape, now: TableShape) -> list[str]:
    found: list[str] = []
    if before.key != now.key:
        found.append(f"{name}: its key changed; make another table")
    for column, known in before.columns.items():
        place, present = f"{name}.{column}", now.columns.get(column)
        if present is None:
            found.append(f"{place} is gone; leave it until nobody knows it")
            continue
        found += _breaches_in(place, known, present)
    for check, text in before.checks.items():
        if now.checks.get(check) != text:
            found.append(f"{name}: check {check} changed; rows must go on to satisfy it")
    for column in now.columns.keys() - before.columns.keys() - set(now.later):
        found.append(f"{name}.{column} is new: name it in `later`, with a default")
    for column in set(before.later) - set(now.later):
        found.append(f"{name}.{column} must stay in `later`, or its images change")
    return found


def _breaches_in(place: str, known: ColumnShape, present: ColumnShape) -> list[str]:
    found: list[str] = []
    if (known.kind, known.form) != (present.kind, present.form):
        found.append(f"{place} is of another kind; add a column instead")
    if known.is_nullable and not present.is_nullable:
        found.append(f"{place} became required; older commands may leave it empty")
    if present.is_nullable and not known.is_nullable:
        found.append(f"{place} may be empty now; an older device has nowhere to put that")
    new = set(present.values) - set(known.values)
    if new:
        found.append(f"{place} may be {', '.join(sorted(new))} now; an older device cannot read it")
    return found
