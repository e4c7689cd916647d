"""The columns of Shopify's product files, old and new headers, and where unknown ones belong."""

from shared.plugins.builtin.csv_columns import Aliases, header_key

OPTIONS = tuple((number, f"option{number}_name", f"option{number}_value") for number in (1, 2, 3))
"""Number, name field and value field of each option."""

FIELDS: Aliases = {
    "handle": ("Handle", "URL handle"),
    "title": ("Title",),
    "description": ("Body (HTML)", "Description", "Body"),
    "vendor": ("Vendor",),
    "product_type": ("Type", "Product type"),
    "tags": ("Tags",),
    "published": ("Published", "Published on online store"),
    "status": ("Status",),
    "option1_name": ("Option1 Name",),
    "option1_value": ("Option1 Value",),
    "option2_name": ("Option2 Name",),
    "option2_value": ("Option2 Value",),
    "option3_name": ("Option3 Name",),
    "option3_value": ("Option3 Value",),
    "sku": ("Variant SKU", "SKU"),
    "barcode": ("Variant Barcode", "Barcode", "Barcodes", "Variant Barcodes"),
    "weight": ("Variant Grams", "Weight value (grams)", "Grams"),
    "tracker": ("Variant Inventory Tracker", "Inventory tracker"),
    "quantity": ("Variant Inventory Qty", "Inventory quantity", "Variant Inventory Quantity"),
    "oversell": ("Variant Inventory Policy", "Continue selling when out of stock"),
    "price": ("Variant Price", "Price"),
    "compare_at": ("Variant Compare At Price", "Compare-at price"),
    "cost": ("Cost per item", "Variant Cost"),
    "requires_shipping": ("Variant Requires Shipping", "Requires shipping"),
    "taxable": ("Variant Taxable", "Charge tax"),
    "tax_code": ("Variant Tax Code", "Tax code"),
    "image": ("Image Src", "Product image URL"),
    "image_position": ("Image Position",),
    "image_alt": ("Image Alt Text",),
    "variant_image": ("Variant Image", "Variant image URL"),
}
REQUIRED = ("title", "price")
"""Without these nothing can be imported; a missing handle is made from the title."""

CONTENT_OF_VARIANT = (
    "option1_value",
    "option2_value",
    "option3_value",
    "sku",
    "barcode",
    "price",
    "compare_at",
    "quantity",
)
"""A row below the first with none of these filled only adds a picture."""

KEPT_AS_FOUND = ("published",)
"""Fields that are read and yet kept among the extra columns."""

_VARIANT_KEYS = (
    "variant",
    "price",
    "compareatprice",
    "unitprice",
    "fulfillmentservice",
    "weightunitfordisplay",
)


def is_of_variant(header: str) -> bool:
    """Whether an unknown column speaks of the variant (market prices do), not the product."""
    return header_key(header).startswith(_VARIANT_KEYS)
