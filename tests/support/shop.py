"""A shop on one database: sends commands through the bus and reads back, as a device would."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Concatenate, ParamSpec, TypeVar

import sqlalchemy as sa

from shared.catalog.commands import CreateProduct, VariantSpec
from shared.inventory.commands import AdjustStock, StockReason
from shared.kernel.clock import FixedClock
from shared.kernel.context import Actor, Context, Phase, Station
from shared.kernel.ids import (
    DeviceId,
    LocationId,
    OrderLineId,
    ProductId,
    RegisterId,
    ShiftId,
    StoreId,
    TenantId,
    UserId,
    VariantId,
    new_id,
)
from shared.kernel.messages import Command, Outcome, canonical_json
from shared.kernel.permissions import ROLE_PERMISSIONS, Permission, Role
from shared.organization.commands import AddLocation, AddRegister, AddUser, OpenStore
from shared.pos.commands import OpenShift, SaleLine
from shared.pricing.commands import SetTaxRate
from shared.runtime import bus
from shared.runtime.registry import read_command
from shared.storage.changes import RowChange
from shared.storage.dialects import sqlite_ddl
from shared.storage.reader import Reader
from shared.storage.unit_of_work import UnitOfWork
from tests.support.memory import memory_engine

T = TypeVar("T")
P = ParamSpec("P")

OPENING = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def empty_sqlite() -> sa.Connection:
    """An open connection to an empty in-memory replica."""
    connection = memory_engine().connect()
    connection.exec_driver_sql("PRAGMA foreign_keys = ON")
    for statement in sqlite_ddl():
        connection.exec_driver_sql(statement)
    connection.commit()
    return connection


class Shop:
    """One tenant with a store, a location, a till, three people and two tax rates.

    Prices contain tax; the currency is the euro; `standard` is 19 %, `reduced` 7 %.
    """

    def __init__(self, connection: sa.Connection, *, store: OpenStore | None = None) -> None:
        self.connection = connection
        self.clock = FixedClock(OPENING)
        self.tenant_id = TenantId(new_id())
        self.store_id = StoreId(new_id())
        self.location_id = LocationId(new_id())
        self.register_id = RegisterId(new_id())
        self.device_id = DeviceId(new_id())
        self.owner_id = UserId(new_id())
        self.cashier_id = UserId(new_id())
        self.picker_id = UserId(new_id())
        self.numbers: dict[str, int] = {}
        self.last_changes: tuple[RowChange, ...] = ()
        self._set_up(store)

    def _set_up(self, store: OpenStore | None) -> None:
        opened = store or OpenStore(
            store_id=self.store_id,
            name="Corner Store",
            currency="EUR",
            country="DE",
            language="de",
            timezone="Europe/Berlin",
            is_tax_inclusive=True,
        )
        self.store_id = opened.store_id
        self.do(opened)
        self.do(
            AddLocation(
                location_id=self.location_id, store_id=self.store_id, name="Main Street", code="MS"
            )
        )
        self.do(
            AddRegister(
                register_id=self.register_id, location_id=self.location_id, name="Till 1", code="K1"
            )
        )
        for user_id, name, role in (
            (self.owner_id, "Olga", Role.OWNER),
            (self.cashier_id, "Carl", Role.CASHIER),
            (self.picker_id, "Pia", Role.PICKER),
        ):
            self.do(AddUser(user_id=user_id, name=name, role=role))
        self.do(SetTaxRate(code="standard", name="19 %", rate_ppm=190_000))
        self.do(SetTaxRate(code="reduced", name="7 %", rate_ppm=70_000))

    def do(
        self,
        command: Command,
        *,
        permissions: frozenset[Permission] = ROLE_PERMISSIONS[Role.OWNER],
        user_id: UserId | None = None,
        command_id: str | None = None,
    ) -> Outcome:
        """Run a command where it is made. Raises Rejected; then nothing has changed."""
        numbers = {series: self.numbers.get(series, 0) + 1 for series in command.SERIES}
        context = self.context(command, phase=Phase.FIRST, permissions=permissions, user_id=user_id)
        context = _with(context, command_id=command_id, numbers=numbers)
        work = UnitOfWork(self.connection)
        with self._transaction():
            outcome = bus.run(as_sent(command), work, context)
            self.last_changes = work.changes()
        self.numbers.update(numbers)
        self.clock.advance(timedelta(seconds=1))
        return outcome

    def decide(
        self,
        command: Command,
        *,
        numbers: dict[str, int] | None = None,
        permissions: frozenset[Permission] = ROLE_PERMISSIONS[Role.OWNER],
        command_id: str | None = None,
    ) -> Outcome:
        """Run a command as the server does."""
        context = self.context(command, phase=Phase.AUTHORITY, permissions=permissions)
        work = UnitOfWork(self.connection)
        context = _with(context, command_id=command_id, numbers=numbers)
        with self._transaction():
            outcome = bus.decide(as_sent(command), work, context)
            self.last_changes = work.changes()
        return outcome

    def _transaction(self) -> sa.RootTransaction | sa.NestedTransaction:
        if self.connection.in_transaction():
            return self.connection.begin_nested()
        return self.connection.begin()

    def context(
        self,
        command: Command,
        *,
        phase: Phase,
        permissions: frozenset[Permission] = ROLE_PERMISSIONS[Role.OWNER],
        user_id: UserId | None = None,
    ) -> Context:
        """The surroundings of a command of this shop's till."""
        return Context(
            tenant_id=self.tenant_id,
            command_id=new_id(),
            command_name=command.NAME,
            nature=command.NATURE,
            phase=phase,
            actor=Actor(user_id=user_id, permissions=permissions),
            station=Station(
                device_id=self.device_id,
                location_id=self.location_id,
                register_id=self.register_id,
            ),
            business_at=self.clock.now(),
        )

    def fetch(
        self, query: Callable[Concatenate[Reader, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Run a query."""
        return query(Reader(self.connection), *args, **kwargs)

    def product(
        self,
        title: str = "Mug",
        *,
        price_amount: int = 1000,
        tax_code: str = "standard",
        on_hand_qty: int = 0,
        sku: str | None = None,
        barcode: str | None = None,
    ) -> VariantId:
        """Add a product with one variant and some stock; the variant's id."""
        variant_id = VariantId(new_id())
        spec = VariantSpec(
            variant_id=variant_id,
            sku=sku,
            barcodes=() if barcode is None else (barcode,),
            price_amount=price_amount,
            tax_code=tax_code,
        )
        self.do(CreateProduct(product_id=ProductId(new_id()), title=title, variants=(spec,)))
        if on_hand_qty:
            self.do(
                AdjustStock(
                    variant_id=variant_id,
                    location_id=self.location_id,
                    delta_qty=on_hand_qty,
                    reason=StockReason.RECEIVED,
                )
            )
        return variant_id

    def open_shift(self, float_amount: int = 10_000) -> ShiftId:
        """Open the till's drawer; the shift's id."""
        shift_id = ShiftId(new_id())
        self.do(OpenShift(shift_id=shift_id, opening_float_amount=float_amount))
        return shift_id


def sale_line(
    variant_id: VariantId | None,
    *,
    qty: int = 1,
    price_amount: int = 1000,
    tax_rate_ppm: int = 190_000,
    **changes: Any,  # noqa: ANN401 - any further field of the line
) -> SaleLine:
    """A line of a sale at the list price."""
    fields: dict[str, Any] = {
        "order_line_id": OrderLineId(new_id()),
        "variant_id": variant_id,
        "title": "Mug",
        "sku": None,
        "qty": qty,
        "qty_exponent": 0,
        "unit_price_amount": price_amount,
        "list_price_amount": price_amount,
        "tax_code": "standard" if tax_rate_ppm == 190_000 else "reduced",
        "tax_rate_ppm": tax_rate_ppm,
    }
    return SaleLine(**(fields | changes))


def as_sent(command: Command) -> Command:
    """The command as it arrives on the other side of the wire."""
    return read_command(command.NAME, command.VERSION, canonical_json(command))


def _with(context: Context, *, command_id: str | None, numbers: dict[str, int] | None) -> Context:
    return Context(
        tenant_id=context.tenant_id,
        command_id=command_id or context.command_id,
        command_name=context.command_name,
        nature=context.nature,
        phase=context.phase,
        actor=context.actor,
        station=context.station,
        business_at=context.business_at,
        numbers=numbers or {},
    )
