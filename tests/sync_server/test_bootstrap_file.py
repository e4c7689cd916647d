"""The file that devices start from: the very rows that pages bring, and nothing that was forged."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from desktop.database import Durability, is_sound, open_engine
from desktop.replica_schema import make_replica
from desktop.sync.bootstrap import require_genuine
from desktop.sync.unpacking import part_cipher, unpack
from migrations.replica import schema_fingerprint
from shared.kernel.context import Station
from shared.kernel.errors import Bug, Unavailable
from shared.kernel.ids import TenantId, new_id
from shared.organization.commands import Workspace
from shared.storage.base import tables_in_order
from shared.storage.images import all_values, image_table
from shared.sync.apply import add_rows, apply_page, held_digests
from shared.sync.confirmed import recounted
from shared.sync.cursor import Cursor
from shared.sync.rebase import Place
from shared.sync.replica import ReplicaState
from shared.sync.scopes import scopes_for, shareable
from sync_server.bootstrap_files import file_name, shelf_of
from sync_server.jobs.bootstrap import FILES_KEPT
from sync_server.jobs.compaction import compact
from sync_server.objects import FolderStore
from tests.sync_server.devices import Device, Site, customer
from tests.sync_server.filled_shop import (
    KEY,
    OFFICE,
    add_shifts,
    made,
    offered,
    place_of,
    stir,
    stock_up,
    tenant_only,
    unpacked,
)


@pytest.fixture
def objects(tmp_path: Path) -> FolderStore:
    return FolderStore(tmp_path / "objects")


@pytest.fixture
def shop(site: Site) -> Site:
    return stock_up(site)


Share = Callable[[Sequence[str]], tuple[str, ...]]


def scopes_of(shop: Site, workspace: Workspace) -> tuple[str, ...]:
    """What a device of the first location holds."""
    is_office, is_till = workspace is Workspace.MERCHANT, workspace is Workspace.KIOSK
    return scopes_for(
        workspace,
        None if is_office else shop.location_ids[0],
        shop.register_ids[0] if is_till else None,
    )


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


@pytest.mark.parametrize(
    ("workspace", "share"),
    [
        (Workspace.MERCHANT, shareable),
        (Workspace.FULFILLMENT, shareable),
        (Workspace.KIOSK, shareable),
        (Workspace.KIOSK, tenant_only),
    ],
)
def test_a_file_and_what_comes_beside_it_are_the_very_rows_that_pages_bring(
    shop: Site, objects: FolderStore, tmp_path: Path, *, workspace: Workspace, share: Share
) -> None:
    device = shop.device(workspace)
    scopes = scopes_of(shop, workspace)
    stir(shop, add_shifts(shop))
    file = made(shop, objects, share(scopes))
    offer = offered(shop, objects, device, share=share)

    assert offer.file == file
    assert bool(offer.beside) == (share is tenant_only)
    by_file = unpacked(objects, file, place_of(shop, tmp_path, scopes))
    assert is_sound(by_file)
    by_file.rollback()
    with by_file.begin():
        add_rows(by_file, offer.beside)
    by_pages = filled_by_pages(shop, device, tmp_path / "pages.db")

    assert rows_of(by_file) == rows_of(by_pages)
    assert len(rows_of(by_file)["search"]) == 30
    assert held_digests(by_file) == recounted(by_file) == held_digests(by_pages)
    assert file.cursor == device.pull(limit=20_000).to_cursor
    by_file.close()
    by_pages.close()


@pytest.mark.parametrize("is_shortened", [False, True])
def test_what_changed_since_the_file_leads_to_the_same_rows_as_pages(
    shop: Site, objects: FolderStore, tmp_path: Path, *, is_shortened: bool
) -> None:
    till, scopes = shop.device(Workspace.KIOSK), scopes_of(shop, Workspace.KIOSK)
    shifts = add_shifts(shop)
    stir(shop, shifts)
    shop.device().push(customer("A command is what the log is made short up to"))
    file = made(shop, objects, tenant_only(scopes))
    shop.server.clock.advance(timedelta(days=100))
    stir(shop, shifts)
    if is_shortened:
        assert compact(shop.server.owner, shop.tenant, now=shop.server.clock.now()) > 0
    till.sign_in()
    offer = offered(shop, objects, till, share=tenant_only)
    assert offer.file == file

    by_file = unpacked(objects, file, place_of(shop, tmp_path, scopes))
    state = ReplicaState(device_id=till.device_id, incarnation=1, cursor=Cursor.parse(file.cursor))
    where = Place(tenant_id=shop.tenant_id, station=Station(device_id=till.device_id))
    with by_file.begin():
        add_rows(by_file, offer.beside)
        page = till.pull(file.cursor, limit=20_000)
        applied = apply_page(by_file, page, state=state, pending=[], place=where)
    by_pages = filled_by_pages(shop, till, tmp_path / "pages.db")

    assert applied.mismatches == ()
    assert rows_of(by_file) == rows_of(by_pages)
    assert held_digests(by_file) == recounted(by_file) == held_digests(by_pages)
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
        place.part.write_bytes(part_cipher(file, KEY, start=0).update(bytes(broken)))
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
        (file, replace(place, scopes=("tenant", "register:*"))),
        (file, replace(place, signing_key=bytes(32))),
    ):
        with pytest.raises(Unavailable, match="bootstrap_damaged"):
            require_genuine(forged, where)
