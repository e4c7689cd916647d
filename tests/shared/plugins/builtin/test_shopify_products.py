"""Shopify's product CSV becomes products: headers, options, pictures, and what is kept."""

from dataclasses import replace
from decimal import Decimal

import pytest

from shared.plugins.builtin.shopify_products import ShopifyProducts
from shared.plugins.points.importer import MediaDraft, ProductDraft, VariantDraft
from tests.shared.plugins.builtin.shops import CLASSIC, CURRENT, MUG, SHIRT, only, outcome
from tests.shared.plugins.reading import lines, read, table

FULL = ProductDraft(
    handle="tee",
    title="Tee",
    description_html='<p class="x">Soft &amp; warm</p>',
    vendor="Hearth",
    product_type="Clothing",
    tags=("cotton", "summer"),
    status="active",
    option_names=("Colour", "Size"),
    variants=(
        VariantDraft(
            option_values=("Navy", "S"),
            sku="TEE-N-S",
            barcode="9521000700017",
            price_amount=1600,
            compare_at_amount=1900,
            cost_amount=680,
            weight_grams=140,
            is_stock_tracked=True,
            on_hand_qty=9,
            allows_oversell=False,
            is_taxable=True,
            tax_code="standard",
            requires_shipping=True,
            image_url="https://example.org/navy.jpg",
            extra={},
            source_row=2,
        ),
        VariantDraft(
            option_values=("Navy", "M"),
            sku="TEE-N-M",
            barcode=None,
            price_amount=1650,
            compare_at_amount=None,
            cost_amount=None,
            weight_grams=None,
            is_stock_tracked=True,
            on_hand_qty=-2,
            allows_oversell=True,
            is_taxable=False,
            tax_code=None,
            requires_shipping=False,
            image_url=None,
            extra={},
            source_row=3,
        ),
    ),
    media=(
        MediaDraft("https://example.org/front.jpg", 1, "Front"),
        MediaDraft("https://example.org/back.jpg", 2, "Back"),
    ),
    extra={"Gift Card": "FALSE"},
    source_rows=(2, 3, 4),
)
CLASSIC_FULL = (
    {
        "Handle": "tee",
        "Title": "Tee",
        "Body (HTML)": '<p class="x">Soft &amp; warm</p>',
        "Vendor": "Hearth",
        "Type": "Clothing",
        "Tags": "cotton, summer, cotton",
        "Option1 Name": "Colour",
        "Option1 Value": "Navy",
        "Option2 Name": "Size",
        "Option2 Value": "S",
        "Variant SKU": "TEE-N-S",
        "Variant Grams": "140",
        "Variant Inventory Tracker": "shopify",
        "Variant Inventory Qty": "9",
        "Variant Inventory Policy": "deny",
        "Variant Price": "16.00",
        "Variant Compare At Price": "19.00",
        "Variant Requires Shipping": "true",
        "Variant Taxable": "true",
        "Variant Barcode": "'9521000700017",
        "Image Src": "https://example.org/front.jpg",
        "Image Position": "1",
        "Image Alt Text": "Front",
        "Gift Card": "FALSE",
        "Variant Image": "https://example.org/navy.jpg",
        "Variant Tax Code": "standard",
        "Cost per item": "6.80",
        "Status": "active",
    },
    {
        "Handle": "tee",
        "Option1 Value": "Navy",
        "Option2 Value": "M",
        "Variant SKU": "TEE-N-M",
        "Variant Inventory Tracker": "shopify",
        "Variant Inventory Qty": "-2",
        "Variant Inventory Policy": "continue",
        "Variant Price": "16.50",
        "Variant Requires Shipping": "false",
        "Variant Taxable": "false",
    },
    {
        "Handle": "tee",
        "Image Src": "https://example.org/back.jpg",
        "Image Position": "2",
        "Image Alt Text": "Back",
    },
)
RENAMED = {
    "Handle": "URL handle",
    "Body (HTML)": "Description",
    "Option1 Name": "Option1 name",
    "Option1 Value": "Option1 value",
    "Option2 Name": "Option2 name",
    "Option2 Value": "Option2 value",
    "Variant SKU": "SKU",
    "Variant Grams": "Weight value (grams)",
    "Variant Inventory Tracker": "Inventory tracker",
    "Variant Inventory Qty": "Inventory quantity",
    "Variant Inventory Policy": "Continue selling when out of stock",
    "Variant Price": "Price",
    "Variant Compare At Price": "Compare-at price",
    "Variant Requires Shipping": "Requires shipping",
    "Variant Taxable": "Charge tax",
    "Variant Barcode": "Barcode",
    "Image Src": "Product image URL",
    "Image Position": "Image position",
    "Image Alt Text": "Image alt text",
    "Gift Card": "Gift card",
    "Variant Image": "Variant image URL",
    "Variant Tax Code": "Tax code",
}


