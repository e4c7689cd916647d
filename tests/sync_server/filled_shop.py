"""A shop with goods at two locations, and the file that its devices start from."""

import base64
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import sqlalchemy as sa

from desktop.database import Durability, open_engine
from desktop.sync.bootstrap import require_genuine
from desktop.sync.unpacking import BootstrapPlace, part_cipher, unpack
from migrations.replica import schema_fingerprint
from shared.catalog.commands import CreateProduct, VariantSpec
from shared.inventory.commands import AdjustStock, StockReason
from shared.kernel.ids import ProductId, ShiftId, VariantId, new_id
from shared.organization.commands import Workspace
from shared.pos.tables import ShiftRow, ShiftState
from shared.pricing.commands import SetTaxRate
from shared.sync.protocol.bootstrap import BootstrapFile, BootstrapOffer
from shared.sync.scopes import TENANT, scopes_for, shareable
from sync_server.auth.tokens import Identity
from sync_server.bootstrap_files import file_name, public_text, signing_key
from sync_server.jobs.bootstrap import build
from sync_server.objects import ObjectStore
from sync_server.sync.bootstrap import Bootstraps
from sync_server.tenancy import first_secret
from tests.sync_server.devices import Device, Site, customer

KEY = bytes(range(32))
OFFICE = scopes_for(Workspace.MERCHANT, None, None)


def stock_up(site: Site) -> Site:
    """The site with products, stock at both locations and customers."""
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


def add_shifts(site: Site) -> list[ShiftRow]:
    """Shifts of long ago at both locations: rows that belong to a location."""
    rows = [
        ShiftRow(
            shift_id=ShiftId(new_id()),
            register_id=site.register_ids[till],
            location_id=site.location_ids[till],
            state=ShiftState.CLOSED,
            opened_at=site.server.clock.now(),
            opened_by=site.cashier_id,
            opening_float_amount=number,
            closed_at=site.server.clock.now(),
            closed_by=site.cashier_id,
            z_report=None,
            note="",
        )
        for number in range(6)
        for till in (0, 1)
    ]
    with site.server.database.tenant_transaction(site.tenant_id) as unit:
        for row in rows:
            unit.rows.insert(row)
    return rows


def stir(site: Site, rows: list[ShiftRow]) -> None:
    """Change, remove and move two shifts of each location: from here to there and back."""
    first, second = site.location_ids
    with site.server.database.tenant_transaction(site.tenant_id) as unit:
        for location_id, other in ((first, second), (second, first)):
            here = [row for row in rows if row.location_id == location_id]
            changed, gone, moved = here[:3]
            unit.rows.put(replace(changed, note="counted twice"))
            unit.rows.delete(gone)
            unit.rows.put(replace(moved, location_id=other))
            for row in here[:3]:
                rows.remove(row)


def made(shop: Site, objects: ObjectStore, scopes: Sequence[str] = OFFICE) -> BootstrapFile:
    """A file of the shop as it is now."""
    database, clock = shop.server.database, shop.server.clock
    file = build(database, objects, clock, tenant_id=shop.tenant_id, scopes=scopes)
    assert file is not None
    return file


def offered(
    shop: Site,
    objects: ObjectStore,
    device: Device,
    *,
    share: Callable[[Sequence[str]], tuple[str, ...]] = shareable,
) -> BootstrapOffer:
    """What a device that starts is told, where files hold what `share` leaves of its scopes."""
    database, clock = shop.server.database, shop.server.clock
    bootstraps = Bootstraps(
        database, clock, objects, ask_for=lambda *_: True, fewest_rows=1, shareable=share
    )
    identity = Identity(device.tenant_id, device.device_id, clock.now())
    return bootstraps.offer(identity, schema=schema_fingerprint())


def tenant_only(scopes: Sequence[str]) -> tuple[str, ...]:
    """Leave even what belongs to a location out of files: then much comes beside them."""
    return tuple(scope for scope in scopes if scope == TENANT)


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


def unpacked(objects: ObjectStore, file: BootstrapFile, place: BootstrapPlace) -> sa.Connection:
    """The replica that a device makes of the file."""
    packed = objects.open(file_name(file))
    assert packed is not None
    with packed:
        place.part.write_bytes(part_cipher(file, KEY, start=0).update(packed.read()))
    require_genuine(file, place)
    unpack(file, place)
    return open_engine(place.sealed, KEY, Durability.NORMAL).connect()
