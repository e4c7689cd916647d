"""English reasons for refused and odd rows; screens show the translated texts of the same codes."""

from shared.plugins.points.importer import Refusal, Remark

REFUSALS = {
    # What is wrong with the row as a row.
    "import_column_count": "The row has {found} cells, the header has {expected}.",
    "import_row_cut_off": "The file ends in the middle of this row ({found} of {expected} cells).",
    "import_text_undecodable": "Column {column} has bytes that are no text in the file's encoding.",
    "import_text_nul": "Column {column} has a zero byte.",
    "import_text_too_long": "Column {column} has more than {limit} characters.",
    # Cells.
    "import_number_malformed": "{value} in column {column} is not a number.",
    "import_number_ambiguous": (
        "{value} in column {column} could be thousands or decimals; choose the decimal mark."
    ),
    "import_number_too_large": "{value} in column {column} is too large.",
    "import_number_negative": "{value} in column {column} must not be negative.",
    "import_quantity_missing": "Column {column} has no quantity.",
    "import_quantity_malformed": "{value} in column {column} is not a whole number.",
    "import_price_missing": "Column {column} has no price.",
    "import_price_malformed": "{value} in column {column} is not a price.",
    "import_price_negative": "The price {value} in column {column} is negative.",
    "import_price_too_precise": "{value} in column {column} is finer than {currency} has coins.",
    "import_price_currency": "{value} in column {column} is not in {currency}.",
    "import_boolean_malformed": "{value} in column {column} is neither yes nor no.",
    "import_choice_unknown": "{value} in column {column} is none of {allowed}.",
    "import_date_missing": "Column {column} has no date.",
    "import_date_malformed": "{value} in column {column} is not a date in the chosen order.",
    # Products.
    "import_handle_missing": "The row has neither a handle nor a title.",
    "import_handle_repeated": (
        "Product {handle} already stands at row {first_row}, with other products in between."
    ),
    "import_title_missing": "The first row of product {handle} has no title.",
    "import_option_name_missing": "Option {number} has values but no name.",
    "import_option_name_changed": "The option {option} is called {other} in this row.",
    "import_option_value_missing": "The variant has no value for the option {option}.",
    "import_variant_repeated": "The variant {variant} already stands at row {first_row}.",
    "import_product_incomplete": (
        "Product {handle} is taken over whole or not at all; its row {first_row} was refused."
    ),
    "import_product_too_long": "Product {handle} has more than {limit} rows.",
    # Orders.
    "import_order_number_missing": "The row has no invoice number.",
    "import_line_unnamed": "The row has neither a stock code nor a description.",
    "import_order_incomplete": (
        "Order {number} is taken over whole or not at all; its row {first_row} was refused."
    ),
    "import_order_empty": "Every row of order {number} has the quantity 0.",
    "import_order_too_long": "Order {number} has more than {limit} lines.",
}
"""Code -> why a row is refused."""

REMARKS = {
    "import_text_damaged": (
        "Column {column} has a replacement character: the text was damaged before the export."
    ),
    "import_controls_removed": "Control characters were removed from column {column}.",
    "import_column_ignored": "Column {column} is not known and was left out.",
    "import_codes_unchecked": (
        "The file has more than {limit} codes; repeated ones are not noticed from this row on."
    ),
    "import_handle_made": "The handle {handle} was made from the title.",
    "import_handle_changed": "The handle {handle} was made fit for an address.",
    "import_sku_repeated": (
        "The SKU {sku} already stands at row {first_row}; this variant is taken over without it."
    ),
    "import_barcode_repeated": (
        "The barcode {barcode} already stands at row {first_row}; this variant is taken over "
        "without it."
    ),
    "import_barcode_damaged": "{value} was a barcode before a spreadsheet rounded it; left out.",
    "import_barcode_check_digit": (
        "The barcode {barcode} has a wrong check digit; it is taken over as it is."
    ),
    "import_image_skipped": "{value} is not the address of a picture; left out.",
    "import_status_mapped": "The status {value} is not known here; the product becomes a draft.",
    "import_row_without_content": "The row adds nothing to its product.",
    "import_weight_rounded": "The weight {value} was rounded to whole grams.",
    "import_row_repeated": "The row is the same as row {first_row}; both are taken over.",
    "import_line_empty": "The quantity is 0; the row adds no line.",
    "import_line_rounded": "The line was rounded to whole minor units of {currency}.",
    "import_line_without_title": "The row has no description; its code {sku} serves as title.",
    "import_negative_without_cancellation": (
        "The quantity is negative though the order is no cancellation."
    ),
    "import_order_differs": (
        "{value} in column {column} differs from the order's first row; {kept} is kept."
    ),
    "import_order_continued": (
        "Order {number} began at row {first_row} and comes back; it is taken over as a second part."
    ),
}
"""Code -> what was odd or repaired in a row that is taken over."""


def refusal(row: int, code: str, **params: str | int) -> Refusal:
    """A refusal with its English reason."""
    return Refusal(row, code, REFUSALS[code].format(**params), params)


def remark(row: int, code: str, **params: str | int) -> Remark:
    """A remark with its English reason."""
    return Remark(row, code, REMARKS[code].format(**params), params)
