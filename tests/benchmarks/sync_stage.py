"""A real server for measurements: PostgreSQL that waits for its disk, a process, tenants, goods."""

import os
import random
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import httpx
import sqlalchemy as sa

from shared.catalog.commands import CreateProduct, VariantSpec
from shared.inventory.commands import AdjustStock, StockReason
from shared.kernel.clock import FixedClock, SystemClock
from shared.kernel.ids import ProductId, ShiftId, VariantId, new_id
from shared.kernel.messages import Command, Envelope
from shared.organization.commands import Workspace
from shared.pos.commands import RECEIPT_SERIES, CompleteSale, OpenShift
from shared.pricing.commands import SetTaxRate
from sync_server import embedded
from sync_server.collecting import collect_seldom
from sync_server.database import Database, app_engine, owner_engine
from sync_server.serving import migrate
from tests.benchmarks.result import memory_mib_of
from tests.support.databases import ServerDatabase
from tests.support.world import PRICE, mug_sale
from tests.sync_server.devices import Device, Site
from tests.sync_server.processes import address_of, server_process

IN_STOCK = 1_000_000


@dataclass
class Stage:
    """A database with its server process, which devices reach over HTTP at `address`."""

    folder: Path
    server: ServerDatabase
    client: httpx.Client
    address: str
    pid: int
    sites: list["Goods"] = field(default_factory=list)

    def goods(self, count: int) -> "Goods":
        """A new tenant with so many products of one variant each, all in stock."""
        made = Goods(Site(self.server, self.client))
        made.put_in(count)
        return made

    def cpu_s(self) -> float:
        """Processor seconds that the server process has used so far, without the database's."""
        fields = Path(f"/proc/{self.pid}/stat").read_text(encoding="ascii").rpartition(")")[2]
        user, system = fields.split()[11:13]
        return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")

    def wait(self, seconds: float) -> None:
        """Let time go by, in the database."""
        with self.server.owner.connect() as connection:
            connection.execute(sa.text("SELECT pg_sleep(:seconds)"), {"seconds": seconds})

    def memory_mib(self) -> float:
        """Resident memory of the server process now."""
        return memory_mib_of(self.pid)


@contextmanager
def stage() -> Iterator[Stage]:
    """PostgreSQL and a server process for as long as the block lasts."""
    collect_seldom()
    folder = Path(tempfile.mkdtemp(prefix="pycommerce-bench-"))
    folder.chmod(0o755)
    os.environ["PYCOMMERCE_DATA"] = str(folder / "server")
    try:
        with ExitStack() as opened:
            postgres = opened.enter_context(embedded.running(folder / "postgres"))
            migrate(postgres.url)
            clock = FixedClock(SystemClock().now())
            database = Database(app_engine(postgres.url, is_app_login=False, pool_size=4), clock)
            opened.callback(database.close)
            process = opened.enter_context(server_process(postgres.url, "serve", "--port", "0"))
            address = address_of(process)
            client = opened.enter_context(httpx.Client(base_url=address, timeout=120))
            server = ServerDatabase(postgres.url, database, owner_engine(postgres.url), clock)
            yield Stage(folder, server, client, address, process.pid)
    finally:
        shutil.rmtree(folder)


class Goods:
    """One tenant's shop and what it sells."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.product_ids: list[ProductId] = []
        self.variant_ids: list[VariantId] = []
        self._chance = random.Random(5)
        site.run(SetTaxRate(code="standard", name="19 %", rate_ppm=190_000))

    def put_in(self, count: int) -> None:
        """Add products, each with a variant and stock at the first location."""
        commands: list[Command] = []
        for number in range(len(self.product_ids), len(self.product_ids) + count):
            product_id, variant_id = ProductId(new_id()), VariantId(new_id())
            self.product_ids.append(product_id)
            self.variant_ids.append(variant_id)
            spec = VariantSpec(variant_id=variant_id, sku=f"S{number}", price_amount=PRICE)
            commands += [
                CreateProduct(
                    product_id=product_id,
                    title=f"Enamel mug {number}",
                    description_html="<p>Made to last, easy to care for.</p>",
                    vendor="Millbrook",
                    variants=(spec,),
                ),
                AdjustStock(
                    variant_id=variant_id,
                    location_id=self.site.location_ids[0],
                    delta_qty=IN_STOCK,
                    reason=StockReason.RECEIVED,
                ),
            ]
        self.site.run(*commands)

    def till(self) -> "Till":
        """An enrolled till at the first location, with an open drawer."""
        device = self.site.device(Workspace.KIOSK)
        shift_id = ShiftId(new_id())
        opening = OpenShift(shift_id=shift_id, opening_float_amount=0)
        return Till(self, device, shift_id, list(device.add(opening)))

    def sale(self, shift_id: ShiftId) -> CompleteSale:
        """A sale of three different things for cash."""
        return three_lines(self._chance.sample(self.variant_ids, 3), shift_id)


@dataclass
class Till:
    """A till that speaks the wire by hand: its commands are made beforehand."""

    goods: Goods
    device: Device
    shift_id: ShiftId
    first: list[Envelope]
    receipts: int = 0

    def sales(self, count: int) -> list[Envelope]:
        """The next sales in its journal; the opening of its drawer goes before the first."""
        made, self.first = self.first, []
        for _ in range(count):
            self.receipts += 1
            numbers = {RECEIPT_SERIES: self.receipts}
            made += self.device.add(self.goods.sale(self.shift_id), numbers=numbers)
        return made


def three_lines(variant_ids: list[VariantId], shift_id: ShiftId) -> CompleteSale:
    """A sale of those things for cash."""
    single = mug_sale(variant_ids[0], shift_id)
    total = single.total_amount * len(variant_ids)
    lines = tuple(mug_sale(variant_id, shift_id).lines[0] for variant_id in variant_ids)
    tender = replace(single.tenders[0], amount=total, given_amount=total)
    return replace(single, lines=lines, total_amount=total, tenders=(tender,))
