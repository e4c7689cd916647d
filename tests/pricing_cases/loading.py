"""Reads the golden carts from their TOML files."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from shared.kernel.money import Misread, format_plain, parse_amount, read_minor
from shared.pricing.engine import (
    CartInput,
    LineDiscount,
    OrderDiscount,
    PricedCart,
    PricedLineInput,
    TaxRate,
)

FOLDER = Path(__file__).parent
Table = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class GoldenRefund:
    """Refunds of one line, one after the other, and what each of them must give back."""

    line: int
    qty: tuple[int, ...]
    gross: tuple[str, ...]
    tax: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class GoldenCart:
    """One case: a cart, and the figures expected of it in plain decimals, as far as given."""

    name: str
    cart: CartInput
    expect: Table
    refunds: tuple[GoldenRefund, ...]
    tax_parts: Table | None

    def found(self, priced: PricedCart) -> Table:
        """The figures of a priced cart under the names, and to the extent, of `expect`."""

        def plain(amount: int) -> str:
            return format_plain(amount, self.cart.currency)

        figures: dict[str, object] = {
            "total": plain(priced.total_amount),
            "net": plain(priced.net_amount),
            "tax": plain(priced.tax_amount),
            "discount": plain(priced.discount_amount),
            "cash_rounding": plain(priced.cash_rounding_amount),
            "payable_cash": plain(priced.payable_cash_amount),
            "order_discounts": [plain(amount) for amount in priced.order_discount_amounts],
            "lines": [
                {
                    "net": plain(line.net_amount),
                    "tax": plain(line.tax_amount),
                    "gross": plain(line.gross_amount),
                    "order_discount": plain(line.order_discount_amount),
                    "line_discounts": [plain(amount) for amount in line.line_discount_amounts],
                }
                for line in priced.lines
            ],
            "groups": [
                {
                    "rate": group.code,
                    "net": plain(group.net_amount),
                    "tax": plain(group.tax_amount),
                    "gross": plain(group.gross_amount),
                }
                for group in priced.tax_groups
            ],
        }
        return _table(_like(self.expect, figures))


def golden_carts() -> list[GoldenCart]:
    """All cases of all files, by file and position."""
    return [
        _golden_cart(f"{path.stem}: {case['title']}", case)
        for path in sorted(FOLDER.glob("*.toml"))
        for case in _tables(tomllib.loads(path.read_text(encoding="utf-8"))["case"])
    ]


def whole(text: object, decimals: int) -> int:
    """Plain decimals as whole units of 10**-decimals."""
    read = read_minor(str(text), decimals)
    assert not isinstance(read, Misread), text
    return read


def _like(pattern: object, figures: object) -> object:
    """The part of `figures` that `pattern` speaks of."""
    if isinstance(pattern, dict):
        table = _table(figures)
        return {name: _like(value, table[name]) for name, value in pattern.items()}
    if isinstance(pattern, list) and isinstance(figures, list) and len(pattern) == len(figures):
        return [_like(one, other) for one, other in zip(pattern, figures, strict=True)]
    return figures


def _golden_cart(name: str, case: Table) -> GoldenCart:
    currency = str(case["currency"])
    line_tables = _tables(case["lines"])
    cash_rounding = case.get("cash_rounding")
    cart = CartInput(
        currency=currency,
        is_tax_inclusive=bool(case["is_tax_inclusive"]),
        tax_rounding="line" if case.get("tax_rounding") == "line" else "document",
        lines=tuple(_line(n, table, currency) for n, table in enumerate(line_tables, 1)),
        order_discounts=tuple(
            _order_discount(table, currency) for table in _tables(case.get("order_discounts", []))
        ),
        cash_rounding_increment=(
            None if cash_rounding is None else parse_amount(str(cash_rounding), currency)
        ),
    )
    refunds = tuple(
        GoldenRefund(
            line=whole(table["line"], 0) - 1,
            qty=tuple(
                whole(qty, _decimals(line_tables[whole(table["line"], 0) - 1]))
                for qty in _list(table["qty"])
            ),
            gross=tuple(map(str, _list(table["gross"]))),
            tax=tuple(map(str, _list(table["tax"]))),
        )
        for table in _tables(case.get("refunds", []))
    )
    parts = case.get("tax_parts")
    return GoldenCart(
        name=name,
        cart=cart,
        expect=_table(case["expect"]),
        refunds=refunds,
        tax_parts=None if parts is None else _table(parts),
    )


def _line(number: int, table: Table, currency: str) -> PricedLineInput:
    tax = table.get("tax")
    kind = table.get("kind")
    rate = (
        None
        if tax is None
        else TaxRate(
            code=str(tax), rate_ppm=whole(tax, 4), jurisdiction=str(table.get("place", ""))
        )
    )
    return PricedLineInput(
        line_id=str(number),
        qty=whole(table["qty"], _decimals(table)),
        qty_exponent=_decimals(table),
        unit_price_amount=parse_amount(str(table["price"]), currency),
        kind="shipping" if kind == "shipping" else "fee" if kind == "fee" else "goods",
        tax_rate=rate,
        discounts=tuple(
            _line_discount(n, one, currency)
            for n, one in enumerate(_tables(table.get("discounts", [])))
        ),
        is_discountable=bool(table.get("is_discountable", True)),
    )


def _decimals(table: Table) -> int:
    return whole(table.get("decimals", 0), 0)


def _line_discount(number: int, table: Table, currency: str) -> LineDiscount:
    is_percent = "percent" in table
    return LineDiscount(
        kind="percent" if is_percent else "fixed",
        value=_value(table, currency),
        reason=f"discount {number}",
        priority=whole(table.get("priority", 0), 0),
    )


def _order_discount(table: Table, currency: str) -> OrderDiscount:
    named = table.get("lines")
    return OrderDiscount(
        kind="percent" if "percent" in table else "fixed",
        value=_value(table, currency),
        reason="coupon",
        line_ids=None if named is None else tuple(map(str, _list(named))),
    )


def _value(table: Table, currency: str) -> int:
    if "percent" in table:
        return whole(table["percent"], 2)
    return parse_amount(str(table["fixed"]), currency)


def _list(value: object) -> list[object]:
    assert isinstance(value, list)
    return value


def _table(value: object) -> Table:
    assert isinstance(value, dict)
    return value


def _tables(value: object) -> list[Table]:
    return [_table(one) for one in _list(value)]
