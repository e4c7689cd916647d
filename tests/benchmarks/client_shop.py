"""A device with 100,000 products, written straight into its replica once and then reused."""

import hashlib
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import msgspec
import sqlalchemy as sa

from desktop.changes import ChangeHub
from desktop.files import ProfileFiles
from desktop.lives import begin_life
from desktop.secrets import JOURNAL_KEY, REPLICA_KEY, open_secrets
from desktop.settings import Profile
from desktop.sync.blob_door import BlobDoor
from desktop.work import Work, open_work
from desktop.workspaces.desk import Desk
from migrations.replica import schema_fingerprint
from shared.catalog.commands import ProductStatus
from shared.catalog.model import search_text, variant_title
from shared.catalog.tables import BarcodeRow, ProductRow, VariantRow
from shared.inventory.tables import StockLevelRow
from shared.kernel.clock import SystemClock
from shared.kernel.ids import LocationId, ProductId, VariantId, derived_id, new_id
from shared.kernel.permissions import Permission
from shared.organization.commands import Workspace
from shared.storage.base import Row, table_of
from tests.benchmarks.client_words import COLOURS, MAKERS, SIZES, chosen, ean13, number_of, words_of
from tests.support.desk import KEYS, HubListener, ShopOnDevice, SomebodySignedIn
from tests.support.shop import OPENING

ROOT = Path(__file__).resolve().parents[2]
CACHE = ROOT / ".cache" / "bench"
PRODUCTS = 100_000
_BATCH = 5_000
_SEED = "5f3c3f0e-7d1c-4d8e-9a57-0d6f2d0c4b11"
_MOST_VARIANTS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class BigShop:
    """The ids of the shop in the replica, and how many rows it has."""

    owner_id: str
    location_id: str
    register_id: str
    product_count: int
    variant_count: int


@dataclass(frozen=True, slots=True)
class Device:
    """A profile of its own with a copy of the big shop; the measurement may change it."""

    profile: Profile
    shop: BigShop

    @contextmanager
    def opened(self) -> Iterator[tuple[Desk, Work]]:
        """The desk as its owner sees it, with all permissions."""
        hub = ChangeHub()
        work = open_work(self.profile, KEYS, clock=SystemClock(), listener=HubListener(hub))
        try:
            who = SomebodySignedIn(self.shop.owner_id, "Olga", frozenset(Permission))
            identity = work.ask(lambda bench: bench.identity).result()
            blobs = BlobDoor(work, lambda: None)
            yield Desk(work, hub, who, identity, SystemClock(), blobs), work
        finally:
            work.close()


def made_shop() -> Path:
    """The folder of the shop as it was made once; made now where the tables or words changed."""
    sources = (Path(__file__), Path(__file__).with_name("client_words.py"))
    marks = [schema_fingerprint().encode(), *(path.read_bytes() for path in sources)]
    folder = CACHE / f"shop-{hashlib.sha256(b''.join(marks)).hexdigest()[:16]}"
    if folder.exists():
        return folder
    CACHE.mkdir(parents=True, exist_ok=True)
    for older in CACHE.glob("shop-*"):
        shutil.rmtree(older)
    fresh = CACHE / f"new-{new_id()}"
    shop = _make(fresh / "profile")
    (fresh / "shop.json").write_bytes(msgspec.json.encode(shop))
    fresh.replace(folder)
    return folder


@contextmanager
def device(workspace: Workspace) -> Iterator[Device]:
    """A device of that workspace on a copy of the shop, for as long as the block lasts."""
    made = made_shop()
    folder = CACHE / f"run-{new_id()}"
    shutil.copytree(made / "profile", folder)
    try:
        profile = Profile(folder)
        files = ProfileFiles(profile, KEYS)
        identity = files.journal.identity()
        if identity is not None:
            with files.journal.writing():
                begin_life(files.journal, replace(identity, workspace=workspace))
        files.close()
        _keep_keys(profile)
        yield Device(profile, msgspec.json.decode((made / "shop.json").read_bytes(), type=BigShop))
    finally:
        shutil.rmtree(folder)


def _keep_keys(profile: Profile) -> None:
    """Put the keys where the program looks for them; never into the keyring of whoever measures."""
    store = open_secrets(profile, backends=list, is_chosen_anew=True)
    store.put(JOURNAL_KEY, KEYS.journal)
    store.put(REPLICA_KEY, KEYS.replica)


