"""Where a refused command is put right: the screen that made it, with what it said filled in."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from desktop.workspaces.merchant.places import NEW, Place, Screen
from desktop.workspaces.merchant.product import description
from shared.catalog.commands import (
    ChangePrice,
    CreateProduct,
    EditProduct,
    SaveVariant,
    SetProductImage,
)
from shared.customers.commands import SaveCustomer
from shared.inventory.commands import AdjustStock, CountStock
from shared.kernel.messages import Command
from shared.orders.commands import CancelOrder, NoteOrder, PlaceOrder
from shared.payments.commands import RefundPayment, TakePayment


@dataclass(frozen=True, slots=True)
class Known:
    """What the books know of what a command names; `product_id` is its variant's, or nothing."""

    product_id: str = ""
    has_customer: bool = False


def place_of(command: Command, known: Known) -> Place | None:
    """The place where a command can be edited and sent again; None when there is none."""
    return _catalog_place(command, known) or _other_place(command, known)


def _catalog_place(command: Command, known: Known) -> Place | None:
    match command:
        case CreateProduct():
            return Place(screen=Screen.PRODUCTS, key=NEW, filled=_new_product(command))
        case EditProduct():
            filled = _given(command, "title", "vendor", "product_type", "tags", "status")
            if command.description_html is not None:
                filled["description_html"] = description.read(command.description_html).text
            return Place(screen=Screen.PRODUCTS, key=command.product_id, filled=filled)
        case SaveVariant():
            variant_id = command.variant.variant_id
            return Place(screen=Screen.PRODUCTS, key=command.product_id, part=variant_id)
        case SetProductImage():
            return Place(screen=Screen.PRODUCTS, key=command.product_id)
        case ChangePrice() | AdjustStock() | CountStock():
            place = Place(screen=Screen.PRODUCTS, key=known.product_id, part=command.variant_id)
            return place if known.product_id else None
    return None


def _other_place(command: Command, known: Known) -> Place | None:
    match command:
        case SaveCustomer():
            fields = ("name", "email", "phone", "code", "tags", "accepts_marketing", "note")
            filled = _given(command, *fields)
            key = command.customer_id if known.has_customer else NEW
            return Place(screen=Screen.CUSTOMERS, key=key, filled=filled)
        case PlaceOrder():
            return Place(screen=Screen.ORDERS, key=NEW, filled=_new_order(command))
        case TakePayment() | RefundPayment() | CancelOrder() | NoteOrder():
            return Place(screen=Screen.ORDERS, key=command.order_id)
    return None


def _given(command: Command, *names: str) -> dict[str, Any]:
    """The arguments that say something, as fields hold them."""
    found = {name: getattr(command, name) for name in names}
    return {name: value for name, value in found.items() if value is not None}


def _new_product(command: CreateProduct) -> Mapping[str, object]:
    filled = _given(command, "title", "vendor", "product_type", "tags", "status")
    filled["description_html"] = description.read(command.description_html).text
    if command.variants:
        first = command.variants[0]
        filled |= {
            "sku": first.sku or "",
            "barcodes": first.barcodes,
            "price_amount": first.price_amount,
            "compare_at_amount": first.compare_at_amount,
            "cost_amount": first.cost_amount,
            "tax_code": first.tax_code,
        }
    for place, name in enumerate(command.option_names):
        values = dict.fromkeys(each.option_values[place] for each in command.variants)
        filled |= {f"option_name_{place}": name, f"option_values_{place}": tuple(values)}
    return filled


def _new_order(command: PlaceOrder) -> Mapping[str, object]:
    return {
        "lines": [[line.variant_id, line.qty] for line in command.lines],
        "customer_id": command.customer_id or "",
        "location_id": command.location_id,
        "shipping_title": command.shipping_title,
        "shipping_amount": command.shipping_amount,
        "note": command.note,
    }
