"""Read models of pricing."""

from shared.pricing.tables import TAX_RATE, TaxRateRow
from shared.storage.reader import Reader


def tax_rates(reader: Reader) -> tuple[TaxRateRow, ...]:
    """The tax rates in use, by code."""
    return tuple(
        reader.find(TaxRateRow, TAX_RATE.c.is_active.is_(True), order_by=(TAX_RATE.c.code,))
    )
