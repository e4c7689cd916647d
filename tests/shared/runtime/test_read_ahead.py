"""Reading ahead: what commands name is there when their handlers ask, and nothing else happens."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
import sqlalchemy as sa

from shared.catalog.commands import ChangePrice
from shared.catalog.tables import VariantRow
from shared.inventory.tables import StockLevelRow
from shared.kernel.context import Station
from shared.kernel.ids import LocationId, OrderId, ShiftId, VariantId, new_id
from shared.orders.tables import OrderRow
from shared.organization.tables import RegisterRow
from shared.pos.commands import CompleteSale
from shared.pos.tables import ShiftRow
from shared.pricing.commands import SetTaxRate
from shared.runtime.read_ahead import read_ahead
from shared.storage.unit_of_work import UnitOfWork
from tests.support.shop import Shop, empty_sqlite, sale_line
from tests.support.world import mug_sale


@pytest.fixture
def shop() -> Shop:
    return Shop(empty_sqlite())


@pytest.fixture
def station(shop: Shop) -> Station:
    return Station(
        device_id=shop.device_id, location_id=shop.location_id, register_id=shop.register_id
    )


@contextmanager
def statements(shop: Shop) -> Iterator[list[str]]:
    """What the database is asked inside the block."""
    asked: list[str] = []

    def note(_connection: object, _cursor: object, sql: str, *_rest: object) -> None:
        asked.append(sql)

    sa.event.listen(shop.connection, "before_cursor_execute", note)
    yield asked
    sa.event.remove(shop.connection, "before_cursor_execute", note)


def sale_of(variant_id: VariantId, shift_id: ShiftId) -> CompleteSale:
    return replace(mug_sale(variant_id, shift_id), lines=(sale_line(variant_id), sale_line(None)))


def test_rows_that_commands_name_are_found_without_asking_again(
    shop: Shop, station: Station
) -> None:
    mug, plate = shop.product("Mug", on_hand_qty=5), shop.product("Plate", on_hand_qty=5)
    shift_id = shop.open_shift()
    sale = sale_of(mug, shift_id)
    work = UnitOfWork(shop.connection)

    read_ahead(work, [sale, ChangePrice(variant_id=plate, price_amount=1)], station)

    with statements(shop) as asked:
        assert work.require(VariantRow, mug).variant_id == mug
        assert work.require(VariantRow, plate).price_amount == 1000
        assert work.require(StockLevelRow, mug, shop.location_id).on_hand_qty == 5
        assert work.require(ShiftRow, shift_id).register_id == shop.register_id
        assert work.require(RegisterRow, shop.register_id).code == "K1"
        assert work.get(OrderRow, sale.order_id) is None
    assert asked == []


def test_many_commands_take_no_more_statements_than_one(shop: Shop, station: Station) -> None:
    shift_id = shop.open_shift()
    sales = [sale_of(shop.product(f"Product {n}"), shift_id) for n in range(30)]
    with statements(shop) as for_one:
        read_ahead(UnitOfWork(shop.connection), sales[:1], station)
    with statements(shop) as for_all:
        read_ahead(UnitOfWork(shop.connection), sales, station)

    assert 0 < len(for_one) == len(for_all)


def test_a_row_that_is_missed_or_unknown_is_looked_for_as_ever(
    shop: Shop, station: Station
) -> None:
    mug = shop.product()
    nowhere = ChangePrice(variant_id=VariantId(new_id()), price_amount=1)
    work = UnitOfWork(shop.connection)

    read_ahead(work, [nowhere, SetTaxRate(code="x", name="X", rate_ppm=1)], station)

    assert work.get(VariantRow, nowhere.variant_id) is None
    assert work.require(VariantRow, mug).variant_id == mug
    assert work.get(OrderRow, OrderId(new_id())) is None
    assert work.get(StockLevelRow, mug, LocationId(new_id())) is None
    assert work.changes() == ()
