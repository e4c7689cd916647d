"""A world: one reference server and any number of devices, joined by hand, one step at a time.

Nothing happens by itself: a test says which request is sent, which answer arrives, twice, late or
never, and when a device is cut off. So every run can be repeated exactly.
"""

import os
import shutil
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from desktop.database import Tap
from desktop.files import Keys, ProfileFiles
from desktop.journal import Identity
from desktop.settings import Profile
from desktop.sync import exchange
from desktop.workbench import Receipt, Workbench
from shared.catalog.commands import ChangePrice, CreateProduct, VariantSpec
from shared.inventory.commands import AdjustStock, StockReason
from shared.kernel.clock import Clock, FixedClock
from shared.kernel.context import Station
from shared.kernel.ids import (
    DeviceId,
    LocationId,
    OrderId,
    OrderLineId,
    ProductId,
    ReceiptId,
    RegisterId,
    ShiftId,
    StoreId,
    UserId,
    VariantId,
    new_id,
)
from shared.kernel.messages import Command
from shared.kernel.permissions import Role
from shared.organization.commands import (
    AddLocation,
    AddRegister,
    AddUser,
    OpenStore,
    RegisterDevice,
    Workspace,
)
from shared.payments.commands import TenderKind
from shared.pos.commands import RECEIPT_SERIES, CompleteSale, OpenShift, SaleLine, Tender
from shared.pricing.commands import SetTaxRate
from shared.storage.changes import ChangeSet
from shared.sync.apply import Applied, held_digests, recount_confirmed
from shared.sync.protocol.pull import DEFAULT_LIMIT, PullPage
from shared.sync.protocol.push import PushReply
from shared.sync.rebase import Place
from shared.sync.replica import read_state
from shared.sync.scopes import scopes_for
from tests.support import oracle
from tests.support.reference_server import ReferenceServer, on_the_wire

OPENING = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
PRICE = 1000


@dataclass
class Heard:
    """A listener that remembers what it was told."""

    changes: list[ChangeSet] = field(default_factory=list)
    last_seq: int = 0

    def rows_changed(self, changes: ChangeSet) -> None:
        """Remember what changed."""
        self.changes.append(changes)

    def journal_grew(self, last_seq: int) -> None:
        """Remember how far the journal goes."""
        self.last_seq = last_seq


