"""Rows of the organization: store, stock location, register, device, user."""

from dataclasses import dataclass
from datetime import datetime

from shared.kernel.ids import DeviceId, LocationId, RegisterId, StoreId, UserId
from shared.kernel.permissions import Role
from shared.organization.commands import Workspace
from shared.storage.base import Index, Reference, Row, define


@dataclass(frozen=True, slots=True)
class StoreRow(Row):
    """One shop or web store: its money, tax and time rules.

    `cash_rounding_amount` is the smallest cash step in minor units, 0 where cash is exact.
    """

    store_id: StoreId
    name: str
    currency: str
    country: str
    language: str
    timezone: str
    day_starts_hour: int
    is_tax_inclusive: bool
    tax_rounding: str
    cash_rounding_amount: int
    receipt_header: tuple[str, ...]
    receipt_footer: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LocationRow(Row):
    """A stock location: a shop floor or a store room.

    Where `is_sharing`, its devices keep copies of each other's unsent work.
    """

    location_id: LocationId
    store_id: StoreId
    name: str
    code: str
    address: tuple[str, ...]
    is_sharing: bool = False


@dataclass(frozen=True, slots=True)
class RegisterRow(Row):
    """A logical till; the head of its receipt chain and its perpetual totals.

    Amounts in minor units of the store's currency.
    """

    register_id: RegisterId
    location_id: LocationId
    name: str
    code: str
    last_receipt_no: int
    last_receipt_hash: str
    last_z_no: int
    grand_total_amount: int


@dataclass(frozen=True, slots=True)
class DeviceRow(Row):
    """An enrolled machine."""

    device_id: DeviceId
    name: str
    workspace: Workspace
    location_id: LocationId | None
    register_id: RegisterId | None
    enrolled_at: datetime
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True)
class UserRow(Row):
    """A person of the staff; `pin_hash` is an Argon2id hash, empty without a PIN."""

    user_id: UserId
    name: str
    role: Role
    pin_hash: str
    is_active: bool


STORE = define(StoreRow, "store", key=("store_id",), scope=lambda _row: "tenant")
LOCATION = define(
    LocationRow,
    "stock_location",
    key=("location_id",),
    scope=lambda _row: "tenant",
    references=(Reference(("store_id",), "store"),),
    indexes=(Index(("code",), is_unique=True),),
    later=frozenset({"is_sharing"}),
)
REGISTER = define(
    RegisterRow,
    "register",
    key=("register_id",),
    scope=lambda _row: "tenant",
    references=(Reference(("location_id",), "stock_location"),),
    indexes=(Index(("code",), is_unique=True),),
)
DEVICE = define(
    DeviceRow,
    "device",
    key=("device_id",),
    scope=lambda _row: "tenant",
    references=(
        Reference(("location_id",), "stock_location"),
        Reference(("register_id",), "register"),
    ),
)
USER = define(UserRow, "staff_user", key=("user_id",), scope=lambda _row: "tenant")
