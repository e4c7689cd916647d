"""What stands on a receipt, line by line; printers, PDF and screen only draw it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from shared.pos.commands import ReceiptKind
from shared.pos.model import PrintedLine, ReceiptDocument, ZReport
from shared.pricing.engine import TaxGroup


class Words(Protocol):
    """The words and figures of the reader's language."""

    def text(self, key: str, **params: str | int) -> str:
        """The text of a key."""
        ...

    def money(self, amount: int, currency: str) -> str:
        """An amount of minor units with its currency."""
        ...

    def quantity(self, qty: int, exponent: int) -> str:
        """A quantity of 10**-exponent units."""
        ...

    def percent(self, ppm: int) -> str:
        """A rate in parts per million."""
        ...

    def moment(self, at: datetime) -> str:
        """A date and time in the store's zone."""
        ...


class Style(StrEnum):
    """How a line is drawn."""

    PLAIN = "plain"
    STRONG = "strong"
    TITLE = "title"
    SMALL = "small"
    TOTAL = "total"
    RULE = "rule"
    SPACE = "space"
    CODE = "code"
    """`left` is drawn as a QR code."""


@dataclass(frozen=True, slots=True)
class PaperLine:
    """One line: text at the start, a figure at the end; a centred one has no figure."""

    left: str = ""
    right: str = ""
    style: Style = Style.PLAIN
    is_centred: bool = False


RULE = PaperLine(style=Style.RULE)
SPACE = PaperLine(style=Style.SPACE)


def receipt_lines(
    document: ReceiptDocument, words: Words, *, is_copy: bool = False
) -> tuple[PaperLine, ...]:
    """A receipt from top to bottom; a copy says so."""
    return tuple(_receipt(document, words, is_copy=is_copy))


def _receipt(document: ReceiptDocument, words: Words, *, is_copy: bool) -> Iterator[PaperLine]:
    yield from _receipt_head(document, words, is_copy=is_copy)
    yield RULE
    for printed in document.lines:
        yield from _goods(printed, document.currency, words)
    yield RULE
    yield from _totals(document, words)
    yield RULE
    yield from _tenders(document, words)
    yield from _taxes(document.tax_groups, document.currency, words)
    yield SPACE
    for line in document.footer:
        yield PaperLine(line, style=Style.SMALL, is_centred=True)
    yield PaperLine(document.number, style=Style.CODE, is_centred=True)


def _receipt_head(document: ReceiptDocument, words: Words, *, is_copy: bool) -> Iterator[PaperLine]:
    yield PaperLine(document.store_name, style=Style.TITLE, is_centred=True)
    for line in document.header:
        yield PaperLine(line, style=Style.SMALL, is_centred=True)
    if is_copy:
        yield PaperLine(words.text("paper.copy"), style=Style.STRONG, is_centred=True)
    if document.kind is ReceiptKind.REFUND:
        yield PaperLine(words.text("paper.refund"), style=Style.STRONG, is_centred=True)
        of = words.text("paper.refund_of", number=document.refunds_number)
        yield PaperLine(of, style=Style.SMALL, is_centred=True)
    yield SPACE
    yield PaperLine(document.number, words.moment(document.issued_at))
    yield PaperLine(
        words.text("paper.till", name=document.register_name),
        document.cashier_name,
        style=Style.SMALL,
    )


def _tenders(document: ReceiptDocument, words: Words) -> Iterator[PaperLine]:
    for tender in document.tenders:
        yield PaperLine(
            words.text(f"paper.tender.{tender.kind}"),
            words.money(tender.given_amount, document.currency),
        )
        if tender.reference:
            yield PaperLine(f"  {tender.reference}", style=Style.SMALL)
        if tender.change_amount:
            yield PaperLine(
                words.text("paper.change"),
                words.money(tender.change_amount, document.currency),
                style=Style.STRONG,
            )


def _goods(printed: PrintedLine, currency: str, words: Words) -> Iterator[PaperLine]:
    is_single = printed.qty == 10**printed.qty_exponent and not printed.discount_amount
    amount = words.money(printed.amount, currency)
    if is_single:
        yield PaperLine(printed.title, amount)
        return
    yield PaperLine(printed.title)
    quantity = words.quantity(printed.qty, printed.qty_exponent)
    price = words.money(printed.unit_price_amount, currency)
    yield PaperLine(f"  {quantity} × {price}", "" if printed.discount_amount else amount)
    if printed.discount_amount:
        yield PaperLine(
            f"  {words.text('paper.discount')} −{words.money(printed.discount_amount, currency)}",
            amount,
        )


