"""Lines of a sale that may come back."""

from collections.abc import Sequence
from dataclasses import dataclass
from textwrap import shorten

from desktop.ui import i18n
from desktop.ui.columns import Column, Kind, fixed, stretch
from desktop.workspaces.kiosk.approval.rows import Asked, Fact, reason_fact
from desktop.workspaces.kiosk.sale.rows import own_way
from shared.kernel.permissions import Permission
from shared.orders.tables import OrderLineRow
from shared.pos.model import refund_part
from shared.pos.tables import ReceiptRow

_LONGEST = 90


@dataclass(frozen=True, slots=True)
class RefundRow:
    """A sold line with how much of it comes back now; amounts in minor units of `currency`."""

    id: str
    name: str
    detail: str
    left_qty: int
    qty: int
    qty_exponent: int
    is_restocked: bool
    amount: int
    currency: str
    qty_text: str
    restock_key: str

    @property
    def is_chosen(self) -> bool:
        """Whether some of it comes back."""
        return self.qty > 0


def refund_row(sold: OrderLineRow, qty: int, *, is_restocked: bool, currency: str) -> RefundRow:
    """A line with what giving back `qty` of it refunds, by the same rule as the handler."""
    left = sold.shipped_qty - sold.returned_qty
    exponent = sold.qty_exponent
    detail = i18n.tr(
        "kiosk.refund.sold",
        sold=i18n.format_qty(sold.qty, exponent),
        left=i18n.format_qty(left, exponent),
    )
    return RefundRow(
        id=sold.order_line_id,
        name=own_way(sold.title),
        detail=f"{i18n.format_money(sold.unit_price_amount, currency)}  ·  {detail}",
        left_qty=left,
        qty=qty,
        qty_exponent=exponent,
        is_restocked=is_restocked,
        amount=refund_part(sold, qty).gross_amount if qty else 0,
        currency=currency,
        qty_text=i18n.format_qty(qty, exponent) if qty else "–",
        restock_key=("restock" if is_restocked else "scrap") if qty else "",
    )


@dataclass(frozen=True, slots=True)
class ReceiptListRow:
    """A receipt to choose from."""

    id: str
    number: str
    when: str
    kind: str
    amount: int
    currency: str
    receipt: ReceiptRow


RECEIPT_COLUMNS = (
    Column(
        key="number",
        title_key="kiosk.receipt.number",
        width=stretch(1, 10),
        strong=True,
        detail="when",
    ),
    Column(key="kind", title_key="kiosk.receipt.kind", width=fixed(12), muted=True),
    Column(key="amount", title_key="kiosk.receipt.amount", kind=Kind.MONEY, width=fixed(10)),
)


def receipt_row(receipt: ReceiptRow) -> ReceiptListRow:
    """A receipt as a list shows it."""
    return ReceiptListRow(
        id=receipt.receipt_id,
        number=receipt.number,
        when=i18n.format_datetime(receipt.issued_at),
        kind=i18n.tr(f"kiosk.receipt.kind.{receipt.kind.value}"),
        amount=receipt.total_amount + receipt.document.cash_rounding_amount,
        currency=receipt.document.currency,
        receipt=receipt,
    )


def refund_asked(
    receipt: ReceiptRow,
    rows: Sequence[RefundRow],
    *,
    given_amount: int,
    tender: str,
    reason: str,
) -> Asked:
    """Money that goes back; `given_amount` in minor units, rounded to coins where it is cash."""
    goods = [f"{row.qty_text} × {row.name}" for row in rows if row.is_chosen]
    given = i18n.format_money(given_amount, receipt.document.currency)
    return Asked(
        permission=Permission.REFUND,
        subject=f"{i18n.tr('kiosk.receipt.number')} {own_way(receipt.number)}",
        facts=(
            Fact(
                i18n.tr("kiosk.refund.name"), shorten(", ".join(goods), _LONGEST, placeholder=" …")
            ),
            Fact(i18n.tr("kiosk.refund.back"), given, is_strong=True),
            Fact(i18n.tr("kiosk.refund.tender"), i18n.tr(f"paper.tender.{tender}")),
            reason_fact(reason),
        ),
    )
