"""Serves the demo's shop: fills it from files, takes web orders, gives out pairing codes."""

import argparse
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path

from shared.catalog.tables import VARIANT, VariantRow
from shared.imports.tables import IMPORT, ImportRow, ImportState
from shared.inventory.queries import available_at
from shared.kernel.clock import Clock, SystemClock
from shared.kernel.errors import Rejected
from shared.kernel.ids import OrderId, OrderLineId, TenantId
from shared.orders.commands import Channel, PlacedLine, PlaceOrder
from shared.orders.tables import OrderRow
from shared.organization.commands import Workspace
from shared.payments.commands import TakePayment, TenderKind
from shared.plugins.builtin import IMPORTERS
from shared.plugins.points.importer import (
    Importer,
    Progress,
    Refusal,
    Remark,
    choose_importer,
)
from shared.runtime.import_run import header_of
from shared.storage.reader import Reader
from sync_server.auth import pairing
from sync_server.database import Database
from sync_server.demo_shop import (
    CUSTOMERS,
    LOCATION_ID,
    REGISTER_ID,
    TENANT_NAME,
    customer_id_of,
    demo_id,
    demo_tenant,
)
from sync_server.errors import said
from sync_server.importing import Target, take_over
from sync_server.serving import database_of, migrate, serve
from sync_server.settings import Settings
from sync_server.work import run_in

_FIRST_ORDER = 50
_FIRST_LINE = 60
_LINES_PER_ORDER = 3
_PIECES = (2, 1, 1)
_SHIPPING_AMOUNT = 395
_LOOKED_AT = 500
_TENTHS = 10
_LONG_FILE_BYTES = 500_000
_PIECE = "piece"
Say = Callable[[str], None]


def fill(database: Database, tenant_id: TenantId, folder: Path, *, say: Say) -> None:
    """Import every file of the folder that an importer knows, products first, then take orders.

    What was taken over before is left alone, so a start that was cut off is simply repeated.
    """
    target = Target(database, tenant_id)
    done = target.ask(_finished_files)
    for importer, path in _files(folder, say):
        if path.name not in done:
            say(f"Taking over {path.name} …")
            taken = take_over(target, path, importer, hear=_Tenths(say).hear)
            say(f"  {taken.rows_accepted} of {taken.rows_read} rows, {taken.rows_refused} refused")
    goods = target.ask(_to_send)
    for place in range(len(CUSTOMERS)):
        _take_web_order(target, place, goods[place * _LINES_PER_ORDER :][:_LINES_PER_ORDER])


class _Tenths:
    """Tells how far the reading of a long file is, in steps of a tenth."""

    def __init__(self, say: Say) -> None:
        self._say = say
        self._told = 0

    def hear(self, event: Refusal | Remark | Progress) -> None:
        """Pass on only progress; how many rows were refused is told in the end."""
        if isinstance(event, Progress) and (event.bytes_total or 0) > _LONG_FILE_BYTES:
            tenths = event.bytes_read * _TENTHS // (event.bytes_total or 1)
            if self._told < tenths < _TENTHS:
                self._told = tenths
                self._say(f"  {tenths * 10} %")


def _finished_files(reader: Reader) -> frozenset[str]:
    finished = reader.find(ImportRow, IMPORT.c.state == ImportState.FINISHED)
    return frozenset(row.file_name for row in finished)


def _files(folder: Path, say: Say) -> Iterator[tuple[Importer, Path]]:
    """The folder's CSV files with their importers, in the order of the importers."""
    known: list[tuple[int, Path]] = []
    for path in sorted([*folder.glob("*.csv"), *folder.glob("*.csv.gz")]):
        try:
            importer = choose_importer(IMPORTERS, header_of(path))
        except Rejected as error:
            say(f"Leaving out {path.name}: {said(error)}")
            continue
        if importer is None:
            say(f"Leaving out {path.name}: no importer knows its columns")
        else:
            known.append((IMPORTERS.index(importer), path))
    if not known:
        raise Rejected("demo_data_missing", folder=str(folder))
    for place, path in sorted(known):
        yield IMPORTERS[place], path


