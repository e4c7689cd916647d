"""What is refused in Shopify's product CSV, what repeats, and that each row says why."""

from decimal import Decimal

import pytest

from shared.kernel.errors import Rejected
from shared.plugins.builtin.shopify_products import MAX_PRODUCT_ROWS, ShopifyProducts
from shared.plugins.builtin.shopify_rows import MAX_DESCRIPTION_CHARS, has_sound_check_digit
from tests.shared.plugins.builtin.shops import CLASSIC, MUG, SHIRT, outcome
from tests.shared.plugins.reading import lines, read


@pytest.mark.parametrize(
    ("change", "code", "money"),
    [
        ({"Handle": "", "Title": ""}, "import_handle_missing", "6.75"),
        ({"Handle": "", "Title": "!!"}, "import_handle_missing", "6.75"),
        ({"Handle": "x" * 256}, "import_text_too_long", "6.75"),
        ({"Title": ""}, "import_title_missing", "6.75"),
        ({"Title": "x" * 256}, "import_text_too_long", "6.75"),
        ({"Body (HTML)": "x" * (MAX_DESCRIPTION_CHARS + 1)}, "import_text_too_long", "6.75"),
        ({"Variant Price": ""}, "import_price_missing", None),
        ({"Variant Price": "free"}, "import_price_malformed", None),
        ({"Variant Price": "-6.75"}, "import_price_negative", "-6.75"),
        ({"Variant Price": "6.755"}, "import_price_too_precise", "6.755"),
        ({"Variant Price": "€6.75"}, "import_price_currency", None),
        ({"Variant Price": "999999999999999"}, "import_number_too_large", None),
        ({"Variant Compare At Price": "-1"}, "import_price_negative", "6.75"),
        ({"Variant Compare At Price": "x"}, "import_price_malformed", "6.75"),
        ({"Cost per item": "1.001"}, "import_price_too_precise", "6.75"),
        ({"Variant Inventory Qty": "many"}, "import_quantity_malformed", "6.75"),
        ({"Variant Inventory Qty": "1.5"}, "import_quantity_malformed", "6.75"),
        ({"Variant Grams": "heavy"}, "import_number_malformed", "6.75"),
        ({"Variant Grams": "-1"}, "import_number_negative", "6.75"),
        ({"Variant Grams": "99999999999"}, "import_number_too_large", "6.75"),
        ({"Variant Taxable": "perhaps"}, "import_boolean_malformed", "6.75"),
        ({"Variant Requires Shipping": "2"}, "import_boolean_malformed", "6.75"),
        ({"Published": "soon"}, "import_boolean_malformed", "6.75"),
        ({"Variant Inventory Policy": "sell"}, "import_choice_unknown", "6.75"),
        ({"Status": "hidden"}, "import_choice_unknown", "6.75"),
        ({"Option2 Value": "Red"}, "import_option_name_missing", "6.75"),
        ({"Option1 Name": "", "Option1 Value": "Red"}, "import_option_name_missing", "6.75"),
        ({"Option1 Name": "Size", "Option1 Value": ""}, "import_option_value_missing", "6.75"),
        ({"Variant Barcode": "x" * 256}, "import_text_too_long", "6.75"),
    ],
)
def test_a_bad_row_is_refused_for_its_own_reason(
    change: dict[str, str], code: str, money: str | None
) -> None:
    found = outcome(MUG | {"Handle": "a"}, MUG | change, MUG | {"Handle": "z"})

    assert found.refused == {3: code}
    assert [product.handle for product in found.products] == ["a", "z"]
    assert found.totals.refused_total == Decimal(money or 0)
    assert found.totals.rows_without_money == (money is None)


def test_a_product_with_a_bad_row_is_refused_whole_and_each_row_says_why() -> None:
    found = outcome(
        SHIRT | {"Option1 Value": "S"},
        {"Handle": "shirt", "Option1 Value": "M", "Variant Price": "cheap"},
        {"Handle": "shirt", "Option1 Name": "Length", "Option1 Value": "L", "Variant Price": "17"},
        {"Handle": "shirt", "Image Src": "https://x.org/1"},
        MUG,
    )

    assert [product.handle for product in found.products] == ["mug"]
    assert found.refused == {
        2: "import_product_incomplete",
        3: "import_price_malformed",
        4: "import_option_name_changed",
        5: "import_product_incomplete",
    }
    assert found.refusals[0].params == {"handle": "shirt", "first_row": 3}
    assert found.totals.refused_total == Decimal("33.00")


