"""The unit of work: reads, waiting writes, savepoints, and what changed."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from shared.imports.tables import ImportedRow, ImportRow, ImportState
from shared.inventory.tables import StockEntryRow
from shared.kernel.errors import Bug, Rejected
from shared.kernel.ids import ImportId
from shared.pricing.tables import TAX_RATE, TaxRateRow
from shared.storage.base import table_of, tables_in_order
from shared.storage.dialects import postgres_ddl, sqlite_ddl
from shared.storage.reader import Reader
from shared.storage.unit_of_work import UnitOfWork
from tests.support.shop import Shop, empty_sqlite

RATE = TaxRateRow("standard", "Standard", 190_000, is_active=True)


@pytest.fixture
def connection() -> sa.Connection:
    return empty_sqlite()


def test_a_row_is_seen_before_it_is_written(connection: sa.Connection) -> None:
    work = UnitOfWork(connection)

    work.insert(RATE)

    assert work.get(TaxRateRow, "standard") == RATE
    assert connection.exec_driver_sql("SELECT count(*) FROM tax_rate").scalar() == 0
    assert work.find(TaxRateRow, TAX_RATE.c.rate_ppm > 0) == [RATE]
    assert connection.exec_driver_sql("SELECT count(*) FROM tax_rate").scalar() == 1


def test_changes_tell_the_first_and_the_last_image(connection: sa.Connection) -> None:
    before = UnitOfWork(connection)
    before.insert(RATE)
    before.flush()
    work = UnitOfWork(connection)

    work.put(replace(RATE, rate_ppm=1))
    work.flush()
    work.put(replace(RATE, rate_ppm=2))

    (change,) = work.changes()
    assert (change.before, change.after) == (RATE, replace(RATE, rate_ppm=2))


def test_what_comes_and_goes_in_one_work_is_no_change(connection: sa.Connection) -> None:
    work = UnitOfWork(connection)

    work.insert(RATE)
    work.flush()
    work.delete(RATE)

    assert work.changes() == ()
    assert Reader(connection).find(TaxRateRow) == []


def test_a_failed_savepoint_takes_back_only_its_own(connection: sa.Connection) -> None:
    work = UnitOfWork(connection)
    work.insert(RATE)

    with pytest.raises(Rejected):
        change_and_fail(work)

    assert [change.after for change in work.changes()] == [RATE]
    assert Reader(connection).find(TaxRateRow) == [RATE]


def change_and_fail(work: UnitOfWork) -> None:
    with work.savepoint():
        work.put(replace(RATE, rate_ppm=5))
        work.insert(replace(RATE, code="other"))
        work.flush()
        raise Rejected("no")


def test_ledgers_are_only_added_to() -> None:
    shop = Shop(empty_sqlite())
    shop.product(on_hand_qty=1)
    work = UnitOfWork(shop.connection)
    (entry,) = work.find(StockEntryRow)

    with pytest.raises(Bug):
        work.put(replace(entry, qty=99))
    with pytest.raises(Bug):
        work.delete(entry)


def test_lock_reads_many_rows_at_once(connection: sa.Connection) -> None:
    work = UnitOfWork(connection)
    work.insert(RATE)
    work.flush()

    found = UnitOfWork(connection).lock(TaxRateRow, [("standard",), ("none",)])

    assert found == {("standard",): RATE}


@pytest.mark.parametrize(
    "wanted",
    [
        [("a", "product", "1")],
        [("a", "product", "1"), ("a", "product", "2")],
        [("a", "product", "1"), ("b", "product", "2")],
        [("a", "product", "1"), ("a", "variant", "1"), ("b", "product", "1")],
        [("a", "variant", "1"), ("b", "variant", "2")],
    ],
)
def test_lock_finds_keys_of_many_parts(
    connection: sa.Connection, wanted: list[tuple[str, ...]]
) -> None:
    work = UnitOfWork(connection)
    rows = {
        (run, "product", key): ImportedRow(ImportId(run), "product", key, None, "digest")
        for run in ("a", "b")
        for key in ("1", "2", "3")
    }
    for run in ("a", "b"):
        work.insert(an_import(run))
    for row in rows.values():
        work.insert(row)
    work.flush()

    found = UnitOfWork(connection).lock(ImportedRow, wanted)

    assert found == {key: rows[key] for key in wanted if key in rows}


def an_import(run: str) -> ImportRow:
    return ImportRow(
        import_id=ImportId(run),
        importer="shopify_products",
        file_name="products.csv",
        state=ImportState.RUNNING,
        started_at=datetime(2026, 11, 23, tzinfo=UTC),
        finished_at=None,
        actor_id=None,
        currency="EUR",
        rows_read=0,
        rows_accepted=0,
        rows_refused=0,
        source_total="0",
        imported_total="0",
    )


def test_the_only_row_of_a_table_is_known_as_it_is_now(connection: sa.Connection) -> None:
    work = UnitOfWork(connection)
    assert work.only(TaxRateRow) is None

    with pytest.raises(Rejected):
        add_look_and_fail(work)
    assert work.only(TaxRateRow) is None

    work.insert(RATE)
    assert work.only(TaxRateRow) == RATE
    work.put(replace(RATE, rate_ppm=7))
    assert work.only(TaxRateRow) == replace(RATE, rate_ppm=7)
    work.delete(RATE)
    assert work.only(TaxRateRow) is None


def add_look_and_fail(work: UnitOfWork) -> None:
    with work.savepoint():
        work.insert(RATE)
        assert work.only(TaxRateRow) == RATE
        raise Rejected("no")


def test_an_image_gives_the_row_back() -> None:
    shop = Shop(empty_sqlite())
    shop.product(on_hand_qty=1)

    for change in shop.last_changes:
        assert change.after is not None
        assert change.table.from_image(change.table.image(change.after)) == change.after


def test_unknown_columns_of_an_image_are_left_aside() -> None:
    table = table_of(TaxRateRow)
    image = table.image(RATE).replace(b"{", b'{"colour":"red",', 1)

    assert table.from_image(image) == RATE


def test_every_tenant_table_is_locked_to_its_tenant() -> None:
    statements = postgres_ddl("app")

    for table in tables_in_order():
        assert f'ALTER TABLE "{table.name}" FORCE ROW LEVEL SECURITY' in statements
        made = next(s for s in statements if s.startswith(f'CREATE TABLE "{table.name}"'))
        assert f"PRIMARY KEY (tenant_id, {', '.join(table.key)})" in made
        for line in made.splitlines():
            if "FOREIGN KEY" in line:
                assert "FOREIGN KEY (tenant_id, " in line


def test_ledgers_are_granted_for_adding_only() -> None:
    statements = postgres_ddl("app")

    for table in tables_in_order():
        rights = "SELECT, INSERT" if table.is_append_only else "SELECT, INSERT, UPDATE, DELETE"
        assert f'GRANT {rights} ON "{table.name}" TO app' in statements


def test_device_tables_are_strict() -> None:
    made = [statement for statement in sqlite_ddl() if statement.startswith("CREATE TABLE")]

    assert made
    assert all(statement.endswith("STRICT") for statement in made)
