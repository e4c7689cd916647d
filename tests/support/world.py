"""A world: one reference server and any number of devices, joined by hand, one step at a time.

Nothing happens by itself: a test says which request is sent, which answer arrives, twice, late or
never, and when a device is cut off. So every run can be repeated exactly.
"""

import shutil
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from desktop.files import Keys
from desktop.journal import Identity
from desktop.workbench import Receipt
from shared.catalog.commands import ChangePrice, CreateProduct, VariantSpec
from shared.inventory.commands import AdjustStock, StockReason
from shared.kernel.clock import FixedClock
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
from shared.pos.commands import CompleteSale, OpenShift, SaleLine, Tender
from shared.pricing.commands import SetTaxRate
from shared.sync.scopes import scopes_for
from tests.support.reference_server import ReferenceServer
from tests.support.world_device import DeviceInWorld

OPENING = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
PRICE = 1000


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

    def till(self, folder: Path | None = None, *, keys: Keys | None = None) -> DeviceInWorld:
        """A new till of the location, enrolled and filled, with files and keys of its own."""
        identity = self.identity(Workspace.KIOSK, self.register())
        return self._device(identity, folder=folder, keys=keys)

    def register(self) -> RegisterId:
        """A new till of the location that no device has yet."""
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
        return register_id

    def back_office(self, *, is_filled: bool = True) -> DeviceInWorld:
        """A new device that holds everything, enrolled and filled."""
        return self._device(self.identity(Workspace.MERCHANT, None), is_filled=is_filled)

    def _device(
        self,
        identity: Identity,
        *,
        is_filled: bool = True,
        folder: Path | None = None,
        keys: Keys | None = None,
    ) -> DeviceInWorld:
        folder = folder or self._folder / f"device-{len(self.devices) + 1}"
        device = DeviceInWorld(self.server, folder, clock=self.clock, keys=keys)
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
