"""The first fill from one file: the same rows as by pages, for the right device, whole or not."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from desktop.database import Durability, is_sound, open_engine
from desktop.files import make_replica
from desktop.sync.bootstrap import BootstrapPlace, require_genuine, unpack
from migrations.replica import schema_fingerprint
from shared.catalog.commands import CreateProduct, VariantSpec
from shared.inventory.commands import AdjustStock, StockReason
from shared.kernel.context import Station
from shared.kernel.errors import Bug, Rejected, Unavailable
from shared.kernel.ids import ProductId, TenantId, VariantId, new_id
from shared.organization.commands import Workspace
from shared.pricing.commands import SetTaxRate
from shared.storage.base import tables_in_order
from shared.storage.images import all_values, image_table
from shared.sync.apply import apply_page, held_digests, recount_confirmed
from shared.sync.cursor import Cursor
from shared.sync.protocol.bootstrap import BootstrapFile, BootstrapOffer, BootstrapState
from shared.sync.rebase import Place
from shared.sync.replica import ReplicaState
from shared.sync.scopes import scopes_for
from sync_server.auth.tokens import Identity
from sync_server.bootstrap_files import file_name, public_text, shelf_of, signing_key
from sync_server.jobs.bootstrap import FILES_KEPT, build
from sync_server.objects import FolderStore
from sync_server.sync.bootstrap import Bootstraps
from sync_server.tenancy import first_secret
from tests.sync_server.devices import Device, Site, customer, read

KEY = bytes(range(32))
OFFICE = scopes_for(Workspace.MERCHANT, None, None)


@pytest.fixture
def objects(tmp_path: Path) -> FolderStore:
    return FolderStore(tmp_path / "objects")


@pytest.fixture
def shop(site: Site) -> Site:
    """A site with products, stock at both locations and customers."""
    site.run(SetTaxRate(code="standard", name="19 %", rate_ppm=190_000))
    for number in range(30):
        variant_id = VariantId(new_id())
        site.run(
            CreateProduct(
                product_id=ProductId(new_id()),
                title=f"Müslischale {number}",
                variants=(
                    VariantSpec(
                        variant_id=variant_id,
                        option_values=(),
                        sku=f"S-{number}",
                        price_amount=100 + number,
                        tax_code="standard",
                        barcodes=(f"40000{number:03d}",),
                    ),
                ),
            ),
            *(
                AdjustStock(
                    variant_id=variant_id,
                    location_id=location_id,
                    delta_qty=number + 1,
                    reason=StockReason.RECEIVED,
                )
                for location_id in site.location_ids
            ),
            customer(f"Ada {number}"),
        )
    return site


def made(shop: Site, objects: FolderStore, scopes: Sequence[str] = OFFICE) -> BootstrapFile:
    """A file of the shop as it is now."""
    database, clock = shop.server.database, shop.server.clock
    file = build(database, objects, clock, tenant_id=shop.tenant_id, scopes=scopes)
    assert file is not None
    return file


def place_of(shop: Site, folder: Path, scopes: Sequence[str] = OFFICE) -> BootstrapPlace:
    """Where a device of the shop unpacks a file."""
    with shop.server.database.control() as connection:
        told = public_text(signing_key(first_secret(connection)))
    return BootstrapPlace(
        part=folder / "bootstrap.part",
        sealed=folder / "bootstrap.db",
        key=KEY,
        signing_key=base64.b64decode(told),
        tenant_id=shop.tenant_id,
        scopes=tuple(scopes),
    )


def unpacked(objects: FolderStore, file: BootstrapFile, place: BootstrapPlace) -> sa.Connection:
    """The replica that a device makes of the file."""
    packed = objects.open(file_name(file))
    assert packed is not None
    with packed:
        place.part.write_bytes(packed.read())
    require_genuine(file, place)
    unpack(file, place)
    return open_engine(place.sealed, KEY, Durability.NORMAL).connect()


def filled_by_pages(shop: Site, device: Device, path: Path) -> sa.Connection:
    """The replica of a device that pulled from the start."""
    connection = open_engine(path, KEY, Durability.NORMAL).connect()
    make_replica(connection)
    page = device.pull(limit=20_000)
    where = Place(tenant_id=shop.tenant_id, station=Station(device_id=device.device_id))
    state = ReplicaState(device_id=device.device_id, incarnation=1)
    with connection.begin():
        applied = apply_page(connection, page, state=state, pending=[], place=where)
    assert applied.mismatches == ()
    return connection


def rows_of(connection: sa.Connection) -> dict[str, list[tuple[object, ...]]]:
    """All rows of all tables, and what the search finds."""
    found = {
        table.name: sorted(all_values(connection, image_table(table.name)), key=repr)
        for table in tables_in_order()
    }
    hits = connection.exec_driver_sql(
        "SELECT sku FROM variant_search JOIN variant ON variant.rowid = variant_search.rowid"
        " WHERE variant_search MATCH 'musli*' ORDER BY sku"
    )
    return found | {"search": [tuple(row) for row in hits]}


@pytest.mark.parametrize("workspace", [Workspace.MERCHANT, Workspace.KIOSK])
def test_a_file_holds_the_very_rows_that_pages_bring(
    shop: Site, objects: FolderStore, tmp_path: Path, *, workspace: Workspace
) -> None:
    device = shop.device(workspace)
    is_till = workspace is Workspace.KIOSK
    scopes = scopes_for(
        workspace,
        shop.location_ids[0] if is_till else None,
        shop.register_ids[0] if is_till else None,
    )
    file = made(shop, objects, scopes)

    by_file = unpacked(objects, file, place_of(shop, tmp_path, scopes))
    by_pages = filled_by_pages(shop, device, tmp_path / "pages.db")

    assert is_sound(by_file)
    by_file.rollback()
    assert rows_of(by_file) == rows_of(by_pages)
    assert len(rows_of(by_file)["search"]) == 30
    assert held_digests(by_file) == recount_confirmed(by_file) == held_digests(by_pages)
    assert file.cursor == device.pull(limit=20_000).to_cursor
    by_file.close()
    by_pages.close()


def test_what_comes_after_the_file_comes_by_pages(
    shop: Site, objects: FolderStore, tmp_path: Path
) -> None:
    device = shop.device()
    file = made(shop, objects)
    shop.run(customer("Zoe"))
    connection = unpacked(objects, file, place_of(shop, tmp_path))
    state = ReplicaState(
        device_id=device.device_id, incarnation=1, cursor=Cursor.parse(file.cursor)
    )
    where = Place(tenant_id=shop.tenant_id, station=Station(device_id=device.device_id))

    with connection.begin():
        applied = apply_page(
            connection, device.pull(file.cursor), state=state, pending=[], place=where
        )

    assert applied.mismatches == ()
    assert applied.state.is_filled
    names = connection.exec_driver_sql("SELECT name FROM customer WHERE name = 'Zoe'").all()
    assert len(names) == 1
    connection.close()


def test_a_file_is_not_made_of_rows_that_differ_from_the_digests(
    shop: Site, objects: FolderStore
) -> None:
    with shop.server.database.tenant_session(shop.tenant_id) as connection:
        connection.exec_driver_sql("UPDATE customer SET name = 'Eve' WHERE name = 'Ada 3'")

    with pytest.raises(Bug, match="customer"):
        made(shop, objects)

    assert objects.names("bootstrap/") == []


def test_older_files_are_forgotten_but_not_the_one_before(shop: Site, objects: FolderStore) -> None:
    files = []
    for number in range(FILES_KEPT + 2):
        shop.run(customer(f"Late {number}"))
        files.append(made(shop, objects))

    kept = [file_name(file) for file in files[-FILES_KEPT:]]
    shelf = shelf_of(shop.tenant_id, OFFICE, schema_fingerprint())
    assert [name for name in objects.names(shelf) if name.endswith(".zst")] == kept


# -- what a device accepts -----------------------------------------------------------------------


def test_a_changed_byte_is_noticed_and_leaves_nothing(
    shop: Site, objects: FolderStore, tmp_path: Path
) -> None:
    file, place = made(shop, objects), place_of(shop, tmp_path)
    packed = objects.open(file_name(file))
    assert packed is not None
    with packed:
        whole = bytearray(packed.read())
    for position in range(0, len(whole), max(1, len(whole) // 25)):
        broken = bytearray(whole)
        broken[position] ^= 1
        place.part.write_bytes(broken)
        with pytest.raises(Unavailable, match="bootstrap_damaged"):
            unpack(file, place)
        assert not place.sealed.exists()
        assert not place.part.exists()


def test_a_file_of_another_shop_or_signed_by_somebody_else_is_refused(
    shop: Site, objects: FolderStore, tmp_path: Path
) -> None:
    file, place = made(shop, objects), place_of(shop, tmp_path)
    require_genuine(file, place)

    for forged, where in (
        (replace(file, row_count=1), place),
        (replace(file, sha256="0" * 64), place),
        (replace(file, signature="?"), place),
        (file, replace(place, tenant_id=TenantId(new_id()))),
        (file, replace(place, scopes=("tenant",))),
        (file, replace(place, signing_key=bytes(32))),
    ):
        with pytest.raises(Unavailable, match="bootstrap_damaged"):
            require_genuine(forged, where)


# -- what the server offers ----------------------------------------------------------------------


@dataclass
class Asked:
    """Takes orders for files and remembers them."""

    orders: list[tuple[TenantId, tuple[str, ...]]] = field(default_factory=list)

    def take(self, tenant_id: TenantId, scopes: Sequence[str]) -> None:
        self.orders.append((tenant_id, tuple(scopes)))


@pytest.fixture
def asked() -> Asked:
    return Asked()


@pytest.fixture
def bootstraps(shop: Site, objects: FolderStore, asked: Asked) -> Bootstraps:
    database, clock = shop.server.database, shop.server.clock
    return Bootstraps(database, clock, objects, ask_for=asked.take, fewest_rows=1)


def identity_of(device: Device) -> Identity:
    return Identity(device.tenant_id, device.device_id, device.clock.now())


def test_a_small_shop_and_another_release_go_by_pages(shop: Site, bootstraps: Bootstraps) -> None:
    device = shop.device()
    small = replace(bootstraps, fewest_rows=100_000)

    offers = [
        small.offer(identity_of(device), schema=schema_fingerprint()),
        bootstraps.offer(identity_of(device), schema="of another release"),
    ]

    assert [offer.state for offer in offers] == [BootstrapState.BY_PAGES] * 2


def test_a_missing_file_is_asked_for_and_offered_when_it_is_there(
    shop: Site, bootstraps: Bootstraps, objects: FolderStore, *, asked: Asked
) -> None:
    device = shop.device()
    device.push(customer("Mine"))

    first = bootstraps.offer(identity_of(device), schema=schema_fingerprint())
    file = made(shop, objects)
    second = bootstraps.offer(identity_of(device), schema=schema_fingerprint())

    assert first.state is BootstrapState.BUILDING
    assert first.wait_seconds > 0
    assert asked.orders == [(shop.tenant_id, OFFICE)]
    assert second.state is BootstrapState.READY
    assert second.file == file
    assert second.acked_seq == 1
    with bootstraps.open(identity_of(device), cursor=file.cursor) as opened:
        assert len(opened.read()) == file.size_bytes


def test_an_old_file_is_still_offered_while_a_new_one_is_asked_for(
    shop: Site, bootstraps: Bootstraps, objects: FolderStore, *, asked: Asked
) -> None:
    device = shop.device()
    file = made(shop, objects)
    for number in range(30):
        shop.run(customer(f"Late {number}"))

    offer = bootstraps.offer(identity_of(device), schema=schema_fingerprint())

    assert offer.file == file
    assert asked.orders == [(shop.tenant_id, OFFICE)]


def test_a_till_gets_no_file_of_the_back_office(
    shop: Site, bootstraps: Bootstraps, objects: FolderStore
) -> None:
    file, till = made(shop, objects), shop.device(Workspace.KIOSK)

    with pytest.raises(Rejected, match="bootstrap_gone"):
        bootstraps.open(identity_of(till), cursor=file.cursor)


def test_the_addresses_answer_only_with_a_token_and_never_with_anothers_file(shop: Site) -> None:
    device = shop.device()
    offered = shop.client.get("/sync/v1/bootstrap", params={"schema": "x"}, headers=device.headers)
    gone = shop.client.get(
        "/sync/v1/bootstrap/file", params={"cursor": "1.1"}, headers=device.headers
    )
    for path in ("/sync/v1/bootstrap", "/sync/v1/bootstrap/file"):
        assert shop.client.get(path).status_code == 401

    assert read(offered, BootstrapOffer).state is BootstrapState.BY_PAGES
    assert gone.json()["code"] == "bootstrap_gone"
