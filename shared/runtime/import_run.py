"""Carries an import out: what a file would change, and the commands that change it."""

import hashlib
from collections import Counter
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Context, Decimal, Inexact, InvalidOperation
from pathlib import Path
from typing import Any, Protocol, TypeVar

from shared.catalog.commands import ImportProducts
from shared.catalog.importing import check_product
from shared.imports.commands import FinishImport, StartImport
from shared.kernel.errors import Bug, Rejected, Unavailable
from shared.kernel.ids import ImportId, LocationId
from shared.kernel.messages import Command, canonical_json
from shared.kernel.money import currency_of
from shared.orders.commands import ImportOrders
from shared.organization.queries import stores
from shared.plugins.builtin.csv_table import CsvTable
from shared.plugins.points.importer import (
    Importer,
    ImportEvent,
    ImportSettings,
    ImportTotals,
    OrderDraft,
    ProductDraft,
    Progress,
    Refusal,
    Remark,
)
from shared.runtime.import_preview import (
    Effects,
    known_customer_codes,
    known_orders,
    products_effects,
)

T = TypeVar("T")

BATCH_DRAFTS = 500
BATCH_BYTES = 300_000
_BLOCK = 1024 * 1024
_EXACT = Context(prec=60, traps=[Inexact, InvalidOperation])


class Ask(Protocol):
    """Runs a query on whatever database the import goes to, and waits for its answer."""

    def __call__(self, query: Callable[..., T], /, *args: object) -> T:
        """The query's result; raises what it raises."""
        ...


Hear = Callable[[Refusal | Remark | Progress], None]
"""Is told of every row that is refused or odd, one by one; what it raises ends the run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportPlan:
    """What a person decided; stock in the file goes to `location_id`, or nowhere when None."""

    import_id: ImportId
    importer: Importer
    path: Path
    settings: ImportSettings
    location_id: LocationId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportReport:
    """The end of a run. `totals` already count what the shop itself refused.

    source_total = imported_total + refused_total + rounding_total, to the last digit.
    """

    totals: ImportTotals
    effects: Effects


class ImportRun:
    """One pass over a file: a rehearsal that changes nothing, or the commands that apply it.

    Memory does not grow with the file: drafts are let go batch by batch, refusals are told to
    `hear`. Use an object for one pass.
    """

    def __init__(self, plan: ImportPlan, ask: Ask, hear: Hear) -> None:
        self._plan = plan
        self._ask = ask
        self._hear = hear
        self._products: list[ProductDraft] = []
        self._orders: list[OrderDraft] = []
        self._bytes = 0
        self._effects = Effects()
        self._customers: set[str] = set()
        self._corrections = _Corrections(plan.settings.currency)
        self._totals: ImportTotals | None = None
        self._is_rehearsal = False
        self._is_currency_known = False

    @property
    def totals(self) -> ImportTotals:
        """The reconciled end of the pass. Raises Bug before it has come."""
        if self._totals is None:
            message = f"importer {self._plan.importer.id} ended without totals"
            raise Bug(message)
        return self._corrections.apply(self._totals)

    def rehearse(self) -> ImportReport:
        """Read the whole file, change nothing, and say what applying it would do.

        Raises what the importer raises, and Rejected("import_currency_differs") where a file of
        products has other prices than the shop.
        """
        self._is_rehearsal = True
        for _ in self._batches():
            pass
        return ImportReport(totals=self.totals, effects=self._effects)

    def commands(self, *, file_digest: str) -> Generator[Command, None, None]:
        """The commands of the run in order; submit each before asking for the next.

        `file_digest` is that of the rehearsal. Raises Rejected("import_file_changed") before the
        first command when the file is not the same any more.
        """
        if digest_of(self._plan.path) != file_digest:
            raise Rejected("import_file_changed", name=self._plan.path.name)
        plan = self._plan
        yield StartImport(
            import_id=plan.import_id,
            importer=plan.importer.id,
            file_name=plan.path.name,
            currency=plan.settings.currency,
        )
        yield from self._batches()
        totals = self.totals
        yield FinishImport(
            import_id=plan.import_id,
            rows_read=totals.rows_read,
            rows_accepted=totals.rows_accepted,
            rows_refused=totals.rows_refused,
            source_total=f"{totals.source_total:f}",
            imported_total=f"{totals.imported_total:f}",
        )

    def _batches(self) -> Iterator[Command]:
        for event in self._plan.importer.read(self._plan.path, self._plan.settings):
            if isinstance(event, ProductDraft | OrderDraft):
                self._keep(event)
            else:
                self._note(event)
            if len(self._products) + len(self._orders) >= BATCH_DRAFTS or self._bytes > BATCH_BYTES:
                yield from self._flush()
        yield from self._flush()

    def _note(self, event: ImportEvent) -> None:
        if isinstance(event, ImportTotals):
            self._totals = event
        elif isinstance(event, Refusal | Remark | Progress):
            self._hear(event)

    def _keep(self, draft: ProductDraft | OrderDraft) -> None:
        if isinstance(draft, ProductDraft):
            self._check_currency()
            try:
                check_product(draft)
            except Rejected as refused:
                amount = sum(variant.price_amount for variant in draft.variants)
                self._corrections.refuse(
                    draft, refused, amount=self._major(amount), rounding=Decimal(0)
                )
                self._tell(draft, refused)
                return
            self._products.append(draft)
        else:
            self._orders.append(draft)
        self._bytes += len(canonical_json(draft))

    def _check_currency(self) -> None:
        """Prices of a catalog name no currency: they are the shop's. Orders name their own."""
        if self._is_currency_known:
            return
        currency = self._plan.settings.currency
        for store in self._ask(stores):
            if store.currency != currency:
                raise Rejected(
                    "import_currency_differs",
                    field="currency",
                    currency=currency,
                    store_currency=store.currency,
                )
        self._is_currency_known = True

    def _flush(self) -> Iterator[Command]:
        products, orders = tuple(self._products), tuple(self._orders)
        self._products, self._orders, self._bytes = [], [], 0
        if products and self._is_rehearsal:
            self._effects += self._ask(products_effects, products, self._plan.location_id)
        if products:
            yield ImportProducts(
                import_id=self._plan.import_id,
                location_id=self._plan.location_id,
                products=products,
            )
        new = self._new_orders(orders) if orders else ()
        if new and self._is_rehearsal:
            self._count_orders(new)
        if new:
            yield ImportOrders(import_id=self._plan.import_id, orders=new)

    def _new_orders(self, orders: tuple[OrderDraft, ...]) -> tuple[OrderDraft, ...]:
        taken = self._ask(known_orders, orders)
        for draft in orders:
            if draft.reference in taken:
                refused = Rejected("order_number_taken", number=draft.reference)
                amount = self._major(sum(line.line_amount for line in draft.lines))
                rounding = self._rounding(draft, amount)
                self._corrections.refuse(draft, refused, amount=amount, rounding=rounding)
                self._tell(draft, refused)
        self._effects += Effects(orders_known=sum(draft.reference in taken for draft in orders))
        return tuple(draft for draft in orders if draft.reference not in taken)

    def _count_orders(self, orders: tuple[OrderDraft, ...]) -> None:
        codes = sorted({draft.customer_code or "" for draft in orders} - self._customers - {""})
        unknown = set(codes) - self._ask(known_customer_codes, codes)
        self._customers.update(codes)
        self._effects += Effects(
            orders_new=len(orders),
            order_lines_new=sum(len(draft.lines) for draft in orders),
            customers_new=len(unknown),
        )

    def _rounding(self, draft: OrderDraft, amount: Decimal) -> Decimal:
        """What rounding its lines took from an order: exact quantity times price, less `amount`."""
        exact = Decimal(0)
        for line in draft.lines:
            price = line.exact_unit_price
            unit = self._major(line.unit_price_amount) if price is None else Decimal(price)
            exact = _EXACT.add(exact, _EXACT.multiply(unit, Decimal(line.qty)))
        return _EXACT.subtract(exact, amount)

    def _major(self, amount: int) -> Decimal:
        exponent = currency_of(self._plan.settings.currency).exponent
        return Decimal(amount).scaleb(-exponent, context=_EXACT)

    def _tell(self, draft: ProductDraft | OrderDraft, refused: Rejected) -> None:
        for row in draft.source_rows:
            self._hear(Refusal(row, refused.code, str(refused), dict(refused.params)))


