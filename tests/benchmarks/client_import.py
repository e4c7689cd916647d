"""How fast 20,000 products of a Shopify file get into a server, beside PostgreSQL's own COPY."""

import argparse
import contextlib
import csv
import io
import json
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
from psycopg import sql

from shared.kernel.clock import SystemClock
from shared.kernel.ids import LocationId, StoreId, new_id
from shared.organization.commands import AddLocation, OpenStore
from shared.pricing.commands import SetTaxRate
from sync_server import embedded, importing
from sync_server.collecting import collect_seldom
from sync_server.database import owner_engine
from sync_server.serving import database_of, migrate
from sync_server.settings import Settings
from sync_server.tenancy import Tenant, create_tenant, schema_of
from sync_server.work import run_in
from tests.benchmarks.child import tell
from tests.benchmarks.client_shop import CACHE, product_row, variant_code, variant_row, variants_of
from tests.benchmarks.client_words import number_of
from tests.benchmarks.result import BenchResult, measured, peak_memory_mib

PRODUCTS = 20_000
RUNS = 3
TARGET = 1_000
_HEADER = (
    "Handle,Title,Body (HTML),Vendor,Type,Tags,Published,Status,Option1 Name,Option1 Value,"
    "Option2 Name,Option2 Value,Variant SKU,Variant Barcode,Variant Grams,Variant Inventory "
    "Tracker,Variant Inventory Qty,Variant Inventory Policy,Variant Price,Cost per item,Variant "
    "Requires Shipping,Variant Taxable"
).split(",")


def figures() -> list[BenchResult]:
    """Three imports, each into a tenant of its own: rehearsal and commands, as `import` does."""
    collect_seldom()
    folder = Path(tempfile.mkdtemp(prefix="pycommerce-bench-"))
    folder.chmod(0o755)
    try:
        file = folder / "products.csv"
        _write_file(file)
        with embedded.running(folder / "postgres") as server:
            return _measure(Settings(data_folder=folder, database_url=server.url), file)
    finally:
        shutil.rmtree(folder)


def _measure(settings: Settings, file: Path) -> list[BenchResult]:
    migrate(_url(settings))
    rates, copies = [], []
    for turn in range(RUNS):
        tenant = _new_tenant(settings, f"Import {turn}")
        started = time.perf_counter()
        _import(settings, tenant, file)
        rates.append(PRODUCTS / (time.perf_counter() - started))
        copies.append(PRODUCTS / _copy_seconds(settings, tenant))
    return [
        measured(
            "import with rehearsal into the server",
            "products/s",
            rates,
            better="higher",
            target=TARGET,
            ceiling=max(copies),
        ),
        measured("plain COPY of the same rows", "products/s", copies, better="higher"),
        measured("memory of the importing process", "MiB", [peak_memory_mib()], better="lower"),
    ]


def _url(settings: Settings) -> str:
    assert settings.database_url is not None
    return settings.database_url


def _new_tenant(settings: Settings, name: str) -> Tenant:
    tenant = create_tenant(owner_engine(_url(settings)), name, now=SystemClock().now())
    store_id = StoreId(new_id())
    database = database_of(settings)
    with database.tenant_transaction(tenant.tenant_id) as unit:
        for command in (
            OpenStore(
                store_id=store_id,
                name=name,
                currency="EUR",
                country="DE",
                language="de",
                timezone="Europe/Berlin",
                is_tax_inclusive=True,
            ),
            AddLocation(location_id=LocationId(new_id()), store_id=store_id, name="Main", code="M"),
            SetTaxRate(code="standard", name="19 %", rate_ppm=190_000),
        ):
            run_in(unit, command)
    database.close()
    return tenant


def _import(settings: Settings, tenant: Tenant, file: Path) -> None:
    """What the `import` command does. Raises AssertionError unless every row went in."""
    parser = argparse.ArgumentParser()
    importing.declare(parser)
    given = parser.parse_args([str(file), "--format", "shopify", "--json", "--tenant", tenant.name])
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        importing.run(settings, given)
    report = json.loads(said.getvalue())
    assert report["rows_refused"] == 0, report["refused"][:3]
    assert report["effects"]["products_new"] == PRODUCTS


def _copy_seconds(settings: Settings, tenant: Tenant) -> float:
    """The time of COPY alone for all that the import wrote, into tables with the same indexes."""
    seconds = 0.0
    schema = schema_of(tenant.tenant_id)
    url = _url(settings).replace("+psycopg", "", 1)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("DROP SCHEMA IF EXISTS plain_copy CASCADE")
        connection.execute("CREATE SCHEMA plain_copy")
        tables = connection.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = %s", (schema,)
        ).fetchall()
        for (name,) in tables:
            source, target = sql.Identifier(schema, name), sql.Identifier("plain_copy", name)
            connection.execute(
                sql.SQL("CREATE TABLE {} (LIKE {} INCLUDING ALL)").format(target, source)
            )
            with connection.cursor().copy(sql.SQL("COPY {} TO STDOUT").format(source)) as copy:
                rows = b"".join(bytes(part) for part in copy)
            started = time.perf_counter()
            with connection.cursor().copy(sql.SQL("COPY {} FROM STDIN").format(target)) as copy:
                copy.write(rows)
            seconds += time.perf_counter() - started
    return seconds


def _write_file(path: Path) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(_HEADER)
        for number in range(PRODUCTS):
            writer.writerows(_rows(number))


def _rows(number: int) -> Iterator[list[str]]:
    """A row per variant; what belongs to the product stands in the first only."""
    product = product_row(number)
    for place in range(variants_of(number)):
        variant = variant_row(product, number, place)
        of_product = [product.title, product.description_html, product.vendor]
        of_product += [product.product_type, ", ".join(product.tags), "TRUE"]
        of_product.append(product.status.value)
        values = [*(variant.option_values or ("Default Title",)), ""][:2]
        names = [*product.option_names, ""][:2]
        first = place == 0
        yield [
            product.handle,
            *(of_product if first else [""] * len(of_product)),
            names[0] if first else "",
            values[0],
            names[1] if first else "",
            values[1],
            variant.sku or "",
            variant_code(number, place),
            str(variant.weight_grams),
            "shopify",
            str(number_of("stock", number, place) % 60),
            "deny",
            f"{variant.price_amount / 100:.2f}",
            f"{(variant.cost_amount or 0) / 100:.2f}",
            "TRUE",
            "TRUE",
        ]


if __name__ == "__main__":
    CACHE.mkdir(parents=True, exist_ok=True)
    tell(figures())