def test_a_full_product_is_read_from_classic_headers() -> None:
    found = outcome(*CLASSIC_FULL)

    assert found.products == [FULL]
    assert found.totals.source_total == found.totals.imported_total == Decimal("32.50")
    assert found.remarks == []


def test_the_same_product_is_read_from_current_headers() -> None:
    rows = [{RENAMED.get(key, key): cell for key, cell in row.items()} for row in CLASSIC_FULL]

    found = read(ShopifyProducts(), table(CURRENT, *rows))

    assert found.products == [replace(FULL, extra={"Gift card": "FALSE"})]


def test_case_and_spaces_of_headers_do_not_matter() -> None:
    header = [f" {name.upper().replace(' ', '  ')} " for name in CLASSIC]
    rows = [[row.get(name, "") for name in CLASSIC] for row in CLASSIC_FULL]

    found = read(ShopifyProducts(), lines([header, *rows]))

    assert found.products == [replace(FULL, extra={"GIFT  CARD": "FALSE"})]


def test_a_plain_product_has_no_options() -> None:
    for first in ("Default Title", "", "default title"):
        product = only(MUG | {"Option1 Value": first})
        assert product.option_names == ()
        assert product.variants[0].option_values == ()


def test_title_may_be_the_name_of_a_real_option() -> None:
    product = only(
        MUG | {"Option1 Value": "Doctor"},
        {"Handle": "mug", "Option1 Value": "Professor", "Variant Price": "7"},
    )

    assert product.option_names == ("Title",)
    assert [variant.option_values for variant in product.variants] == [("Doctor",), ("Professor",)]


def test_defaults_stand_where_cells_are_blank() -> None:
    variant = only(MUG).variants[0]

    assert variant == VariantDraft(
        option_values=(),
        sku=None,
        barcode=None,
        price_amount=675,
        compare_at_amount=None,
        cost_amount=None,
        weight_grams=None,
        is_stock_tracked=False,
        on_hand_qty=0,
        allows_oversell=False,
        is_taxable=True,
        tax_code=None,
        requires_shipping=True,
        image_url=None,
        extra={},
        source_row=2,
    )


def test_a_title_that_is_repeated_on_every_row_is_one_product_still() -> None:
    rows = [SHIRT | {"Option1 Value": size} for size in "SML"]

    assert len(only(*rows).variants) == 3


def test_stock_of_an_untracked_variant_is_carried_along() -> None:
    variant = only(MUG | {"Variant Inventory Qty": "5"}).variants[0]

    assert (variant.is_stock_tracked, variant.on_hand_qty) == (False, 5)


def test_without_a_tracker_column_a_quantity_means_tracked() -> None:
    header = ("Handle", "Title", "Variant Price", "Variant Inventory Qty")
    found = read(
        ShopifyProducts(),
        lines([header, ["mug", "Mug", "6.75", "5"], ["pot", "Pot", "9", ""]]),
    )

    assert [each.variants[0].is_stock_tracked for each in found.products] == [True, False]


def test_another_tracker_is_kept_by_name() -> None:
    variant = only(MUG | {"Variant Inventory Tracker": "shipwire"}).variants[0]

    assert variant.is_stock_tracked
    assert variant.extra == {"Variant Inventory Tracker": "shipwire"}


@pytest.mark.parametrize(
    ("change", "state"),
    [
        ({"Status": "active"}, "active"),
        ({"Status": "Draft"}, "draft"),
        ({"Status": "ARCHIVED"}, "archived"),
        ({"Status": "", "Published": "false"}, "active"),
        ({"Status": "unlisted"}, "draft"),
    ],
)
def test_the_status_column_decides(change: dict[str, str], state: str) -> None:
    assert only(MUG | change).status == state


def test_in_files_without_a_status_column_what_is_hidden_is_a_draft() -> None:
    header = ("Handle", "Title", "Published", "Variant Price")
    rows = [["a", "A", "false", "1"], ["b", "B", "TRUE", "1"], ["c", "C", "", "1"]]

    found = read(ShopifyProducts(), lines([header, *rows]))

    assert [product.status for product in found.products] == ["draft", "active", "active"]


def test_columns_that_are_not_known_are_kept_where_they_belong() -> None:
    header = (*CLASSIC, "Price / EU", "Colour (product.metafields.shopify.color)", "")
    found = read(
        ShopifyProducts(),
        table(
            header,
            SHIRT
            | {
                "Option1 Value": "S",
                "Price / EU": "18",
                "Colour (product.metafields.shopify.color)": "blue",
                "": "stray",
                "Variant Weight Unit": "kg",
            },
            {"Handle": "shirt", "Option1 Value": "M", "Variant Price": "17", "Price / EU": "19"},
        ),
    )

    (product,) = found.products
    assert product.extra == {"Colour (product.metafields.shopify.color)": "blue", "#36": "stray"}
    assert product.variants[0].extra == {"Price / EU": "18", "Variant Weight Unit": "kg"}
    assert product.variants[1].extra == {"Price / EU": "19"}
    assert found.totals.source_total == Decimal("33.00")


