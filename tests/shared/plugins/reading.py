"""Runs an importer over bytes or a file and sorts what comes out."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from shared.plugins.points.importer import (
    Importer,
    ImportSettings,
    ImportTotals,
    OrderDraft,
    ProductDraft,
    Progress,
    Refusal,
    Remark,
)

ROOT = Path(__file__).resolve().parents[3]
SEED = ROOT / "resources" / "seed"
REAL_FILES = ROOT / ".cache" / "real-files"
"""Larger real files, which do not come with the project; their tests are skipped without them."""

GBP = ImportSettings("GBP")


@dataclass
class Outcome:
    """Everything one reading gave out, by kind."""

    products: list[ProductDraft] = field(default_factory=list)
    orders: list[OrderDraft] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)
    progress: list[Progress] = field(default_factory=list)
    totals_given: list[ImportTotals] = field(default_factory=list)

    @property
    def totals(self) -> ImportTotals:
        """The one ImportTotals of the reading, already checked against the rules."""
        (totals,) = self.totals_given
        assert totals.rows_accepted + totals.rows_refused == totals.rows_read
        settled = totals.imported_total + totals.refused_total + totals.rounding_total
        assert totals.source_total == settled
        assert totals.rows_refused == len(self.refusals) == sum(totals.refusals.values())
        assert len(self.remarks) == sum(totals.remarks.values())
        assert totals.drafts_made == len(self.products) + len(self.orders)
        drafted = [row for draft in self.drafts for row in draft.source_rows]
        assert totals.rows_accepted == len(drafted) == len(set(drafted))
        assert not set(drafted) & {refused.row for refused in self.refusals}
        return totals

    @property
    def drafts(self) -> list[ProductDraft | OrderDraft]:
        """All drafts."""
        return [*self.products, *self.orders]

    @property
    def refused(self) -> dict[int, str]:
        """Row -> code of its refusal."""
        return {refused.row: refused.code for refused in self.refusals}

    @property
    def remarked(self) -> list[tuple[int, str]]:
        """(row, code) of each remark."""
        return [(remark.row, remark.code) for remark in self.remarks]


def read(importer: Importer, source: bytes | str | Path, settings: ImportSettings = GBP) -> Outcome:
    """Read a whole file; `source` may be its content."""
    if isinstance(source, str):
        source = source.encode()
    stream = io.BytesIO(source) if isinstance(source, bytes) else source
    outcome = Outcome()
    for event in importer.read(stream, settings):
        assert not outcome.totals_given, "totals come last"
        match event:
            case ProductDraft():
                outcome.products.append(event)
            case OrderDraft():
                outcome.orders.append(event)
            case Refusal():
                outcome.refusals.append(event)
            case Remark():
                outcome.remarks.append(event)
            case Progress():
                outcome.progress.append(event)
            case ImportTotals():
                outcome.totals_given.append(event)
    return outcome


def table(header: Sequence[str], *rows: Mapping[str, object], delimiter: str = ",") -> str:
    """CSV text with these columns; cells that a row does not name are empty."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, header, restval="", delimiter=delimiter)
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def lines(rows: Iterable[Sequence[object]]) -> str:
    """CSV text of these rows, header included."""
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    return text.getvalue()
