"""What a device that starts is offered: a file of its own rows, once there is one, or pages."""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import BinaryIO

import pytest
import sqlalchemy as sa

from migrations.replica import schema_fingerprint
from shared.kernel.errors import Rejected
from shared.kernel.ids import LocationId, RegisterId, TenantId, new_id
from shared.organization.commands import AddRegister, Workspace
from shared.sync.protocol.bootstrap import BootstrapOffer, BootstrapState
from shared.sync.scopes import TENANT, scopes_for, shareable
from sync_server import feed
from sync_server.auth.tokens import Identity
from sync_server.objects import FolderStore
from sync_server.schema import CHANGE_LOG
from sync_server.sync.bootstrap import MOST_BESIDE, Bootstraps
from tests.sync_server.devices import Device, Site, customer, read
from tests.sync_server.filled_shop import OFFICE, made, stock_up


@pytest.fixture
def objects(tmp_path: Path) -> FolderStore:
    return FolderStore(tmp_path / "objects")


@pytest.fixture
def shop(site: Site) -> Site:
    return stock_up(site)


@dataclass
class Asked:
    """Takes orders for files and remembers them."""

    orders: list[tuple[TenantId, tuple[str, ...]]] = field(default_factory=list)
    is_too_busy: bool = False

    def take(self, tenant_id: TenantId, scopes: Sequence[str]) -> bool:
        self.orders.append((tenant_id, tuple(scopes)))
        return not self.is_too_busy


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


def test_all_tills_of_a_location_start_from_one_file_and_those_of_another_do_not(
    shop: Site, bootstraps: Bootstraps, objects: FolderStore, *, asked: Asked
) -> None:
    here, there = shop.location_ids
    tills = [shop.device(Workspace.KIOSK), another_till(shop), shop.device(Workspace.FULFILLMENT)]
    far = shop.device(Workspace.KIOSK, till=1)
    for till in (*tills, far):
        bootstraps.offer(identity_of(till), schema=schema_fingerprint())
    assert asked.orders == [
        *[(shop.tenant_id, (TENANT, f"location:{here}"))] * 3,
        (shop.tenant_id, (TENANT, f"location:{there}")),
    ]

    file = made(shop, objects, asked.orders[0][1])
    offers = [bootstraps.offer(identity_of(till), schema=schema_fingerprint()) for till in tills]

    assert [offer.file for offer in offers] == [file] * 3
    for till in tills:
        with bootstraps.open(identity_of(till), cursor=file.cursor) as opened:
            assert len(opened.read()) == file.size_bytes
    assert bootstraps.offer(identity_of(far), schema=schema_fingerprint()).file is None
    with pytest.raises(Rejected, match="bootstrap_gone"):
        bootstraps.open(identity_of(far), cursor=file.cursor)


Entry = Mapping[str, object]


def another_till(shop: Site) -> Device:
    """A second till at the first location."""
    register_id = RegisterId(new_id())
    shop.run(
        AddRegister(register_id=register_id, location_id=shop.location_ids[0], name="B", code="B")
    )
    locations, registers = shop.location_ids, shop.register_ids
    shop.location_ids, shop.register_ids = (locations[0],) * 2, (registers[0], register_id)
    try:
        return shop.device(Workspace.KIOSK, till=1)
    finally:
        shop.location_ids, shop.register_ids = locations, registers


def test_what_comes_beside_is_what_the_till_alone_held_when_the_file_was_made(
    shop: Site, bootstraps: Bootstraps, objects: FolderStore
) -> None:
    till = shop.device(Workspace.KIOSK)
    own, others = (f"register:{each}" for each in shop.register_ids)
    kept, gone, left, came = ({"key": f'["{number}"]'} for number in range(4))
    log(shop, own, put(kept, "old"), put(kept, "kept"), put(gone, "gone"), put(left, "left"))
    log(shop, TENANT, put(came, "came"))
    log(shop, others, put({"key": '["9"]'}, "another till's"))
    log(shop, own, delete(gone), delete(left), put(left, "left", TENANT))
    log(shop, TENANT, delete(came), put(came, "came", own))
    made(shop, objects, shareable(scopes_for(Workspace.KIOSK, *places(shop))))
    log(shop, own, put(kept, "later"), delete(came))

    offer = bootstraps.offer(identity_of(till), schema=schema_fingerprint())

    (changes,) = offer.beside
    assert changes.deletes == ()
    assert sorted(map(bytes, changes.puts)) == [b'"came"', b'"kept"']


def places(shop: Site) -> tuple[LocationId, RegisterId]:
    return shop.location_ids[0], shop.register_ids[0]


