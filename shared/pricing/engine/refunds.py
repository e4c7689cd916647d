"""Refunds of a priced line: any split and any order gives back exactly what was paid."""

from dataclasses import dataclass
from typing import Protocol

from shared.kernel.errors import Bug, Rejected
from shared.kernel.money import round_half_away


class PaidLine(Protocol):
    """A line as it was paid: a PricedLine, or the row of an order line that stores it."""

    @property
    def qty(self) -> int:
        """Units sold, in units of 10**-exponent of the unit of measure; negative on a return."""
        ...

    @property
    def gross_amount(self) -> int:
        """What was paid for all of them; minor units."""
        ...

    @property
    def tax_amount(self) -> int:
        """The tax in it; minor units."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundPart:
    """What one refund gives back; minor units, net + tax = gross."""

    gross_amount: int
    tax_amount: int
    net_amount: int


def refund_amounts(
    line: PaidLine,
    *,
    already_refunded_qty: int,
    already_refunded_gross_amount: int,
    already_refunded_tax_amount: int,
    qty: int,
) -> RefundPart:
    """What giving back `qty` more units of a line refunds.

    After k of n units, round(gross * k / n) has been refunded in all: the part is the
    difference to what was refunded before, its tax the difference to round(tax * refunded /
    gross). Nothing is ever shared out again over other lines. Amounts refunded before that were
    higher (goodwill) only leave less for the rest, never a negative part.

    Raises Rejected("refund_qty_exceeds_sold") for more units than are left or none at all, and
    Rejected("refund_exceeds_paid") when more than the line was refunded before.
    """
    sold = abs(line.qty)
    sign = -1 if line.qty < 0 else 1
    after = sign * (already_refunded_qty + qty)
    if sign * qty <= 0 or sign * already_refunded_qty < 0 or after > sold:
        raise Rejected("refund_qty_exceeds_sold", field="qty")
    return _part(
        line,
        refunded_gross=already_refunded_gross_amount,
        refunded_tax=already_refunded_tax_amount,
        gross=round_half_away(line.gross_amount * after, sold) - already_refunded_gross_amount,
    )


def refund_of_amount(
    line: PaidLine,
    *,
    already_refunded_gross_amount: int,
    already_refunded_tax_amount: int,
    gross_amount: int,
) -> RefundPart:
    """What refunding an amount of a line, without units, gives back, with the tax in it.

    Raises Rejected("refund_exceeds_paid") for more than is left of the line, and
    Rejected("refund_amount_not_positive") for nothing or an amount of the other sign.
    """
    sign = -1 if line.gross_amount < 0 else 1
    if sign * gross_amount <= 0:
        raise Rejected("refund_amount_not_positive", field="gross_amount")
    if sign * (line.gross_amount - already_refunded_gross_amount - gross_amount) < 0:
        raise Rejected("refund_exceeds_paid", field="gross_amount")
    return _part(
        line,
        refunded_gross=already_refunded_gross_amount,
        refunded_tax=already_refunded_tax_amount,
        gross=gross_amount,
    )


def _part(line: PaidLine, *, refunded_gross: int, refunded_tax: int, gross: int) -> RefundPart:
    """The part for `gross` more, which is cut to nothing where it points the other way."""
    paid = line.gross_amount
    sign = -1 if paid < 0 else 1
    if sign * refunded_gross > sign * paid or sign * refunded_gross < 0:
        raise Rejected("refund_exceeds_paid", field="gross_amount")
    if not 0 <= sign * line.tax_amount <= sign * paid:
        raise Bug(f"a line with tax {line.tax_amount} in {paid} was never priced")
    size = max(0, sign * gross)
    if paid == 0:
        return RefundPart(gross_amount=0, tax_amount=0, net_amount=0)
    tax_after = round_half_away(
        sign * line.tax_amount * (sign * refunded_gross + size), sign * paid
    )
    tax = min(max(0, tax_after - sign * refunded_tax), size)
    return RefundPart(
        gross_amount=sign * size, tax_amount=sign * tax, net_amount=sign * (size - tax)
    )
