"""Imports a file from the command line: a rehearsal, then the same commands as the wizard sends."""

import argparse
import json
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import IO, TypeVar

from shared.kernel.clock import SystemClock
from shared.kernel.errors import Rejected
from shared.kernel.ids import ImportId, LocationId, TenantId, new_id
from shared.organization.queries import locations, stores
from shared.organization.tables import LocationRow, StoreRow
from shared.plugins.builtin import IMPORTERS
from shared.plugins.points.importer import (
    Importer,
    ImportSettings,
    ImportTotals,
    Progress,
    Refusal,
    Remark,
)
from shared.runtime.import_run import ImportPlan, ImportReport, ImportRun, digest_of
from shared.storage.reader import Reader
from sync_server import tenancy
from sync_server.database import Database
from sync_server.demo_shop import demo_tenant
from sync_server.serving import database_of
from sync_server.settings import Settings
from sync_server.work import run_in

T = TypeVar("T")

FORMATS = {"shopify": "shopify_products", "invoice-lines": "invoice_lines"}
_SHOWN_REFUSALS = 20


def declare(parser: argparse.ArgumentParser) -> None:
    """What the `import` subcommand takes."""
    parser.add_argument("file", type=Path, help=".csv or .csv.gz")
    parser.add_argument("--format", required=True, choices=sorted(FORMATS))
    parser.add_argument("--dry-run", action="store_true", help="say what would happen, no more")
    parser.add_argument("--json", action="store_true", help="print the report as JSON")
    parser.add_argument("--tenant", help="its name; the only one, or the demo's, unless given")
    parser.add_argument("--location", help="code of the location that the stock is at")
    parser.add_argument("--zone", help="time zone of dates without one; the store's unless given")
    parser.add_argument("--date-order", choices=["month_first", "day_first"], default="month_first")


def run(settings: Settings, given: argparse.Namespace) -> None:
    """Import the file. Raises what reading it raises; then nothing has changed."""
    with closing(database_of(settings)) as database:
        target = Target(database, _tenant(settings, database, given.tenant))
        plan = _plan(target, given)
        with tempfile.TemporaryFile("w+", encoding="utf-8") as kept:
            _report(target, plan, given, refused=_RefusalFile(kept))


def _report(
    target: "Target", plan: ImportPlan, given: argparse.Namespace, *, refused: "_RefusalFile"
) -> None:
    """Rehearse, apply unless told otherwise, and print what came of it."""
    report = ImportRun(plan, target.ask, refused.hear).rehearse()
    if not given.dry_run:
        refused.clear()
        totals = _apply(target, plan, refused.hear, digest=report.totals.file_digest)
        report = replace(report, totals=totals)
    show = _print_json if given.json else _print_words
    show(report, refused, is_dry_run=given.dry_run)


def take_over(
    target: "Target",
    path: Path,
    importer: Importer,
    *,
    hear: Callable[[Refusal | Remark | Progress], None],
) -> ImportTotals:
    """Import a whole file as it stands, without a rehearsal; its stock is at the first location."""
    store, places = target.places()
    plan = ImportPlan(
        import_id=ImportId(new_id()),
        importer=importer,
        path=path,
        settings=ImportSettings(currency=store.currency, zone=store.timezone),
        location_id=_location(places, None),
    )
    return _apply(target, plan, hear, digest=digest_of(path))


@dataclass(frozen=True, slots=True)
class Target:
    """The tenant that the import goes to."""

    database: Database
    tenant_id: TenantId

    def ask(self, query: Callable[..., T], /, *args: object) -> T:
        """Run a query on the tenant's rows as they are now."""
        with self.database.tenant_snapshot(self.tenant_id) as connection:
            return query(Reader(connection), *args)

    def places(self) -> tuple[StoreRow, tuple[LocationRow, ...]]:
        """The store, and its locations by name."""
        found = self.ask(stores)
        if not found:
            raise Rejected("store_missing")
        return found[0], self.ask(locations)


def _apply(
    target: Target,
    plan: ImportPlan,
    hear: "Callable[[Refusal | Remark | Progress], None]",
    *,
    digest: str,
) -> ImportTotals:
    """One transaction per command: a kill leaves whole batches, which an undo takes back."""
    applied = ImportRun(plan, target.ask, hear)
    for command in applied.commands(file_digest=digest):
        with target.database.tenant_transaction(target.tenant_id) as unit:
            run_in(unit, command)
    return applied.totals


