"""What every shop of a story begins with: a store, a place, an owner, a tax rate, some products."""

from collections.abc import Iterator
from dataclasses import dataclass

from shared.catalog.commands import CreateProduct, VariantSpec
from shared.inventory.commands import AdjustStock, StockReason
from shared.kernel.ids import LocationId, ProductId, StoreId, UserId, VariantId, new_id
from shared.kernel.messages import Command
from shared.kernel.permissions import Role
from shared.organization.commands import AddLocation, AddUser, OpenStore
from shared.pricing.commands import SetTaxRate

PRODUCTS = 4


@dataclass(frozen=True)
class Premises:
    """The store, its one place and its one person, who may do everything."""

    location_id: LocationId
    owner_id: UserId
    store_id: StoreId


def opening(premises: Premises) -> Iterator[Command]:
    """The commands that found the shop; each is made when it is asked for."""
    yield OpenStore(
        store_id=premises.store_id,
        name="Corner Store",
        currency="EUR",
        country="DE",
        language="de",
        timezone="Europe/Berlin",
        is_tax_inclusive=True,
    )
    yield AddLocation(
        location_id=premises.location_id, store_id=premises.store_id, name="Main", code="MS"
    )
    yield AddUser(user_id=premises.owner_id, name="Olga", role=Role.OWNER)
    yield SetTaxRate(code="standard", name="19 %", rate_ppm=190_000)
    for number in range(PRODUCTS):
        yield from _product(premises, f"Mug {number}", price_amount=1000 + 99 * number)


def _product(premises: Premises, title: str, *, price_amount: int) -> Iterator[Command]:
    variant_id = VariantId(new_id())
    spec = VariantSpec(variant_id=variant_id, sku=title.upper(), price_amount=price_amount)
    yield CreateProduct(product_id=ProductId(new_id()), title=title, variants=(spec,))
    yield AdjustStock(
        variant_id=variant_id,
        location_id=premises.location_id,
        delta_qty=40,
        reason=StockReason.RECEIVED,
    )