class _Corrections:
    """What the shop refused of the drafts that the importer had accepted."""

    def __init__(self, currency: str) -> None:
        self._currency = currency
        self._rows = 0
        self._imported = Decimal(0)
        self._rounding = Decimal(0)
        self._drafts = 0
        self._codes: Counter[str] = Counter()

    def refuse(
        self,
        draft: ProductDraft | OrderDraft,
        refused: Rejected,
        *,
        amount: Decimal,
        rounding: Decimal,
    ) -> None:
        self._rows += len(draft.source_rows)
        self._drafts += 1
        self._imported = _EXACT.add(self._imported, amount)
        self._rounding = _EXACT.add(self._rounding, rounding)
        self._codes[refused.code] += len(draft.source_rows)

    def apply(self, totals: ImportTotals) -> ImportTotals:
        codes: Mapping[str, int] = Counter(totals.refusals) + self._codes
        refused: dict[str, Any] = {
            "rows_accepted": totals.rows_accepted - self._rows,
            "rows_refused": totals.rows_refused + self._rows,
            "drafts_made": totals.drafts_made - self._drafts,
            "imported_total": _EXACT.subtract(totals.imported_total, self._imported),
            "refused_total": _EXACT.add(
                totals.refused_total, _EXACT.add(self._imported, self._rounding)
            ),
            "rounding_total": _EXACT.subtract(totals.rounding_total, self._rounding),
            "refusals": dict(codes),
        }
        return replace(totals, **refused)


def digest_of(path: Path) -> str:
    """SHA-256 of a file's bytes. Raises Unavailable("import_read_failed")."""
    digest = hashlib.sha256()
    try:
        with path.open("rb") as file:
            while block := file.read(_BLOCK):
                digest.update(block)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise Unavailable("import_read_failed", reason=reason) from error
    return digest.hexdigest()


def header_of(path: Path) -> Sequence[str]:
    """The header of a CSV file, to choose the importer by; raises what reading raises."""
    with CsvTable(path, ImportSettings("EUR")) as table:
        return table.header
