"""What somebody is asked to approve, exactly as it will be applied."""

from dataclasses import dataclass
from textwrap import shorten

from desktop.ui import i18n
from desktop.workspaces.kiosk.cart import (
    Cart,
    priced,
    with_line_discount,
    with_order_discount,
    with_price,
)
from desktop.workspaces.kiosk.sale.rows import own_way, qty_text
from shared.kernel.permissions import Permission
from shared.organization.tables import StoreRow
from shared.pricing.engine import LineDiscount, OrderDiscount, PricedLine

_WHOLE = 10_000
_LONGEST = 90
_PIECE = "1"


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that is approved, in words; `is_strong` where it is the sum of all."""

    name: str
    value: str
    is_strong: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is to be approved: of what, and the figures that follow from it."""

    permission: Permission
    subject: str
    facts: tuple[Fact, ...]


def line_discount_asked(
    cart: Cart, line_id: str, discount: LineDiscount, *, store: StoreRow
) -> Asked:
    """A discount on a line. Raises Rejected when it cannot be given."""
    after = _line(with_line_discount(cart, line_id, discount), line_id, store)
    off = after.line_discount_amount
    facts = _discounted(after.base_amount, off, currency=store.currency)
    total = i18n.format_money(after.base_amount - off, store.currency)
    return Asked(
        permission=Permission.DISCOUNT,
        subject=_subject(cart, line_id),
        facts=(
            *facts,
            Fact(i18n.tr("kiosk.approval.line_total"), total, is_strong=True),
            reason_fact(discount.reason),
        ),
    )


def order_discount_asked(cart: Cart, discount: OrderDiscount, *, store: StoreRow) -> Asked:
    """A discount on everything. Raises Rejected when it cannot be given."""
    before = priced(with_order_discount(cart, None), store).total_amount
    after = priced(with_order_discount(cart, discount), store).total_amount
    facts = _discounted(before, before - after, currency=store.currency)
    total = i18n.format_money(after, store.currency)
    return Asked(
        permission=Permission.DISCOUNT,
        subject=i18n.tr("kiosk.approval.whole_sale"),
        facts=(
            *facts,
            Fact(i18n.tr("kiosk.approval.sale_total"), total, is_strong=True),
            reason_fact(discount.reason),
        ),
    )


def price_asked(
    cart: Cart, line_id: str, price_amount: int, *, reason: str, store: StoreRow
) -> Asked:
    """Another price of a line. Raises Rejected when it cannot be set."""
    changed = with_price(cart, line_id, price_amount, reason=reason)
    after = _line(changed, line_id, store)
    listed = i18n.format_money(cart.line(line_id).sale.list_price_amount, store.currency)
    total = i18n.format_money(after.base_amount - after.line_discount_amount, store.currency)
    fresh = i18n.format_money(price_amount, store.currency)
    return Asked(
        permission=Permission.PRICE_OVERRIDE,
        subject=_subject(cart, line_id),
        facts=(
            Fact(i18n.tr("kiosk.approval.listed"), listed),
            Fact(i18n.tr("kiosk.approval.new_price"), fresh, is_strong=True),
            Fact(i18n.tr("kiosk.approval.line_total"), total),
            reason_fact(reason),
        ),
    )


def settling_asked(text: str, settled_as: str) -> Asked:
    """A case, settled in this way; both are already words."""
    return Asked(
        permission=Permission.INBOX,
        subject=own_way(shorten(text, _LONGEST, placeholder=" …")),
        facts=(Fact(i18n.tr("kiosk.approval.settled_as"), settled_as, is_strong=True),),
    )


def _line(cart: Cart, line_id: str, store: StoreRow) -> PricedLine:
    return next(line for line in priced(cart, store).lines if line.line_id == line_id)


def _subject(cart: Cart, line_id: str) -> str:
    line = cart.line(line_id)
    count = qty_text(line)
    title = own_way(shorten(line.sale.title, _LONGEST, placeholder=" …"))
    return title if count == _PIECE else f"{count} × {title}"


def _discounted(before: int, off: int, *, currency: str) -> tuple[Fact, Fact]:
    """What it costs without the discount, and the discount as percent and money."""
    money = i18n.format_money(off, currency)
    hundredths = (2 * off * _WHOLE + before) // (2 * before) if before else 0
    shown = (i18n.format_percent(hundredths), money)
    return (
        Fact(i18n.tr("kiosk.approval.before"), i18n.format_money(before, currency)),
        Fact(i18n.tr("kiosk.approval.discount"), "  ·  ".join(own_way(each) for each in shown)),
    )


def reason_fact(reason: str) -> Fact:
    """Why, as far as there is room."""
    return Fact(i18n.tr("kiosk.reason"), shorten(reason, _LONGEST, placeholder=" …"))