def _make(folder: Path) -> BigShop:
    founded = ShopOnDevice(folder)
    variant_count = 0
    with founded.seeding() as shop:
        with shop.connection.begin():
            for first in range(0, PRODUCTS, _BATCH):
                numbers = range(first, min(PRODUCTS, first + _BATCH))
                variant_count += _write(shop.connection, numbers, shop.location_id)
        with shop.connection.begin():
            shop.connection.exec_driver_sql("ANALYZE")
        return BigShop(
            owner_id=shop.owner_id,
            location_id=shop.location_id,
            register_id=shop.register_id,
            product_count=PRODUCTS,
            variant_count=variant_count,
        )


def _write(connection: sa.Connection, numbers: range, location_id: LocationId) -> int:
    rows: dict[type[Row], list[Row]] = {}
    for number in numbers:
        product = product_row(number)
        rows.setdefault(ProductRow, []).append(product)
        for place in range(variants_of(number)):
            variant = variant_row(product, number, place)
            rows.setdefault(VariantRow, []).append(variant)
            code = ean13(number * _MOST_VARIANTS + place)
            rows.setdefault(BarcodeRow, []).append(BarcodeRow(code, variant.variant_id, 1))
            on_hand = number_of("stock", number, place) % 60
            level = StockLevelRow(variant.variant_id, location_id, on_hand, 0)
            rows.setdefault(StockLevelRow, []).append(level)
    for row_type, batch in rows.items():
        table = table_of(row_type)
        values: list[dict[str, Any]] = [table.to_values(row) for row in batch]
        connection.execute(sa.insert(table.table), values)
    return len(rows[VariantRow])


def variants_of(number: int) -> int:
    """How many variants a product has: 1.5 on the average."""
    return (1, 1, 2, 1, 1, 4, 1, 1, 2, 1)[number % 10]


def variant_code(number: int, place: int = 0) -> str:
    """The barcode of a product's variant."""
    return ean13(number * _MOST_VARIANTS + place)


def variant_id_of(number: int, place: int = 0) -> VariantId:
    """The id of a product's variant."""
    return VariantId(derived_id(_SEED, number * (_MOST_VARIANTS + 1) + 1 + place))


def price_of(number: int) -> int:
    """The price of a product in minor units: 2.49 to 399.99, cheap ones more often."""
    base = number_of("price", number) % 20_000
    return (249 + base * base // 10_000) // 10 * 10 + 9


def product_row(number: int) -> ProductRow:
    """A product with what a shop says of one; a fiftieth are drafts."""
    look, stuff, thing = words_of(number)
    return ProductRow(
        product_id=ProductId(derived_id(_SEED, number * (_MOST_VARIANTS + 1))),
        handle=f"{look}-{stuff}-{thing}".lower(),
        title=f"{look} {stuff} {thing}",
        description_html=(
            f"<p>A {look.lower()} {thing.lower()} of {stuff.lower()}. Made to last, easy to care"
            " for, and sent in packaging without plastic.</p>"
        ),
        vendor=chosen(MAKERS, "maker", number),
        product_type=thing,
        tags=(stuff.lower(), look.lower()),
        status=ProductStatus.DRAFT if number % 50 == 49 else ProductStatus.ACTIVE,
        option_names=("Colour", "Size") if variants_of(number) > 1 else ("Title",),
        extra={},
        import_id=None,
        created_at=OPENING,
        updated_at=OPENING,
    )


def variant_row(product: ProductRow, number: int, place: int) -> VariantRow:
    """One variant; those of a product differ in colour and size."""
    is_one_of_many = variants_of(number) > 1
    values = (chosen(COLOURS, "colour", number, place // 2), SIZES[place]) if is_one_of_many else ()
    title = variant_title(values)
    sku = f"{product.vendor[:3]}-{product.product_type[:3]}-{number:06d}-{place}".upper()
    code = variant_code(number, place)
    return VariantRow(
        variant_id=variant_id_of(number, place),
        product_id=product.product_id,
        position=place,
        title=title,
        option_values=values,
        sku=sku,
        price_amount=price_of(number),
        compare_at_amount=None,
        cost_amount=price_of(number) // 2,
        tax_code="standard",
        unit_code="piece",
        weight_grams=number_of("weight", number) % 4_000,
        is_stock_tracked=True,
        allows_oversell=False,
        requires_shipping=True,
        is_active=True,
        search_text=search_text(
            product.title, title, sku=sku, barcodes=(code,), vendor=product.vendor
        ),
        extra={},
    )
