"""Imports from the command line: rehearsal, application, and files that break."""

import argparse
import json
from decimal import Decimal
from pathlib import Path

import pytest

from shared.catalog.queries import product_ids
from shared.inventory.queries import on_hand_by_product
from shared.kernel.clock import SystemClock
from shared.kernel.errors import Rejected
from shared.orders.queries import OrderFilter, order_ids
from shared.storage.reader import Reader
from shared.sync.recount import recount
from sync_server import demo_shop, feed, importing
from sync_server.settings import Settings
from sync_server.tenancy import Tenant
from tests.support.databases import ServerDatabase

SEED = Path(__file__).resolve().parents[2] / "resources" / "seed"


@pytest.fixture
def settings(server_database: ServerDatabase, tmp_path: Path) -> Settings:
    return Settings(data_folder=tmp_path, database_url=server_database.url)


@pytest.fixture
def shop(server_database: ServerDatabase, settings: Settings) -> Tenant:
    """The demo's shop, made for this test."""
    tenant = demo_shop.demo_tenant(settings, server_database.database, clock=SystemClock())
    server_database.made.append(tenant)
    return tenant


def given(file: Path, *words: str, kind: str = "shopify") -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    importing.declare(parser)
    name = ["--tenant", demo_shop.TENANT_NAME]
    return parser.parse_args([str(file), "--format", kind, *name, *words])


def count_products(server: ServerDatabase, shop: Tenant) -> int:
    with server.database.tenant_snapshot(shop.tenant_id) as connection:
        return len(product_ids(Reader(connection)))


def test_a_rehearsal_reports_and_changes_nothing(
    settings: Settings,
    shop: Tenant,
    *,
    server_database: ServerDatabase,
    capsys: pytest.CaptureFixture[str],
) -> None:
    importing.run(settings, given(SEED / "products.csv", "--dry-run", "--json"))

    report = json.loads(capsys.readouterr().out, parse_float=Decimal)
    assert report["dry_run"] is True
    assert report["rows_accepted"] + report["rows_refused"] == report["rows_read"] == 81
    assert report["source_total"] == report["imported_total"] == Decimal("518.79")
    assert report["effects"]["products_new"] == 62
    assert count_products(server_database, shop) == 0


def test_products_and_history_are_imported_and_the_feed_agrees_with_the_rows(
    settings: Settings,
    shop: Tenant,
    *,
    server_database: ServerDatabase,
    capsys: pytest.CaptureFixture[str],
) -> None:
    importing.run(settings, given(SEED / "products.csv"))
    importing.run(settings, given(SEED / "invoice-lines.csv", "--json", kind="invoice-lines"))

    out = capsys.readouterr().out
    report = json.loads(out[out.index("{") :], parse_float=Decimal)
    with server_database.database.tenant_snapshot(shop.tenant_id) as connection:
        reader = Reader(connection)
        ids = product_ids(reader)
        assert len(ids) == 62
        assert sum(on_hand_by_product(reader, ids).values()) == 3508
        assert len(order_ids(reader, OrderFilter())) == 52
        assert recount(connection) == feed.digests(connection)
    assert report["imported_total"] == Decimal("10117.37")
    assert "62" in out


def test_a_second_import_of_the_same_history_refuses_every_row_with_its_reason(
    settings: Settings, shop: Tenant, capsys: pytest.CaptureFixture[str]
) -> None:
    assert shop.name == demo_shop.TENANT_NAME
    importing.run(settings, given(SEED / "invoice-lines.csv", kind="invoice-lines"))
    capsys.readouterr()

    importing.run(settings, given(SEED / "invoice-lines.csv", "--json", kind="invoice-lines"))

    report = json.loads(capsys.readouterr().out, parse_float=Decimal)
    assert report["rows_accepted"] == 0
    assert report["rows_refused"] == report["rows_read"] == len(report["refused"])
    assert {refused["code"] for refused in report["refused"]} == {"order_number_taken"}
    assert report["imported_total"] == 0


def test_a_broken_file_changes_nothing(
    settings: Settings, shop: Tenant, *, server_database: ServerDatabase, tmp_path: Path
) -> None:
    text = (SEED / "products.csv").read_text("utf-8")
    broken = tmp_path / "broken.csv"
    broken.write_text(text + '"never closed', "utf-8")

    with pytest.raises(Rejected) as refused:
        importing.run(settings, given(broken))

    assert refused.value.code.startswith("import_")
    assert count_products(server_database, shop) == 0
