"""Every row that can be has one image: the server's bytes and the device's are the same."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import cache
from typing import Any, get_args, get_origin

import msgspec
import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.catalog.tables import MediaRow
from shared.kernel.errors import Bug
from shared.kernel.ids import CustomerId, MediaId, ProductId
from shared.pricing.engine.cart import LineDiscount, OrderDiscount
from shared.runtime.metadata import TABLE_MODULES
from shared.storage.base import Column, Kind, Row, TableOf, tables_in_order
from shared.storage.images import ImageTable, all_values, image_table, upsert_values
from shared.storage.types import enum_of
from shared.sync.confirmed import confirmed_rows
from tests.support.databases import sqlite_replica

assert TABLE_MODULES
TABLES = {table.name: table for table in tables_in_order()}
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)
INTS = st.integers(min_value=-(2**53), max_value=2**53)
IDS = st.uuids().map(str)
PLAIN = {
    Kind.ID: IDS,
    Kind.INT: INTS,
    Kind.BOOL: st.booleans(),
    Kind.TIME: st.datetimes(timezones=st.just(UTC)),
    Kind.DATE: st.dates(min_value=date(1, 1, 1)),
    Kind.BYTES: st.binary(max_size=20),
}
KINDS_OF_DISCOUNT = st.sampled_from(["fixed", "percent"])
SMALL = st.integers(min_value=0, max_value=10_000)


def values_of(column: Column) -> st.SearchStrategy[Any]:
    """Values that a column may have."""
    found = PLAIN.get(column.kind)
    if found is None:
        enum = enum_of(column.annotation)
        if enum is not None:
            found = st.sampled_from(list(enum))
        elif column.kind is Kind.TEXT:
            found = TEXTS
        else:
            return json_of(column.annotation)
    return st.none() | found if column.is_nullable else found


@cache
def json_of(annotation: Any) -> st.SearchStrategy[Any]:  # noqa: ANN401 - any type of a column
    """Values of a column that holds JSON."""
    st.register_type_strategy(str, TEXTS)
    st.register_type_strategy(int, INTS)
    for discount in (LineDiscount, OrderDiscount):
        made = st.builds(discount, kind=KINDS_OF_DISCOUNT, value=SMALL)
        st.register_type_strategy(discount, made)
    if get_origin(annotation) is Mapping:
        return st.dictionaries(TEXTS, json_of(get_args(annotation)[1]), max_size=4)
    return st.from_type(annotation)


@cache
def rows_of(name: str) -> st.SearchStrategy[Row]:
    """Rows of a table, sensible or not."""
    table = TABLES[name]
    return st.builds(table.row_type, **{each.name: values_of(each) for each in table.columns})


@pytest.fixture(scope="module")
def replica() -> Iterator[sa.Connection]:
    engine = sqlite_replica()
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA foreign_keys = OFF")
        connection.exec_driver_sql("PRAGMA ignore_check_constraints = ON")
        connection.rollback()
        yield connection
    engine.dispose()


@pytest.mark.parametrize("name", TABLES)
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(chosen=st.data())
def test_an_image_comes_out_of_sqlite_as_it_went_in(
    replica: sa.Connection, *, name: str, chosen: st.DataObject
) -> None:
    table, images = TABLES[name], image_table(name)
    row = chosen.draw(rows_of(name))
    image = table.image(row)
    values, is_exact = images.read(image)
    assert is_exact
    assert table.from_image(image) == row
    with replica.begin() as step:
        upsert_values(replica, images, [values])
        assert list(all_values(replica, images)) == [values]
        if table.scope_of is not None:
            scope = table.scope_of(row)
            assert list(confirmed_rows(replica, name)) == [(table.key_of(row), scope, image)]
        step.rollback()


@dataclass(frozen=True, slots=True)
class GrownRow(Row):
    """A row whose table got more columns in later releases."""

    customer_id: CustomerId
    name: str
    shelf: str = ""
    weight_grams: int = 0
    is_fragile: bool = False
    marks: tuple[str, ...] = ("new",)
    seen_at: datetime | None = None


LATER = ("shelf", "weight_grams", "is_fragile", "marks", "seen_at")
GROWN = TableOf(
    GrownRow,
    "grown",
    ("customer_id",),
    (
        Column("customer_id", Kind.ID, is_nullable=False, annotation=CustomerId),
        Column("name", Kind.TEXT, is_nullable=False, annotation=str),
        Column("shelf", Kind.TEXT, is_nullable=False, annotation=str),
        Column("weight_grams", Kind.INT, is_nullable=False, annotation=int),
        Column("is_fragile", Kind.BOOL, is_nullable=False, annotation=bool),
        Column("marks", Kind.JSON, is_nullable=False, annotation=tuple[str, ...]),
        Column("seen_at", Kind.TIME, is_nullable=True, annotation=datetime | None),
    ),
    (),
    (),
    {},
    lambda _row: "tenant",
    sa.Table("grown", sa.MetaData()),
    is_append_only=False,
    later=frozenset(LATER),
)
PLAIN_ROW = GrownRow(CustomerId("1"), "Ada")
GROWN_ROWS = st.builds(GrownRow, **{each.name: values_of(each) for each in GROWN.columns})


@given(row=GROWN_ROWS | st.builds(GrownRow, customer_id=IDS, name=TEXTS))
def test_a_column_that_came_later_is_in_an_image_only_where_it_is_used(row: GrownRow) -> None:
    image, images = GROWN.image(row), ImageTable(GROWN)
    used = {name for name in LATER if getattr(row, name) != getattr(PLAIN_ROW, name)}

    assert msgspec.json.decode(image).keys() == {"customer_id", "name"} | used
    assert GROWN.from_image(image) == row
    values, is_exact = images.read(image)
    assert is_exact
    assert images.image(values) == image


def test_an_image_that_spells_a_default_out_is_another_one() -> None:
    image = b'{"customer_id":"1","name":"Ada","shelf":""}'
    values, is_exact = ImageTable(GROWN).read(image)

    assert not is_exact
    assert ImageTable(GROWN).image(values) == b'{"customer_id":"1","name":"Ada"}'


def test_a_later_column_needs_a_default() -> None:
    with pytest.raises(Bug, match="name came later"):
        replace(GROWN, later=frozenset({"name"}))


def test_a_picture_without_a_blob_has_the_image_that_it_had_before_there_were_any() -> None:
    row = MediaRow(MediaId("m"), ProductId("p"), 1, "A mug", "", b"small")
    before = b'{"alt_text":"A mug","media_id":"m","position":1,"product_id":"p","thumbnail":"'
    before += b'736d616c6c","url":""}'

    assert TABLES["media"].image(row) == before
    assert b'"blob":"ab","blob_bytes":7,' in TABLES["media"].image(
        replace(row, blob="ab", blob_bytes=7)
    )
