"""The demo's shop: filled from files, with work for the station, and repeatable after a cut."""

import shutil
from pathlib import Path

import pytest

from shared.catalog.queries import product_ids
from shared.fulfillment.queries import queue
from shared.kernel.clock import SystemClock
from shared.kernel.errors import Rejected
from shared.orders.commands import Channel, PaymentStatus
from shared.orders.tables import ORDER, OrderRow
from shared.storage.reader import Reader
from sync_server import demo, demo_shop
from sync_server.importing import Target
from sync_server.settings import Settings
from sync_server.tenancy import Tenant
from tests.support.databases import ServerDatabase

pytestmark = pytest.mark.storage

SEED = Path(__file__).resolve().parents[2] / "resources" / "seed"


@pytest.fixture
def shop(server_database: ServerDatabase, tmp_path: Path) -> Tenant:
    """The demo's shop, not yet filled."""
    settings = Settings(data_folder=tmp_path, database_url=server_database.url)
    tenant = demo_shop.demo_tenant(settings, server_database.database, clock=SystemClock())
    server_database.made.append(tenant)
    return tenant


def web_orders(reader: Reader) -> list[OrderRow]:
    return list(
        reader.find(OrderRow, ORDER.c.channel == Channel.WEB, order_by=(ORDER.c.order_number,))
    )


def fill(server: ServerDatabase, shop: Tenant, folder: Path) -> list[str]:
    """Fill the shop and give what was said meanwhile."""
    heard: list[str] = []
    demo.fill(server.database, shop.tenant_id, folder, say=heard.append)
    return heard


def test_the_shop_is_filled_and_two_paid_orders_wait_at_the_station(
    server_database: ServerDatabase, shop: Tenant
) -> None:
    heard = fill(server_database, shop, SEED)

    target = Target(server_database.database, shop.tenant_id)
    orders = target.ask(web_orders)
    assert heard[0] == "Taking over products.csv …"
    assert heard[2] == "Taking over invoice-lines.csv …"
    assert len(target.ask(product_ids)) == 62
    assert [order.order_number for order in orders] == ["WEB-1001", "WEB-1002"]
    assert {order.payment_status for order in orders} == {PaymentStatus.PAID}
    assert all(order.ship_to is not None and order.ship_to.line1 for order in orders)
    waiting = target.ask(queue, demo_shop.LOCATION_ID)
    assert {each.order_number for each in waiting} == {"WEB-1001", "WEB-1002"}


def test_filling_again_changes_nothing(server_database: ServerDatabase, shop: Tenant) -> None:
    fill(server_database, shop, SEED)
    with server_database.database.tenant_snapshot(shop.tenant_id) as connection:
        before = web_orders(Reader(connection))

    heard = fill(server_database, shop, SEED)

    with server_database.database.tenant_snapshot(shop.tenant_id) as connection:
        assert web_orders(Reader(connection)) == before
    assert heard == []


def test_files_of_unknown_kinds_are_left_out_with_a_word(
    server_database: ServerDatabase, shop: Tenant, *, tmp_path: Path
) -> None:
    shutil.copy(SEED / "products.csv", tmp_path / "my export.csv")
    (tmp_path / "planets.csv").write_text("planet,moons\nMars,2\n", "utf-8")

    heard = fill(server_database, shop, tmp_path)

    assert "Leaving out planets.csv: no importer knows its columns" in heard
    assert "Taking over my export.csv …" in heard


def test_a_folder_without_any_known_file_is_refused(
    server_database: ServerDatabase, shop: Tenant, *, tmp_path: Path
) -> None:
    with pytest.raises(Rejected) as refused:
        fill(server_database, shop, tmp_path)

    assert refused.value.code == "demo_data_missing"