class DeviceInWorld:
    """A device whose every step is told to it."""

    def __init__(
        self, server: ReferenceServer, folder: Path, *, clock: Clock, keys: Keys | None = None
    ) -> None:
        self.server = server
        self.profile = Profile(folder)
        self.keys = keys or Keys(os.urandom(32), os.urandom(32))
        self.heard = Heard()
        self.shift_id: ShiftId | None = None
        self._clock = clock
        self._files: ProfileFiles | None = None
        self._bench: Workbench | None = None
        self.start()

    @property
    def bench(self) -> Workbench:
        """The device's workbench; it must be running."""
        assert self._bench is not None
        return self._bench

    @property
    def files(self) -> ProfileFiles:
        """The device's files; it must be running."""
        assert self._files is not None
        return self._files

    @property
    def device_id(self) -> DeviceId:
        """Its id at the server."""
        return self.bench.identity.device_id

    # -- life --------------------------------------------------------------------------------

    def start(self, tap: Tap | None = None) -> None:
        """Open the files as a start of the program does."""
        self._files = ProfileFiles(self.profile, self.keys, tap=tap)
        self._bench = Workbench(self._files, clock=self._clock, listener=self.heard)
        if self._bench.is_enrolled:
            self._bench.catch_up()

    def stop(self) -> None:
        """End in good order."""
        if self._bench is not None:
            self._bench.close()
        self._bench = self._files = None

    def cut_off(self) -> None:
        """Lose everything that is not in the files."""
        self.files.abandon()
        self._bench = self._files = None

    def enrol(self, identity: Identity, numbers: dict[str, int] | None = None) -> None:
        """Become a device of the server."""
        self.bench.enrol(identity, numbers or {})

    # -- work --------------------------------------------------------------------------------

    def submit(
        self, command: Command, actor_id: str | None, *, clears_draft: str | None = None
    ) -> Receipt:
        """Make a command true here."""
        return self.bench.submit(command, actor_id=actor_id, clears_draft=clears_draft)

    # -- what must hold ----------------------------------------------------------------------

    def place(self) -> Place:
        """Where its commands are made."""
        identity = self.bench.identity
        station = Station(
            device_id=identity.device_id,
            location_id=identity.location_id,
            register_id=identity.register_id,
        )
        return Place(tenant_id=identity.tenant_id, station=station)

    def check(self) -> None:
        """Whatever was done to it: chain, numbers, rows and digests are as they must be."""
        files, journal = self.files, self.bench.journal
        assert journal.broken_at() is None
        entries = journal.entries(after=0)
        numbers = [
            number
            for entry in entries
            for number in [entry.envelope.numbers.get(RECEIPT_SERIES)]
            if number is not None
        ]
        assert numbers == list(range(1, len(numbers) + 1)), "receipt numbers have a gap"
        assert journal.next_numbers([RECEIPT_SERIES])[RECEIPT_SERIES] == len(numbers) + 1
        with files.replica.begin():
            state = read_state(files.replica)
            assert state is not None
            confirmed = oracle.confirmed_rows(files.replica)
            pending = oracle.pending_envelopes(journal, acked_seq=state.acked_seq)
            if state.is_filled:
                expected = oracle.rows_after(confirmed, pending, self.place())
                assert oracle.visible_rows(files.replica) == expected
            assert recount_confirmed(files.replica) == held_digests(files.replica)

    def check_same_as_server(self) -> None:
        """With everything exchanged, it holds exactly the server's rows of its scopes."""
        assert self.bench.journal.waiting().count == 0
        server = oracle.visible_rows(self.server.connection)
        self.server.connection.rollback()
        with self.files.replica.begin():
            mine = oracle.visible_rows(self.files.replica)
        assert mine == oracle.in_scopes(server, self.bench.identity.scopes)

    # -- conversation ------------------------------------------------------------------------

    def send(self) -> PushReply | None:
        """Let the server work on what is unsent and give its answer, which is not taken yet."""
        request = exchange.next_push(self.bench)
        return None if request is None else self.server.push(self.device_id, request)

    def take_reply(self, reply: PushReply) -> None:
        """Take an answer to a push."""
        exchange.take_reply(self.bench, reply)

    def page(self, *, limit: int = DEFAULT_LIMIT) -> PullPage:
        """Ask for the next page; it is not taken yet."""
        cursor = self.bench.standing().cursor
        return on_the_wire(self.server.pull(self.device_id, cursor, limit=limit))

    def take_page(self, page: PullPage) -> Applied | None:
        """Take a page of rows."""
        return exchange.take_page(self.bench, page)

    def push(self) -> None:
        """Send everything and take all answers."""
        while (reply := self.send()) is not None:
            self.take_reply(reply)

    def pull(self, *, limit: int = DEFAULT_LIMIT) -> Applied:
        """Take pages up to the server's head."""
        while True:
            applied = self.take_page(self.page(limit=limit))
            assert applied is not None
            if applied.state.cursor == self.server.head:
                return applied

    def sync(self) -> Applied:
        """Push, then pull."""
        self.push()
        return self.pull()