def _totals(document: ReceiptDocument, words: Words) -> Iterator[PaperLine]:
    currency = document.currency
    if document.order_discount_amount:
        yield PaperLine(
            words.text("paper.order_discount"),
            f"−{words.money(document.order_discount_amount, currency)}",
        )
    if not document.is_tax_inclusive:
        yield PaperLine(words.text("paper.net"), words.money(document.net_amount, currency))
        yield PaperLine(words.text("paper.tax"), words.money(document.tax_amount, currency))
    key = "paper.refund_total" if document.kind is ReceiptKind.REFUND else "paper.total"
    yield PaperLine(
        words.text(key), words.money(document.total_amount, currency), style=Style.TOTAL
    )
    if document.cash_rounding_amount:
        yield PaperLine(
            words.text("paper.cash_rounding"),
            words.money(document.cash_rounding_amount, currency),
        )


def _taxes(groups: tuple[TaxGroup, ...], currency: str, words: Words) -> Iterator[PaperLine]:
    if not groups:
        return
    yield RULE
    for group in groups:
        rate = words.percent(group.rate_ppm)
        net = words.money(group.net_amount, currency)
        yield PaperLine(
            words.text("paper.tax_group", rate=rate, net=net),
            words.money(group.tax_amount, currency),
            style=Style.SMALL,
        )


def z_report_lines(
    report: ZReport, words: Words, *, currency: str, is_closed: bool = True
) -> tuple[PaperLine, ...]:
    """A Z report, or an X report while the shift is open."""
    return tuple(_z_report(report, words, currency=currency, is_closed=is_closed))


def _z_report(
    report: ZReport, words: Words, *, currency: str, is_closed: bool
) -> Iterator[PaperLine]:
    title = words.text("paper.z", number=report.z_no) if is_closed else words.text("paper.x")
    yield PaperLine(title, style=Style.TITLE, is_centred=True)
    yield PaperLine(report.register_name, words.moment(report.closed_at))
    yield PaperLine(words.text("paper.opened"), words.moment(report.opened_at), style=Style.SMALL)
    yield RULE
    figures = (
        ("paper.sales", str(report.sale_count), words.money(report.gross_amount, currency)),
        ("paper.refunds", str(report.refund_count), words.money(report.refunded_amount, currency)),
        ("paper.discounts", "", words.money(report.discount_amount, currency)),
        ("paper.net", "", words.money(report.net_amount, currency)),
        ("paper.tax", "", words.money(report.tax_amount, currency)),
    )
    for key, count, amount in figures:
        yield PaperLine(f"{words.text(key)} {count}".strip(), amount)
    yield from _taxes(report.tax_groups, currency, words)
    yield RULE
    for total in report.tenders:
        kept = total.captured_amount - total.refunded_amount
        yield PaperLine(words.text(f"paper.tender.{total.tender}"), words.money(kept, currency))
    yield RULE
    yield from _drawer(report, words, currency=currency, is_closed=is_closed)
    first, last = str(report.first_receipt_no), str(report.last_receipt_no)
    yield PaperLine(
        words.text("paper.receipts", first=first, last=last),
        words.text("paper.no_sales", number=report.no_sale_count),
        style=Style.SMALL,
    )
    yield PaperLine(
        words.text("paper.grand_total"),
        words.money(report.grand_total_amount, currency),
        style=Style.SMALL,
    )


def _drawer(
    report: ZReport, words: Words, *, currency: str, is_closed: bool
) -> Iterator[PaperLine]:
    for key, amount in (
        ("paper.float", report.opening_float_amount),
        ("paper.paid_in", report.paid_in_amount),
        ("paper.paid_out", -report.paid_out_amount),
        ("paper.expected", report.expected_amount),
    ):
        yield PaperLine(words.text(key), words.money(amount, currency))
    if is_closed:
        counted = words.money(report.counted_amount, currency)
        yield PaperLine(words.text("paper.counted"), counted)
        difference = words.money(report.difference_amount, currency)
        yield PaperLine(words.text("paper.difference"), difference, style=Style.TOTAL)
