"""The reconciliation of an import: every row and every penny of the file is accounted for."""

from collections import Counter
from decimal import Context, Decimal, Inexact, InvalidOperation, Overflow

from shared.kernel.errors import Bug
from shared.kernel.money import currency_of
from shared.plugins.builtin.csv_table import CsvTable
from shared.plugins.points.importer import ImportTotals, Refusal, Remark

EXACT = Context(prec=60, traps=[Inexact, InvalidOperation, Overflow])
"""Decimal arithmetic that raises rather than loses a digit."""

ZERO = Decimal(0)


class Tally:
    """Adds up one reading. `read` notes a row's own money; later `accept` or `refuse` settles it.

    The two are kept apart on purpose: that they agree at the end is the proof.
    """

    def __init__(self, currency: str) -> None:
        self._currency = currency
        self._exponent = currency_of(currency).exponent
        self._rows_accepted = 0
        self._rows_refused = 0
        self._rows_without_money = 0
        self._drafts_made = 0
        self._source = ZERO
        self._imported_amount = 0
        self._refused = ZERO
        self._rounding = ZERO
        self._refusals: Counter[str] = Counter()
        self._remarks: Counter[str] = Counter()

    def read(self, money: Decimal | None) -> None:
        """A row was read, with the money it stands for; None when that cannot be read."""
        if money is None:
            self._rows_without_money += 1
        else:
            self._source = EXACT.add(self._source, money)

    def accept(self, *, rows: int, amount: int, rounding: Decimal = ZERO) -> None:
        """A draft was made of `rows` rows: `amount` minor units, `rounding` lost (file - draft)."""
        self._drafts_made += 1
        self._rows_accepted += rows
        self._imported_amount += amount
        self._rounding = EXACT.add(self._rounding, rounding)

    def refuse(self, refused: Refusal, money: Decimal | None) -> Refusal:
        """A row was refused together with its money; gives the refusal back."""
        self._rows_refused += 1
        self._refusals[refused.code] += 1
        if money is not None:
            self._refused = EXACT.add(self._refused, money)
        return refused

    def remark(self, remark: Remark) -> Remark:
        """Something was odd; gives the remark back."""
        self._remarks[remark.code] += 1
        return remark

    def totals(self, table: CsvTable) -> ImportTotals:
        """The totals of a table that was read to its end; a Bug when they do not reconcile."""
        imported = Decimal(self._imported_amount).scaleb(-self._exponent, context=EXACT)
        settled = EXACT.add(EXACT.add(imported, self._refused), self._rounding)
        rows_settled = self._rows_accepted + self._rows_refused
        if rows_settled != table.rows_read or settled != self._source:
            message = (
                f"import does not reconcile: {table.rows_read} rows of {self._source} became "
                f"{rows_settled} rows of {settled}"
            )
            raise Bug(message)
        return ImportTotals(
            rows_read=table.rows_read,
            rows_accepted=self._rows_accepted,
            rows_refused=self._rows_refused,
            rows_without_money=self._rows_without_money,
            drafts_made=self._drafts_made,
            currency=self._currency,
            source_total=self._source,
            imported_total=imported,
            refused_total=self._refused,
            rounding_total=self._rounding,
            refusals=dict(self._refusals),
            remarks=dict(self._remarks),
            file_digest=table.digest,
        )
