"""The demo's shop: one tenant with a store, a till, a station and people."""

import argparse
import json
import sys
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass

from argon2 import PasswordHasher

from shared.customers.commands import Address, SaveCustomer
from shared.kernel.clock import Clock, SystemClock
from shared.kernel.ids import (
    CustomerId,
    LocationId,
    RegisterId,
    StoreId,
    TenantId,
    UserId,
    derived_id,
)
from shared.kernel.messages import Command
from shared.kernel.permissions import Role
from shared.organization.commands import AddLocation, AddRegister, AddUser, OpenStore, Workspace
from shared.pricing.commands import SetTaxRate
from sync_server import tenancy
from sync_server.auth import pairing
from sync_server.database import Database, owner_engine
from sync_server.serving import database_of, owner_url, serve
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
RATES = (("standard", "VAT 20 %", 200_000), ("reduced", "VAT 5 %", 50_000), ("zero", "No VAT", 0))


def _id(place: int) -> str:
    return derived_id(_SEED, place)


STORE_ID = StoreId(_id(1))
LOCATION_ID = LocationId(_id(2))
REGISTER_ID = RegisterId(_id(3))
_FIRST_USER = 10
_FIRST_CUSTOMER = 30


def user_id_of(person: DemoPerson) -> UserId:
    """The id of a member of the demo's staff."""
    return UserId(_id(_FIRST_USER + PEOPLE.index(person)))


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
    people = (
        ("Ann Önd", "ann@example.com", "4 Mill Lane", "Leeds", "LS1 4DY"),
        ("Bashir Al-Khalil", "bashir@example.com", "19 Castle Road", "Bath", "BA1 2QP"),
    )
    return tuple(
        SaveCustomer(
            customer_id=CustomerId(_id(_FIRST_CUSTOMER + place)),
            name=name,
            email=email,
            addresses=(
                Address(name=name, line1=line1, city=city, postcode=postcode, country="GB"),
            ),
        )
        for place, (name, email, line1, city, postcode) in enumerate(people)
    )


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


def run(settings: Settings, given: argparse.Namespace) -> None:
    """Make and fill the demo's shop, print pairing codes as one line of JSON, and serve."""
    clock = SystemClock()
    with closing(database_of(settings)) as database:
        tenant = demo_tenant(settings, database, clock=clock)
        codes = pairing_codes(database, tenant.tenant_id, clock=clock)
    sys.stdout.write(json.dumps({"tenant": TENANT_NAME, "codes": codes}) + "\n")
    sys.stdout.flush()
    serve(settings, host=given.host, port=given.port)
