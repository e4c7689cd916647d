"""The plugins that come with the product."""

from shared.plugins.builtin.invoice_lines import InvoiceLines
from shared.plugins.builtin.shopify_products import ShopifyProducts
from shared.plugins.points.importer import Importer

IMPORTERS: tuple[Importer, ...] = (ShopifyProducts(), InvoiceLines())
"""Every built-in importer, in the order in which they are offered."""
