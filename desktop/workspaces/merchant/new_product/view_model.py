"""Making a product: every combination of its option values becomes a variant."""

from collections.abc import Mapping, Sequence
from itertools import product as combinations
from typing import Any

from PySide6.QtCore import QObject

from desktop.ui.fields import FieldValue
from desktop.ui.view_model import ViewModel
from desktop.workspaces.merchant.office import Office
from desktop.workspaces.merchant.product import description
from shared.catalog.commands import CreateProduct, ProductStatus, VariantSpec
from shared.kernel.ids import ProductId, VariantId, new_id

OPTIONS = 3
_SHARED = (
    "price_amount",
    "compare_at_amount",
    "cost_amount",
    "tax_code",
    "is_stock_tracked",
    "allows_oversell",
    "requires_shipping",
)
_SHOWN = ("title", "vendor", "product_type", "tags")


class NewProductViewModel(ViewModel):
    """Creates products; holds nothing."""

    def __init__(self, office: Office, parent: QObject | None = None) -> None:
        super().__init__(office.desk.hub, parent)
        self.office = office

    async def create(self, values: Mapping[str, FieldValue]) -> str:
        """Make the product; its id. Raises Rejected, which belongs at its field."""
        command = command_of(values)
        await self.office.desk.submit(command)
        return command.product_id


def options_of(values: Mapping[str, FieldValue]) -> list[tuple[str, tuple[str, ...]]]:
    """The options that have a name and at least one value."""
    found: list[tuple[str, tuple[str, ...]]] = []
    for place in range(OPTIONS):
        name, given = values.get(f"option_name_{place}"), values.get(f"option_values_{place}")
        if isinstance(name, str) and name and isinstance(given, tuple) and given:
            found.append((name, given))
    return found


def variant_count(values: Mapping[str, FieldValue]) -> int:
    """How many variants there will be."""
    count = 1
    for _, given in options_of(values):
        count *= len(given)
    return count


def command_of(values: Mapping[str, FieldValue]) -> CreateProduct:
    """The command that makes what the form describes.

    An SKU or barcodes belong to one variant; with several, they are left out.
    """
    options = options_of(values)
    rows: Sequence[tuple[str, ...]] = list(combinations(*(given for _, given in options)))
    shared: dict[str, Any] = {name: values.get(name) for name in _SHARED}
    shared["price_amount"] = shared["price_amount"] or 0
    codes: dict[str, Any] = {}
    if len(rows) == 1:
        codes = {"sku": values.get("sku") or None, "barcodes": values.get("barcodes") or ()}
    shown: dict[str, Any] = {name: values.get(name) for name in _SHOWN}
    return CreateProduct(
        product_id=ProductId(new_id()),
        description_html=description.write(str(values.get("description_html", "")), is_html=False),
        status=ProductStatus(str(values.get("status") or ProductStatus.ACTIVE)),
        option_names=tuple(name for name, _ in options),
        variants=tuple(
            VariantSpec(variant_id=VariantId(new_id()), option_values=row, **shared, **codes)
            for row in rows
        ),
        **shown,
    )
