"""A large batch of rows arrives as it would row by row."""

from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest
import sqlalchemy as sa

from shared.kernel.ids import TenantId, new_id
from shared.pricing.tables import TAX_RATE
from shared.storage.bulk import FEW, insert_rows, update_rows
from shared.storage.types import sql_type
from tests.support.databases import ServerDatabase

pytestmark = pytest.mark.storage

EVERY_KIND = sa.Table(
    "every_kind",
    sa.MetaData(),
    sa.Column("place", sql_type("int", int), primary_key=True, autoincrement=False),
    sa.Column("id", sql_type("id", str)),
    sa.Column("text", sql_type("text", str)),
    sa.Column("yes", sql_type("bool", bool)),
    sa.Column("at", sql_type("time", datetime)),
    sa.Column("day", sql_type("date", date)),
    sa.Column("parts", sql_type("json", tuple[str, ...])),
    sa.Column("picture", sql_type("bytes", bytes)),
    prefixes=["TEMPORARY"],
)
FULL = {
    "id": new_id(),
    "text": 'Käse "alt" \\u0041 \\ \u2028 \U0001f9c0 \t\n\'; --',
    "yes": True,
    "at": datetime(2026, 2, 28, 23, 59, 59, 123_456, tzinfo=UTC),
    "day": date(2024, 2, 29),
    "parts": ("a", "\\x00", '"', "ä"),
    "picture": bytes(range(256)),
}
EMPTY = dict.fromkeys(FULL)
ROWS = [{"place": 2**53 + 1 + place, **(EMPTY if place % 2 else FULL)} for place in range(FEW * 2)]


@pytest.fixture
def connection(server_database: ServerDatabase, tenant_id: TenantId) -> Iterator[sa.Connection]:
    """A tenant's transaction with an empty table that has a column of every kind."""
    with server_database.database.tenant_session(tenant_id) as made:
        yield made


def test_every_kind_of_value_arrives_whole(connection: sa.Connection) -> None:
    connection.execute(sa.schema.CreateTable(EVERY_KIND))

    insert_rows(connection, EVERY_KIND, ROWS)

    kept = connection.execute(sa.select(EVERY_KIND).order_by(EVERY_KIND.c.place)).mappings()
    assert [dict(row) for row in kept] == ROWS


@pytest.mark.parametrize("count", [1, FEW, FEW + 1, FEW * 2])
def test_rows_of_every_kind_are_given_other_values(connection: sa.Connection, count: int) -> None:
    connection.execute(sa.schema.CreateTable(EVERY_KIND))
    insert_rows(connection, EVERY_KIND, ROWS)
    other = {**FULL, "text": "other", "picture": b"", "parts": (), "yes": False}
    changed = [{"place": row["place"], **other} for row in ROWS[:count]]

    update_rows(connection, EVERY_KIND, changed)

    kept = connection.execute(sa.select(EVERY_KIND).order_by(EVERY_KIND.c.place)).mappings()
    assert [dict(row) for row in kept] == [*changed, *ROWS[count:]]


def test_the_tenant_of_the_transaction_is_filled_in(connection: sa.Connection) -> None:
    rows = [
        {"code": f"class-{place}", "name": "Any", "rate_ppm": place, "is_active": True}
        for place in range(FEW + 1)
    ]

    insert_rows(connection, TAX_RATE.table, rows)

    tenants = sa.text("SELECT count(DISTINCT tenant_id) FROM tax_rate WHERE code LIKE 'class%'")
    assert connection.execute(tenants).scalar() == 1


def test_a_doubled_row_refuses_the_whole_batch(connection: sa.Connection) -> None:
    connection.execute(sa.schema.CreateTable(EVERY_KIND))

    with pytest.raises(sa.exc.IntegrityError), connection.begin_nested():
        insert_rows(connection, EVERY_KIND, [*ROWS, ROWS[0]])

    assert connection.execute(sa.select(sa.func.count()).select_from(EVERY_KIND)).scalar() == 0