class World:
    """A shop with a store, a location, tills, people, two products, and their server."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.clock = FixedClock(OPENING)
        self.server = ReferenceServer(self.clock)
        self.store_id = StoreId(new_id())
        self.location_id = LocationId(new_id())
        self.owner_id = UserId(new_id())
        self.cashier_id = UserId(new_id())
        self.variants: list[VariantId] = []
        self.devices: list[DeviceInWorld] = []
        self._found()

    def _found(self) -> None:
        do = self.server.do
        do(
            OpenStore(
                store_id=self.store_id,
                name="Corner Store",
                currency="EUR",
                country="DE",
                language="de",
                timezone="Europe/Berlin",
                is_tax_inclusive=True,
            )
        )
        do(
            AddLocation(
                location_id=self.location_id, store_id=self.store_id, name="Main Street", code="MS"
            )
        )
        do(AddUser(user_id=self.owner_id, name="Olga", role=Role.OWNER))
        do(AddUser(user_id=self.cashier_id, name="Carl", role=Role.CASHIER))
        do(SetTaxRate(code="standard", name="19 %", rate_ppm=190_000))
        for title in ("Mug", "Plate"):
            self.product(title, on_hand_qty=100)

    def close(self) -> None:
        """Stop all devices and the server."""
        for device in self.devices:
            device.stop()
        self.server.close()

    def product(self, title: str, *, on_hand_qty: int = 0) -> VariantId:
        """Add a product with one variant at the server."""
        variant_id = VariantId(new_id())
        spec = VariantSpec(variant_id=variant_id, sku=title.upper(), price_amount=PRICE)
        self.server.do(CreateProduct(product_id=ProductId(new_id()), title=title, variants=(spec,)))
        if on_hand_qty:
            self.server.do(
                AdjustStock(
                    variant_id=variant_id,
                    location_id=self.location_id,
                    delta_qty=on_hand_qty,
                    reason=StockReason.RECEIVED,
                )
            )
        self.variants.append(variant_id)
        return variant_id

    def identity(self, workspace: Workspace, register_id: RegisterId | None) -> Identity:
        """A new device at the server, ready to be taken on."""
        device_id = DeviceId(new_id())
        location_id = None if workspace is Workspace.MERCHANT else self.location_id
        self.server.do(
            RegisterDevice(
                device_id=device_id,
                name=f"Device {len(self.devices) + 1}",
                workspace=workspace,
                location_id=location_id,
                register_id=register_id,
            )
        )
        self.server.admit(device_id)
        return Identity(
            tenant_id=self.server.tenant_id,
            tenant_name="Corner Store",
            device_id=device_id,
            incarnation=self.server.link(device_id).incarnation,
            workspace=workspace,
            location_id=location_id,
            register_id=register_id,
            scopes=scopes_for(workspace, location_id, register_id),
            server_url="",
        )

    def identity_again(self, device: DeviceInWorld) -> Identity:
        """What a device is told when it is paired anew."""
        incarnation = self.server.link(device.device_id).incarnation
        return replace(device.bench.identity, incarnation=incarnation)

    def till(self) -> DeviceInWorld:
        """A new till of the location, enrolled and filled."""
        register_id = RegisterId(new_id())
        number = len(self.devices) + 1
        self.server.do(
            AddRegister(
                register_id=register_id,
                location_id=self.location_id,
                name=f"Till {number}",
                code=f"K{number}",
            )
        )
        return self._device(self.identity(Workspace.KIOSK, register_id))

    def back_office(self, *, is_filled: bool = True) -> DeviceInWorld:
        """A new device that holds everything, enrolled and filled."""
        return self._device(self.identity(Workspace.MERCHANT, None), is_filled=is_filled)

    def _device(self, identity: Identity, *, is_filled: bool = True) -> DeviceInWorld:
        folder = self._folder / f"device-{len(self.devices) + 1}"
        device = DeviceInWorld(self.server, folder, clock=self.clock)
        device.enrol(identity)
        if is_filled:
            device.pull()
        self.devices.append(device)
        return device

    def clone(self, device: DeviceInWorld) -> DeviceInWorld:
        """A second machine with a copy of a device's files."""
        device.stop()
        folder = self._folder / f"device-{len(self.devices) + 1}"
        shutil.copytree(device.profile.folder, folder)
        device.start()
        twin = DeviceInWorld(self.server, folder, clock=self.clock, keys=device.keys)
        self.devices.append(twin)
        return twin

    # -- what people do ----------------------------------------------------------------------

    def open_shift(self, till: DeviceInWorld) -> ShiftId:
        """Open a till's drawer."""
        shift_id = ShiftId(new_id())
        till.submit(OpenShift(shift_id=shift_id, opening_float_amount=10_000), self.cashier_id)
        till.shift_id = shift_id
        return shift_id

    def shift_of(self, till: DeviceInWorld) -> ShiftId:
        """The shift that was opened last at a till."""
        assert till.shift_id is not None
        return till.shift_id

    def sell(self, till: DeviceInWorld, shift_id: ShiftId, *, qty: int = 1) -> Receipt:
        """Sell mugs for cash."""
        self.clock.advance(timedelta(seconds=1))
        return till.submit(self.sale(shift_id, qty=qty), self.cashier_id)

    def sale(self, shift_id: ShiftId, *, qty: int = 1) -> CompleteSale:
        """A sale of mugs for cash."""
        return mug_sale(self.variants[0], shift_id, qty=qty)

    def new_location(self, *, code: str) -> AddLocation:
        """A request for another stock location."""
        return AddLocation(
            location_id=LocationId(new_id()), store_id=self.store_id, name="Annex", code=code
        )

    def price_change(self, amount: int, *, of: int = 0) -> ChangePrice:
        """A request for another list price."""
        return ChangePrice(variant_id=self.variants[of], price_amount=amount)


def mug_sale(variant_id: VariantId, shift_id: ShiftId, *, qty: int = 1) -> CompleteSale:
    """A sale of mugs for cash."""
    line = SaleLine(
        order_line_id=OrderLineId(new_id()),
        variant_id=variant_id,
        title="Mug",
        sku="MUG",
        qty=qty,
        qty_exponent=0,
        unit_price_amount=PRICE,
        list_price_amount=PRICE,
        tax_code="standard",
        tax_rate_ppm=190_000,
    )
    return CompleteSale(
        order_id=OrderId(new_id()),
        receipt_id=ReceiptId(new_id()),
        shift_id=shift_id,
        lines=(line,),
        tenders=(Tender(kind=TenderKind.CASH, amount=PRICE * qty, given_amount=PRICE * qty),),
        total_amount=PRICE * qty,
    )
