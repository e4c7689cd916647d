"""Builds Shopify product files and reads them."""

from collections.abc import Mapping

from shared.plugins.builtin.shopify_products import ShopifyProducts
from shared.plugins.points.importer import ImportSettings, ProductDraft
from tests.shared.plugins.reading import GBP, Outcome, read, table

CLASSIC = tuple(
    "Handle,Title,Body (HTML),Vendor,Type,Tags,Published,Option1 Name,Option1 Value,Option2 Name,"
    "Option2 Value,Option3 Name,Option3 Value,Variant SKU,Variant Grams,Variant Inventory Tracker,"
    "Variant Inventory Qty,Variant Inventory Policy,Variant Fulfillment Service,Variant Price,"
    "Variant Compare At Price,Variant Requires Shipping,Variant Taxable,Variant Barcode,Image Src,"
    "Image Position,Image Alt Text,Gift Card,Variant Image,Variant Weight Unit,Variant Tax Code,"
    "Cost per item,Status".split(",")
)
CURRENT = tuple(
    "Title,URL handle,Description,Vendor,Product category,Type,Tags,Published on online store,"
    "Status,SKU,Barcode,Option1 name,Option1 value,Option1 Linked To,Option2 name,Option2 value,"
    "Option2 Linked To,Option3 name,Option3 value,Option3 Linked To,Price,Price / International,"
    "Compare-at price,Compare-at price / International,Cost per item,Charge tax,Tax code,"
    "Inventory tracker,Inventory quantity,Continue selling when out of stock,Weight value (grams),"
    "Weight unit for display,Requires shipping,Fulfillment service,Product image URL,"
    "Image position,Image alt text,Variant image URL,Gift card".split(",")
)
MUG = {
    "Handle": "mug",
    "Title": "Mug",
    "Option1 Name": "Title",
    "Option1 Value": "Default Title",
    "Variant Price": "6.75",
}
SHIRT = {"Handle": "shirt", "Title": "Shirt", "Option1 Name": "Size", "Variant Price": "16.00"}


def outcome(*rows: Mapping[str, object], settings: ImportSettings = GBP) -> Outcome:
    return read(ShopifyProducts(), table(CLASSIC, *rows), settings)


def only(*rows: Mapping[str, object]) -> ProductDraft:
    (product,) = outcome(*rows).products
    return product
