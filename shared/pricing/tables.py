"""Rows of pricing: tax rates."""

from dataclasses import dataclass

from shared.storage.base import Row, define


@dataclass(frozen=True, slots=True)
class TaxRateRow(Row):
    """A rate of tax by its code, in parts per million (20 % is 200000)."""

    code: str
    name: str
    rate_ppm: int
    is_active: bool


TAX_RATE = define(
    TaxRateRow,
    "tax_rate",
    key=("code",),
    scope=lambda _row: "tenant",
    checks={"tax_rate_in_range": "rate_ppm BETWEEN 0 AND 10000000"},
)
