"""Reading: one column of any length."""

import json

import sqlalchemy as sa

from shared.storage.reader import Reader
from tests.support.shop import empty_sqlite


def test_column_gives_every_row_in_order() -> None:
    wanted = list(range(1_203))
    numbers = sa.func.json_each(json.dumps(wanted)).table_valued("value")

    with empty_sqlite() as connection:
        assert Reader(connection).column(sa.select(numbers.c.value)) == wanted


def test_column_of_nothing_is_empty() -> None:
    numbers = sa.func.json_each("[]").table_valued("value")

    with empty_sqlite() as connection:
        assert Reader(connection).column(sa.select(numbers.c.value)) == []
