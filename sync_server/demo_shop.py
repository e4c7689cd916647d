"""The demo's shop as it is before it is filled: a store, a till, a station and people."""

from collections.abc import Sequence
from dataclasses import dataclass

from argon2 import PasswordHasher

from shared.customers.commands import Address, SaveCustomer
from shared.kernel.clock import Clock
from shared.kernel.ids import (
    CustomerId,
    LocationId,
    RegisterId,
    StoreId,
    UserId,
    derived_id,
)
from shared.kernel.messages import Command
from shared.kernel.permissions import Role
from shared.organization.commands import AddLocation, AddRegister, AddUser, OpenStore
from shared.pricing.commands import SetTaxRate
from sync_server import tenancy
from sync_server.database import Database, owner_engine
from sync_server.serving import owner_url
from sync_server.settings import Settings
from sync_server.work import run_in

TENANT_NAME = "Lark & Linen"
CURRENCY = "GBP"
REGISTER_CODE = "K1"

_SEED = "7f0d8a52-5b63-4b4e-9d5c-1d6f5f6f4c11"
"""Ids of the demo derive from this, so that two demos look alike."""


@dataclass(frozen=True, slots=True)
class DemoPerson:
    """A member of the demo's staff; the PIN is printed where the demo starts."""

    name: str
    role: Role
    pin: str


PEOPLE = (
    DemoPerson("Olive Hart", Role.OWNER, "1111"),
    DemoPerson("Casey Moss", Role.CASHIER, "2222"),
    DemoPerson("Sam Reed", Role.SUPERVISOR, "3333"),
    DemoPerson("Pia Stone", Role.PICKER, "4444"),
)


@dataclass(frozen=True, slots=True)
class DemoCustomer:
    """Somebody who buys from the demo's shop."""

    name: str
    email: str
    address: Address


CUSTOMERS = (
    DemoCustomer(
        "Ann Önd",
        "ann@example.com",
        Address(
            name="Ann Önd", line1="4 Mill Lane", city="Leeds", postcode="LS1 4DY", country="GB"
        ),
    ),
    DemoCustomer(
        "Bashir Al-Khalil",
        "bashir@example.com",
        Address(
            name="Bashir Al-Khalil",
            line1="19 Castle Road",
            city="Bath",
            postcode="BA1 2QP",
            country="GB",
        ),
    ),
)
RATES = (("standard", "VAT 20 %", 200_000), ("reduced", "VAT 5 %", 50_000), ("zero", "No VAT", 0))


def demo_id(place: int) -> str:
    """The id of the demo's record with that number."""
    return derived_id(_SEED, place)


STORE_ID = StoreId(demo_id(1))
LOCATION_ID = LocationId(demo_id(2))
REGISTER_ID = RegisterId(demo_id(3))
_FIRST_USER = 10
_FIRST_CUSTOMER = 30


def user_id_of(person: DemoPerson) -> UserId:
    """The id of a member of the demo's staff."""
    return UserId(demo_id(_FIRST_USER + PEOPLE.index(person)))


def customer_id_of(place: int) -> CustomerId:
    """The id of one of CUSTOMERS."""
    return CustomerId(demo_id(_FIRST_CUSTOMER + place))


def demo_tenant(settings: Settings, database: Database, *, clock: Clock) -> tenancy.Tenant:
    """The demo's tenant, made with its shop when it does not exist yet."""
    with database.control() as connection:
        known = [t for t in tenancy.tenants(connection) if t.name == TENANT_NAME]
    if known:
        return known[0]
    owner = owner_engine(owner_url(settings))
    tenant = tenancy.create_tenant(owner, TENANT_NAME, now=clock.now())
    with database.tenant_transaction(tenant.tenant_id) as unit:
        for command in _shop():
            run_in(unit, command)
    return tenant


def _shop() -> Sequence[Command]:
    hasher = PasswordHasher()
    return (
        OpenStore(
            store_id=STORE_ID,
            name=TENANT_NAME,
            currency=CURRENCY,
            country="GB",
            language="en",
            timezone="Europe/London",
            is_tax_inclusive=True,
            receipt_header=("12 Market Street, York YO1 8SL", "VAT GB 000 0000 00"),
            receipt_footer=("Thank you! Returns within 30 days with this receipt.",),
        ),
        AddLocation(
            location_id=LOCATION_ID,
            store_id=STORE_ID,
            name="Market Street",
            code="MARKET",
            address=("Lark & Linen", "12 Market Street", "York YO1 8SL"),
        ),
        AddRegister(
            register_id=REGISTER_ID, location_id=LOCATION_ID, name="Till 1", code=REGISTER_CODE
        ),
        *(SetTaxRate(code=code, name=name, rate_ppm=ppm) for code, name, ppm in RATES),
        *(
            AddUser(
                user_id=user_id_of(person),
                name=person.name,
                role=person.role,
                pin_hash=hasher.hash(person.pin),
            )
            for person in PEOPLE
        ),
        *_customers(),
    )


def _customers() -> tuple[SaveCustomer, ...]:
    return tuple(
        SaveCustomer(
            customer_id=customer_id_of(place),
            name=customer.name,
            email=customer.email,
            addresses=(customer.address,),
        )
        for place, customer in enumerate(CUSTOMERS)
    )
