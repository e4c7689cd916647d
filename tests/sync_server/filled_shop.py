"""A shop with goods at two locations, and the file that its devices start from."""

import base64
from collections.abc import Sequence
from pathlib import Path

import sqlalchemy as sa

from desktop.database import Durability, open_engine
from desktop.sync.bootstrap import require_genuine
from desktop.sync.unpacking import BootstrapPlace, part_cipher, unpack
from shared.catalog.commands import CreateProduct, VariantSpec
from shared.inventory.commands import AdjustStock, StockReason
from shared.kernel.ids import ProductId, VariantId, new_id
from shared.organization.commands import Workspace
from shared.pricing.commands import SetTaxRate
from shared.sync.protocol.bootstrap import BootstrapFile
from shared.sync.scopes import scopes_for
from sync_server.bootstrap_files import file_name, public_text, signing_key
from sync_server.jobs.bootstrap import build
from sync_server.objects import FolderStore
from sync_server.tenancy import first_secret
from tests.sync_server.devices import Site, customer

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
        place.part.write_bytes(part_cipher(file, KEY, start=0).update(packed.read()))
    require_genuine(file, place)
    unpack(file, place)
    return open_engine(place.sealed, KEY, Durability.NORMAL).connect()