def put(entry: Entry, image: str, scope: str | None = None) -> Entry:
    elsewhere = {} if scope is None else {"scope": scope}
    return {**entry, **elsewhere, "op": "put", "image": f'"{image}"', "digest": 0}


def delete(entry: Entry) -> Entry:
    return {**entry, "op": "delete", "image": None, "digest": None}


def log(site: Site, scope: str, *entries: Entry) -> None:
    """Write a commit into the change log by hand: no table of today has rows of one till alone."""
    with site.server.database.tenant_transaction(site.tenant_id) as unit:
        stamp = {"tbl": "customer", "scope": scope, "seq": unit.seq}
        rows = [{**stamp, **entry, "ord": place} for place, entry in enumerate(entries)]
        unit.connection.execute(sa.insert(CHANGE_LOG), rows)
        feed.move_head(unit.connection, seq=unit.seq)


def test_a_till_with_too_many_rows_of_its_own_goes_by_pages(
    shop: Site, bootstraps: Bootstraps, objects: FolderStore, *, caplog: pytest.LogCaptureFixture
) -> None:
    till = shop.device(Workspace.KIOSK)
    made(shop, objects, shareable(scopes_for(Workspace.KIOSK, *places(shop))))
    own = f"register:{shop.register_ids[0]}"
    entries = [put({"key": f'["{number}"]'}, "x") for number in range(MOST_BESIDE + 1)]
    log(shop, own, *entries)
    shop.run(customer("Zoe"))
    made(shop, objects, shareable(scopes_for(Workspace.KIOSK, *places(shop))))

    offer = bootstraps.offer(identity_of(till), schema=schema_fingerprint())

    assert offer.state is BootstrapState.BY_PAGES
    assert "too many rows" in caplog.text


def test_a_place_that_no_file_can_have_is_no_file(shop: Site, bootstraps: Bootstraps) -> None:
    for cursor in ("1.99999999", f"1.{'9' * 300}", "0.0"):
        with pytest.raises(Rejected, match="bootstrap_gone"):
            bootstraps.open(identity_of(shop.device()), cursor=cursor)


@dataclass
class Watched(FolderStore):
    """A store that notes how many connections to the database are in use whenever it is asked."""

    folder: Path
    in_use: int = 0
    seen: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(self.folder)

    def taken(self, *_: object) -> None:
        self.in_use += 1

    def given_back(self, *_: object) -> None:
        self.in_use -= 1

    def names(self, shelf: str) -> list[str]:
        self.seen.append(self.in_use)
        return super().names(shelf)

    def open(self, name: str) -> BinaryIO | None:
        self.seen.append(self.in_use)
        return super().open(name)


def test_no_connection_is_held_while_the_object_store_is_asked(
    shop: Site, bootstraps: Bootstraps, objects: FolderStore, *, tmp_path: Path
) -> None:
    device, file = shop.device(), made(shop, objects)
    store = Watched(tmp_path / "objects")
    watched = replace(bootstraps, objects=store)
    sa.event.listen(sa.Pool, "checkout", store.taken)
    sa.event.listen(sa.Pool, "checkin", store.given_back)
    try:
        offer = watched.offer(identity_of(device), schema=schema_fingerprint())
        watched.open(identity_of(device), cursor=file.cursor).close()
    finally:
        sa.event.remove(sa.Pool, "checkout", store.taken)
        sa.event.remove(sa.Pool, "checkin", store.given_back)

    assert offer.file == file
    assert len(store.seen) >= 3
    assert set(store.seen) == {0}


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


def test_five_hundred_devices_that_start_at_once_share_one_file_and_one_look_at_the_log(
    shop: Site, bootstraps: Bootstraps, objects: FolderStore
) -> None:
    device, file = shop.device(), made(shop, objects)
    statements: list[str] = []

    def note(*seen: object) -> None:
        statements.append(str(seen[2]))

    sa.event.listen(sa.Engine, "before_cursor_execute", note)
    try:
        with ThreadPoolExecutor(8) as crowd:
            asked = [
                crowd.submit(bootstraps.offer, identity_of(device), schema=schema_fingerprint())
                for _ in range(500)
            ]
            offers = [each.result() for each in asked]
    finally:
        sa.event.remove(sa.Engine, "before_cursor_execute", note)

    assert {offer.file for offer in offers} == {file}
    looks = [each for each in statements if "change_log" in each]
    assert 1 <= len(looks) <= 8
    assert len(statements) / len(offers) < 10


def test_where_no_file_can_be_expected_the_rows_come_in_pages(
    shop: Site, bootstraps: Bootstraps, asked: Asked
) -> None:
    asked.is_too_busy = True

    offer = bootstraps.offer(identity_of(shop.device()), schema=schema_fingerprint())

    assert offer.state is BootstrapState.BY_PAGES