def test_a_variant_that_comes_twice_refuses_the_product() -> None:
    shirt = SHIRT | {"Option1 Value": "S"}
    found = outcome(shirt, shirt | {"Title": "Other shirt"}, MUG, MUG | {"Title": "Other mug"})

    assert found.refused == {
        2: "import_product_incomplete",
        3: "import_variant_repeated",
        4: "import_product_incomplete",
        5: "import_variant_repeated",
    }


def test_a_handle_that_comes_back_after_others_is_refused_and_names_the_first_row() -> None:
    found = outcome(MUG, MUG | {"Handle": "pot"}, MUG | {"Handle": "MUG"}, {"Handle": "mug"})

    assert [product.handle for product in found.products] == ["mug", "pot"]
    assert found.refused == {4: "import_handle_repeated", 5: "import_handle_repeated"}
    assert found.refusals[0].params == {"handle": "mug", "first_row": 2}


def test_a_code_that_an_earlier_variant_has_is_dropped_and_the_variant_kept() -> None:
    mug = MUG | {"Variant SKU": "MUG-1", "Variant Barcode": "9521000700017"}
    found = outcome(mug, mug | {"Handle": "pot", "Variant Price": "9"})

    first, second = (product.variants[0] for product in found.products)
    assert (first.sku, first.barcode) == ("MUG-1", "9521000700017")
    assert (second.sku, second.barcode, second.price_amount) == (None, None, 900)
    assert second.extra == {"Variant SKU": "MUG-1"}
    assert found.remarked == [(3, "import_sku_repeated"), (3, "import_barcode_repeated")]
    assert found.remarks[0].params == {"sku": "MUG-1", "first_row": 2}


def test_codes_of_a_refused_product_do_not_count_as_taken() -> None:
    found = outcome(
        MUG | {"Variant SKU": "MUG-1", "Variant Price": "x"},
        MUG | {"Handle": "pot", "Variant SKU": "MUG-1"},
    )

    assert found.products[0].variants[0].sku == "MUG-1"


def test_several_barcodes_in_one_cell_are_all_kept() -> None:
    found = outcome(MUG | {"Variant Barcode": "9521000700017; 9521001400022, 9521000700017"})

    variant = found.products[0].variants[0]
    assert variant.barcode == "9521000700017"
    assert variant.further_barcodes == ("9521001400022",)


def test_a_barcode_that_a_spreadsheet_spoiled_is_repaired_or_left_out() -> None:
    found = outcome(
        MUG | {"Variant Barcode": "9.52E+12"},
        MUG | {"Handle": "pot", "Variant Barcode": "9521000700017.0"},
        MUG | {"Handle": "pan", "Variant Barcode": "9521000700018"},
    )

    assert [product.variants[0].barcode for product in found.products] == [
        None,
        "9521000700017",
        "9521000700018",
    ]
    assert found.remarked == [(2, "import_barcode_damaged"), (4, "import_barcode_check_digit")]


@pytest.mark.parametrize("code", ["96385074", "036000291452", "9521000700017", "SHELF-7", "123"])
def test_sound_barcodes_pass(code: str) -> None:
    assert has_sound_check_digit(code)


def test_a_product_with_absurdly_many_rows_is_refused_without_being_held() -> None:
    rows = [MUG, *[{"Handle": "mug", "Image Src": "https://x.org/1"}] * (MAX_PRODUCT_ROWS + 5)]
    found = outcome(*rows, MUG | {"Handle": "pot"})

    assert [product.handle for product in found.products] == ["pot"]
    assert set(found.refused.values()) == {"import_product_too_long"}
    assert found.totals.rows_refused == MAX_PRODUCT_ROWS + 6


def test_rows_broken_as_rows_refuse_their_product() -> None:
    good = [MUG.get(name, "") for name in CLASSIC]
    pot = [{"Handle": "pot"}.get(name, cell) for name, cell in zip(CLASSIC, good, strict=True)]
    content = (
        lines([CLASSIC, good, [*good, "surplus"], pot]).encode().replace(b"pot,Mug", b"pot,M\0g")
    )

    assert read(ShopifyProducts(), content).refused == {
        2: "import_product_incomplete",
        3: "import_column_count",
        4: "import_text_nul",
    }


def test_a_file_of_another_kind_is_refused_with_what_is_missing() -> None:
    with pytest.raises(Rejected) as caught:
        read(ShopifyProducts(), "InvoiceNo,StockCode\n1,2\n")

    assert caught.value.code == "import_columns_missing"
    assert caught.value.params["missing"] == "Title, Variant Price / Price"


def test_mixed_generations_of_one_column_are_refused() -> None:
    with pytest.raises(Rejected) as caught:
        read(ShopifyProducts(), "Title,Variant Price,Price\nMug,1,2\n")

    assert caught.value.code == "import_column_repeated"
