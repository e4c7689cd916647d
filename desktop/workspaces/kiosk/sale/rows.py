"""Lines of the cart as they are shown."""

from dataclasses import dataclass

from desktop.ui import i18n
from desktop.ui.columns import Column, Kind, fixed, stretch
from desktop.workspaces.kiosk.cart import Cart, CartLine
from shared.pricing.engine import LineDiscount, PricedCart


@dataclass(frozen=True, slots=True)
class CartRow:
    """One line; `amount` in minor units. `detail` is its unit price and why it differs."""

    id: str
    qty_text: str
    name: str
    detail: str
    amount: int
    currency: str


COLUMNS = (
    Column(key="qty_text", title_key="kiosk.cart.qty", kind=Kind.CODE, width=fixed(1)),
    Column(
        key="name",
        title_key="kiosk.cart.name",
        width=stretch(1, 8),
        strong=True,
        detail="detail",
    ),
    Column(key="amount", title_key="kiosk.cart.amount", kind=Kind.MONEY, width=fixed(5)),
)


def cart_rows(cart: Cart, price: PricedCart, currency: str) -> tuple[CartRow, ...]:
    """The lines of a cart with what each one costs after its own discount."""
    by_id = {line.line_id: line for line in price.lines}
    return tuple(
        CartRow(
            id=line.line_id,
            qty_text=qty_text(line),
            name=own_way(line.sale.title),
            detail=_detail(line, currency),
            amount=by_id[line.line_id].base_amount - by_id[line.line_id].line_discount_amount,
            currency=currency,
        )
        for line in cart.lines
    )


def own_way(text: str) -> str:
    """A name that keeps its own direction among words that run the other way."""
    return f"\u2068{text}\u2069" if i18n.language().is_right_to_left and text else text


def qty_text(line: CartLine) -> str:
    """The quantity with its unit, where it is not pieces."""
    exponent = line.sale.qty_exponent
    return i18n.format_qty(line.sale.qty, exponent, line.unit_code if exponent else "")


def discount_text(discount: LineDiscount, currency: str) -> str:
    """What a discount takes off, with its reason."""
    if discount.kind == "percent":
        off = i18n.format_percent(discount.value)
    else:
        off = i18n.format_money(discount.value, currency)
    return i18n.tr("kiosk.cart.off", off=off, reason=discount.reason).strip(" ·")


def _detail(line: CartLine, currency: str) -> str:
    sale = line.sale
    parts = [i18n.format_money(sale.unit_price_amount, currency)]
    if line.is_overridden:
        listed = i18n.format_money(sale.list_price_amount, currency)
        parts.append(i18n.tr("kiosk.cart.instead", price=listed, reason=sale.override_reason))
    parts += [discount_text(discount, currency) for discount in sale.discounts]
    if sale.sku and not (line.is_overridden or sale.discounts):
        parts.append(sale.sku)
    return "  ·  ".join(own_way(part) for part in parts)
