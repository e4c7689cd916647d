"""What a device that starts is offered: a file of its own rows, once there is one, or pages."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from migrations.replica import schema_fingerprint
from shared.kernel.errors import Rejected
from shared.kernel.ids import TenantId
from shared.organization.commands import Workspace
from shared.sync.protocol.bootstrap import BootstrapOffer, BootstrapState
from sync_server.auth.tokens import Identity
from sync_server.objects import FolderStore
from sync_server.sync.bootstrap import Bootstraps
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