def test_pictures_are_ordered_by_position_and_taken_once() -> None:
    def picture(url: str, position: str) -> dict[str, str]:
        return {"Handle": "mug", "Image Src": f"https://x.org/{url}", "Image Position": position}

    product = only(
        MUG | picture("c", "3"), picture("d", ""), picture("a", "1"), picture("a", "4"),
        picture("b", "1"),
    )  # fmt: skip

    assert [(media.url[-1], media.position) for media in product.media] == [
        ("a", 1),
        ("b", 2),
        ("c", 3),
        ("d", 4),
    ]


def test_what_is_no_picture_address_is_left_out_and_remarked() -> None:
    found = outcome(MUG | {"Image Src": "file:///etc/passwd", "Variant Image": "photo.jpg"})

    assert found.products[0].media == ()
    assert found.products[0].variants[0].image_url is None
    assert found.remarked == [(2, "import_image_skipped"), (2, "import_image_skipped")]


def test_a_row_that_adds_nothing_is_remarked() -> None:
    found = outcome(MUG, {"Handle": "mug"})

    assert found.products[0].source_rows == (2, 3)
    assert found.remarked == [(3, "import_row_without_content")]


def test_shields_against_formulas_are_taken_off_and_apostrophes_of_words_are_not() -> None:
    product = only(
        MUG
        | {
            "Title": "'Tis the season",
            "Vendor": "'=Evil & Sons",
            "Variant SKU": "'00012",
            "Variant Barcode": "'9521000700017",
            "Variant Price": "'6.75",
            "Variant Inventory Qty": "'4",
        }
    )

    assert product.title == "'Tis the season"
    assert product.vendor == "=Evil & Sons"
    variant = product.variants[0]
    assert (variant.sku, variant.barcode) == ("00012", "9521000700017")
    assert (variant.price_amount, variant.on_hand_qty) == (675, 4)


def test_a_missing_handle_is_made_from_the_title() -> None:
    found = outcome(
        MUG | {"Handle": "", "Title": "Blue Mug (large)"},
        MUG | {"Handle": "", "Title": "كوب أزرق"},
    )

    assert [product.handle for product in found.products] == ["blue-mug-large", "كوب-أزرق"]
    assert found.remarked == [(2, "import_handle_made"), (3, "import_handle_made")]


def test_a_handle_unfit_for_an_address_is_changed_and_remarked() -> None:
    found = outcome(MUG | {"Handle": "Blue Mug/../x"}, MUG | {"Handle": "blue--mug_2"})

    assert [product.handle for product in found.products] == ["blue-mug-x", "blue--mug_2"]
    assert found.remarked == [(2, "import_handle_changed")]


def test_a_file_without_a_handle_column_is_read() -> None:
    found = read(ShopifyProducts(), "Title,Price\nMug,6.75\nPot,9\n")

    assert [product.handle for product in found.products] == ["mug", "pot"]


@pytest.mark.parametrize(
    ("text", "amount"),
    [("6.75", 675), ("£6.75", 675), ("1,234.50", 123450), ("0", 0), ("6", 600), ("6.750", 675)],
)
def test_prices_are_read_as_people_write_them(text: str, amount: int) -> None:
    assert only(MUG | {"Variant Price": text}).variants[0].price_amount == amount


def test_weights_are_rounded_to_grams_and_remarked() -> None:
    found = outcome(MUG | {"Variant Grams": "453.5"}, MUG | {"Handle": "b", "Variant Grams": "0.0"})

    assert [product.variants[0].weight_grams for product in found.products] == [454, 0]
    assert found.remarked == [(2, "import_weight_rounded")]


def test_control_characters_never_reach_a_receipt() -> None:
    found = outcome(MUG | {"Title": "Mug\x1bE", "Vendor": "old\ufffd"})

    assert found.products[0].title == "MugE"
    assert sorted(found.remarked) == [(2, "import_controls_removed"), (2, "import_text_damaged")]


def test_html_is_kept_as_it_is() -> None:
    html = '<h6>Description</h6>\n<script>alert("x")</script>\n' + "é" * 1000

    assert only(MUG | {"Body (HTML)": html}).description_html == html


def test_detection_tells_product_files_from_others() -> None:
    importer = ShopifyProducts()

    assert importer.detect(CLASSIC) == importer.detect(CURRENT) == 100
    assert importer.detect(["Title", "Price"]) == 60
    assert importer.detect(["Name", "Email", "Lineitem price", "Lineitem sku"]) == 0
    assert importer.detect(["ID", "Type", "SKU", "Name", "Regular price"]) == 0
