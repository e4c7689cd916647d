"""Products as an imported file has them; names repeat, so that imports change each other's."""

from random import Random

from shared.catalog.commands import ImportProducts
from shared.kernel.ids import ImportId, LocationId
from shared.plugins.points.importer import ProductDraft, VariantDraft


def imported_products(
    import_id: ImportId, location_id: LocationId, chance: Random
) -> ImportProducts:
    """One batch of a few products."""
    handles = sorted(chance.sample(range(6), chance.randint(1, 4)))
    return ImportProducts(
        import_id=import_id,
        location_id=location_id,
        products=tuple(_product(f"imported-{handle}", chance) for handle in handles),
    )


def _product(handle: str, chance: Random) -> ProductDraft:
    return ProductDraft(
        handle=handle,
        title=f"{handle} {chance.randrange(9)}",
        description_html="",
        vendor="Acme",
        product_type="",
        tags=(),
        status="active",
        option_names=(),
        variants=(_variant(handle.upper(), chance),),
        media=(),
        extra={},
        source_rows=(2,),
    )


def _variant(sku: str, chance: Random) -> VariantDraft:
    return VariantDraft(
        option_values=(),
        sku=sku,
        barcode=None,
        price_amount=chance.randrange(100, 900),
        compare_at_amount=None,
        cost_amount=None,
        weight_grams=100,
        is_stock_tracked=True,
        on_hand_qty=chance.randrange(40),
        allows_oversell=False,
        is_taxable=True,
        tax_code=None,
        requires_shipping=True,
        image_url=None,
        extra={},
        source_row=2,
    )
