"""Every row that can be has one image: the server's bytes and the device's are the same."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, date
from functools import cache
from typing import Any, get_args, get_origin

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.catalog.tables import MediaRow
from shared.kernel.ids import MediaId, ProductId
from shared.pricing.engine.cart import LineDiscount, OrderDiscount
from shared.runtime.metadata import TABLE_MODULES
from shared.storage.base import Column, Kind, Row, tables_in_order
from shared.storage.images import all_values, image_table, upsert_values
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


def test_a_column_that_came_later_is_not_in_the_image_of_a_row_that_nobody_changed() -> None:
    row = MediaRow(MediaId("m"), ProductId("p"), 1, "A mug", "", b"small")
    before = b'{"alt_text":"A mug","media_id":"m","position":1,"product_id":"p","thumbnail":"'
    before += b'736d616c6c","url":""}'
    changed = replace(row, blob="ab", blob_bytes=7)

    assert TABLES["media"].image(row) == before
    assert TABLES["media"].from_image(before) == row
    assert image_table("media").image(image_table("media").read(before)[0]) == before
    image = TABLES["media"].image(changed)
    assert b'"blob":"ab","blob_bytes":7' in image
    assert b"blob_type" not in image
    assert image_table("media").image(image_table("media").read(image)[0]) == image