def _to_send(reader: Reader) -> list[VariantRow]:
    """Goods of different products by SKU, enough for all orders where the shop has as many."""
    found = reader.find(
        VariantRow,
        VARIANT.c.is_active.is_(True),
        VARIANT.c.requires_shipping.is_(True),
        VARIANT.c.unit_code == _PIECE,
        order_by=(VARIANT.c.sku, VARIANT.c.variant_id),
        limit=_LOOKED_AT,
    )
    available = available_at(reader, LOCATION_ID, [each.variant_id for each in found])
    goods: dict[str, VariantRow] = {}
    for each in found:
        is_there = not each.is_stock_tracked or available.get(each.variant_id, 0) >= max(_PIECES)
        if is_there:
            goods.setdefault(each.product_id, each)
    return list(goods.values())


def _take_web_order(target: Target, place: int, goods: Sequence[VariantRow]) -> None:
    """One customer's paid order, unless it was taken before or there is nothing to send."""
    order_id = OrderId(demo_id(_FIRST_ORDER + place))
    if not goods or target.ask(_order, order_id) is not None:
        return
    customer = CUSTOMERS[place]
    first_line = _FIRST_LINE + place * _LINES_PER_ORDER
    order = PlaceOrder(
        order_id=order_id,
        order_number=f"WEB-{1001 + place}",
        channel=Channel.WEB,
        location_id=LOCATION_ID,
        lines=tuple(
            PlacedLine(
                order_line_id=OrderLineId(demo_id(first_line + nth)),
                variant_id=each.variant_id,
                qty=_PIECES[nth],
            )
            for nth, each in enumerate(goods)
        ),
        shipping_title="Royal Mail Tracked 48",
        shipping_amount=_SHIPPING_AMOUNT,
        customer_id=customer_id_of(place),
        customer_name=customer.name,
        email=customer.email,
        ship_to=customer.address,
    )
    with target.database.tenant_transaction(target.tenant_id) as unit:
        run_in(unit, order)
        total_amount = unit.rows.require(OrderRow, order_id).total_amount
        paid = TakePayment(
            order_id=order_id,
            tender=TenderKind.CARD_EXTERNAL,
            amount=total_amount,
            reference=f"web-{1001 + place}",
        )
        run_in(unit, paid)


def _order(reader: Reader, order_id: OrderId) -> OrderRow | None:
    return reader.get(OrderRow, order_id)


def pairing_codes(database: Database, tenant_id: TenantId, *, clock: Clock) -> dict[str, str]:
    """A fresh pairing code for each workspace."""
    codes = {}
    for workspace in Workspace:
        is_office = workspace is Workspace.MERCHANT
        place = pairing.Place(
            tenant_id=tenant_id,
            workspace=workspace,
            location_id=None if is_office else LOCATION_ID,
            register_id=REGISTER_ID if workspace is Workspace.KIOSK else None,
            does_replace=True,
        )
        with database.control() as connection:
            codes[workspace.value] = pairing.new_code(connection, place, now=clock.now())
    return codes


def declare(parser: argparse.ArgumentParser) -> None:
    """What the `demo` subcommand takes."""
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument(
        "--fill", type=Path, metavar="FOLDER", help="fill the shop from the CSV files of a folder"
    )


def run(settings: Settings, given: argparse.Namespace) -> None:
    """Make and fill the demo's shop, print pairing codes as one line of JSON, and serve.

    While it is filled, standard output tells how far that is, a sentence a line.
    """
    clock = SystemClock()
    if settings.database_url is not None:
        migrate(settings.database_url, clock)
    with closing(database_of(settings)) as database:
        tenant = demo_tenant(settings, database, clock=clock)
        if given.fill is not None:
            fill(database, tenant.tenant_id, given.fill, say=_say)
        codes = pairing_codes(database, tenant.tenant_id, clock=clock)
    _say(json.dumps({"tenant": TENANT_NAME, "codes": codes}))
    serve(settings, host=given.host, port=given.port)


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()
