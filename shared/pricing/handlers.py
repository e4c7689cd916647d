"""Handlers of pricing."""

from shared.kernel.context import Context
from shared.kernel.errors import Rejected
from shared.pricing.commands import SetTaxRate
from shared.pricing.engine import TaxRate
from shared.pricing.tables import TaxRateRow
from shared.storage.unit_of_work import UnitOfWork


def set_tax_rate(command: SetTaxRate, work: UnitOfWork, context: Context) -> None:
    """Add or change a rate."""
    del context
    code = command.code.strip()
    if not code:
        raise Rejected("code_missing", field="code")
    TaxRate(code, command.rate_ppm)
    row = TaxRateRow(code, command.name.strip() or code, command.rate_ppm, is_active=True)
    if work.get(TaxRateRow, code) is None:
        work.insert(row)
    else:
        work.put(row)