def _tenant(settings: Settings, database: Database, name: str | None) -> TenantId:
    """The tenant that is meant; a server without any gets the demo's shop."""
    with database.control() as connection:
        known = tenancy.tenants(connection)
        if name is not None:
            return tenancy.tenant_named(connection, name).tenant_id
    if not known:
        return demo_tenant(settings, database, clock=SystemClock()).tenant_id
    if len(known) > 1:
        raise Rejected("tenant_not_named", field="tenant", count=len(known))
    return known[0].tenant_id


def _plan(target: Target, given: argparse.Namespace) -> ImportPlan:
    store, places = target.places()
    return ImportPlan(
        import_id=ImportId(new_id()),
        importer=_importer(FORMATS[given.format]),
        path=given.file,
        settings=ImportSettings(
            currency=store.currency,
            zone=given.zone or store.timezone,
            date_order=given.date_order,
        ),
        location_id=_location(places, given.location),
    )


def _location(places: tuple[LocationRow, ...], code: str | None) -> LocationId | None:
    if code is None:
        return places[0].location_id if places else None
    for place in places:
        if place.code == code:
            return place.location_id
    raise Rejected("stock_location_not_found", field="location", id=code)


def _importer(importer_id: str) -> Importer:
    return next(importer for importer in IMPORTERS if importer.id == importer_id)


class _RefusalFile:
    """Refused rows on their way to the report: kept in a temporary file, not in memory."""

    def __init__(self, file: IO[str]) -> None:
        self._file = file

    def hear(self, event: Refusal | Remark | Progress) -> None:
        """Keep a refused row; the rest is not part of the report."""
        if isinstance(event, Refusal):
            kept = {"row": event.row, "code": event.code, "reason": event.reason}
            self._file.write(json.dumps(kept, ensure_ascii=False) + "\n")

    def clear(self) -> None:
        """Forget what was heard, before a second reading."""
        self._file.seek(0)
        self._file.truncate()

    def lines(self) -> Iterator[str]:
        """Every refused row as a JSON object."""
        self._file.seek(0)
        for line in self._file:
            yield line.rstrip("\n")


def _print_json(report: ImportReport, refused: _RefusalFile, *, is_dry_run: bool) -> None:
    """The report as JSON; money as exact decimal numbers in the file's major unit."""
    totals, effects = report.totals, report.effects
    heads: dict[str, object] = {
        "dry_run": is_dry_run,
        "currency": totals.currency,
        "rows_read": totals.rows_read,
        "rows_accepted": totals.rows_accepted,
        "rows_refused": totals.rows_refused,
    }
    money = {
        "source_total": totals.source_total,
        "imported_total": totals.imported_total,
        "refused_total": totals.refused_total,
        "rounding_total": totals.rounding_total,
    }
    counts = {name: getattr(effects, name) for name in effects.__dataclass_fields__}
    out = sys.stdout
    out.write("{\n")
    for name, value in heads.items():
        out.write(f"  {json.dumps(name)}: {json.dumps(value)},\n")
    for name, amount in money.items():
        out.write(f"  {json.dumps(name)}: {_plain(amount)},\n")
    out.write(f'  "effects": {json.dumps(counts)},\n')
    out.write(f'  "remarks": {json.dumps(dict(totals.remarks))},\n')
    out.write('  "refused": [')
    for place, line in enumerate(refused.lines()):
        out.write(f"{',' if place else ''}\n    {line}")
    out.write("\n  ]\n}\n")


def _plain(amount: Decimal) -> str:
    """A decimal as a JSON number, with every digit and without exponent."""
    return f"{amount:f}"


def _print_words(report: ImportReport, refused: _RefusalFile, *, is_dry_run: bool) -> None:
    totals, effects = report.totals, report.effects
    lines = [
        "Rehearsal, nothing was changed." if is_dry_run else "Imported.",
        (
            f"Rows: {totals.rows_read} read, {totals.rows_accepted} accepted,"
            f" {totals.rows_refused} refused"
        ),
        (
            f"Money ({totals.currency}): {totals.source_total:f} in the file ="
            f" {totals.imported_total:f} imported + {totals.refused_total:f} refused"
            f" + {totals.rounding_total:f} rounding"
        ),
    ]
    for name in effects.__dataclass_fields__:
        count = getattr(effects, name)
        if count:
            lines.append(f"  {name.replace('_', ' ')}: {count}")
    for place, line in enumerate(refused.lines()):
        if place == _SHOWN_REFUSALS:
            more = totals.rows_refused - place
            lines.append(f"  … and {more} more; --json lists them all")
            break
        row = json.loads(line)
        lines.append(f"  row {row['row']}: {row['reason']}")
    sys.stdout.write("\n".join(lines) + "\n")
