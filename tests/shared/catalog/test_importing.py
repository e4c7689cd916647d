"""Importing products: new, changed, unchanged, undone, and in whose way an undo stands."""

from dataclasses import replace

import pytest

from shared.catalog.commands import ChangePrice, ImportProducts
from shared.catalog.queries import by_code, product_detail, product_ids
from shared.imports.commands import FinishImport, StartImport, UndoImport
from shared.imports.queries import recent_imports
from shared.imports.tables import ImportState
from shared.inventory.queries import on_hand_by_product, stock_history
from shared.kernel.errors import Rejected
from shared.kernel.ids import ImportId, new_id
from shared.plugins.points.importer import MediaDraft, ProductDraft, VariantDraft
from tests.support.shop import Shop, empty_sqlite


@pytest.fixture
def shop() -> Shop:
    return Shop(empty_sqlite())


def variant(
    *options: str, price_amount: int = 1000, on_hand_qty: int = 4, barcode: str | None = None
) -> VariantDraft:
    return VariantDraft(
        option_values=options,
        sku="-".join(("SKU", *options)),
        barcode=barcode,
        price_amount=price_amount,
        compare_at_amount=None,
        cost_amount=None,
        weight_grams=200,
        is_stock_tracked=True,
        on_hand_qty=on_hand_qty,
        allows_oversell=False,
        is_taxable=True,
        tax_code=None,
        requires_shipping=True,
        image_url=None,
        extra={},
        source_row=2,
    )


def product(handle: str, *variants: VariantDraft, title: str = "Mug") -> ProductDraft:
    return ProductDraft(
        handle=handle,
        title=title,
        description_html="<p>Big</p>",
        vendor="Acme",
        product_type="Kitchen",
        tags=("blue",),
        status="active",
        option_names=("Color",) if variants and variants[0].option_values else (),
        variants=variants or (variant(),),
        media=(MediaDraft("https://example.com/mug.jpg", 1, "A mug"),),
        extra={"Google Shopping / MPN": "77"},
        source_rows=(2,),
    )


def run_import(shop: Shop, *products: ProductDraft) -> ImportId:
    import_id = ImportId(new_id())
    shop.do(
        StartImport(
            import_id=import_id, importer="shopify_products", file_name="p.csv", currency="EUR"
        )
    )
    shop.do(ImportProducts(import_id=import_id, location_id=shop.location_id, products=products))
    shop.do(
        FinishImport(
            import_id=import_id,
            rows_read=len(products),
            rows_accepted=len(products),
            rows_refused=0,
            source_total="10.00",
            imported_total="10.00",
        )
    )
    return import_id


def test_a_file_becomes_products_with_stock_barcodes_and_media(shop: Shop) -> None:
    run_import(shop, product("mug", variant("Red", barcode="4006381333931"), variant("Blue")))

    (product_id,) = shop.fetch(product_ids)
    found = shop.fetch(product_detail, product_id)
    hit = shop.fetch(by_code, "4006381333931")
    assert [row.title for row in found.variants] == ["Red", "Blue"]
    assert found.media[0].url == "https://example.com/mug.jpg"
    assert found.product.extra == {"Google Shopping / MPN": "77"}
    assert shop.fetch(on_hand_by_product, [product_id]) == {product_id: 8}
    assert hit is not None
    assert hit.variant.title == "Red"


def test_importing_the_same_file_again_changes_no_row(shop: Shop) -> None:
    run_import(shop, product("mug", variant("Red"), variant("Blue")))

    import_id = ImportId(new_id())
    shop.do(
        StartImport(
            import_id=import_id, importer="shopify_products", file_name="p.csv", currency="EUR"
        )
    )
    shop.do(
        ImportProducts(
            import_id=import_id,
            location_id=shop.location_id,
            products=(product("mug", variant("Red"), variant("Blue")),),
        )
    )

    assert shop.last_changes == ()


def test_undo_takes_new_products_away_and_brings_changed_ones_back(shop: Shop) -> None:
    run_import(shop, product("mug", variant(price_amount=1000, on_hand_qty=4)))
    (mug,) = shop.fetch(product_ids)
    second = run_import(
        shop,
        product("mug", variant(price_amount=1500, on_hand_qty=9), title="Large Mug"),
        product("tea", variant(), title="Tea"),
    )
    assert len(shop.fetch(product_ids)) == 2

    shop.do(UndoImport(import_id=second))

    found = shop.fetch(product_detail, mug)
    assert shop.fetch(product_ids) == (mug,)
    assert (found.product.title, found.variants[0].price_amount) == ("Mug", 1000)
    assert shop.fetch(on_hand_by_product, [mug]) == {mug: 4}
    history = shop.fetch(stock_history, found.variants[0].variant_id)
    assert sum(entry.qty for entry in history) == 4
    assert shop.fetch(recent_imports)[0].state is ImportState.UNDONE


def test_an_undo_stops_before_later_work_and_changes_nothing(shop: Shop) -> None:
    import_id = run_import(shop, product("mug", variant()), product("tea", title="Tea"))
    mug = shop.fetch(by_code, "SKU")
    assert mug is not None
    shop.do(ChangePrice(variant_id=mug.variant.variant_id, price_amount=777))

    with pytest.raises(Rejected) as refused:
        shop.do(UndoImport(import_id=import_id))

    assert refused.value.code == "import_rows_changed_since"
    assert refused.value.params["count"] == 1
    assert refused.value.params["name"] == "SKU"
    assert len(shop.fetch(product_ids)) == 2


def test_a_barcode_in_use_stays_with_its_holder(shop: Shop) -> None:
    run_import(shop, product("mug", variant(barcode="4006381333931")))
    run_import(shop, product("tea", variant(barcode="4006381333931"), title="Tea"))

    hit = shop.fetch(by_code, "4006381333931")

    assert hit is not None
    assert hit.variant.product_title == "Mug"


def test_a_batch_needs_a_running_import(shop: Shop) -> None:
    import_id = run_import(shop, product("mug"))

    with pytest.raises(Rejected) as refused:
        shop.do(
            ImportProducts(
                import_id=import_id, location_id=None, products=(product("tea", title="Tea"),)
            )
        )

    assert refused.value.code == "import_not_running"


def test_one_bad_product_refuses_the_whole_batch(shop: Shop) -> None:
    bad = replace(product("bad"), title=" ")

    with pytest.raises(Rejected) as refused:
        run_import(shop, product("mug"), bad)

    assert refused.value.code == "title_missing"
    assert shop.fetch(product_ids) == ()
