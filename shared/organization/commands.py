"""What may be asked of the organization."""

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from shared.kernel.ids import DeviceId, LocationId, RegisterId, StoreId, UserId
from shared.kernel.messages import Command
from shared.kernel.permissions import Permission, Role


class Workspace(StrEnum):
    """What a device is used for; decides its scopes and first screen."""

    MERCHANT = "merchant"
    FULFILLMENT = "fulfillment"
    KIOSK = "kiosk"


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenStore(Command):
    """Set up a store with its money, tax and time rules."""

    NAME: ClassVar[str] = "open_store"
    PERMISSION: ClassVar[Permission] = Permission.ORGANIZATION

    store_id: StoreId
    name: str
    currency: str
    country: str
    language: str
    timezone: str
    is_tax_inclusive: bool
    day_starts_hour: int = 0
    tax_rounding: str = "document"
    cash_rounding_amount: int = 0
    receipt_header: tuple[str, ...] = ()
    receipt_footer: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AddLocation(Command):
    """Add a place where stock is kept."""

    NAME: ClassVar[str] = "add_location"
    PERMISSION: ClassVar[Permission] = Permission.ORGANIZATION

    location_id: LocationId
    store_id: StoreId
    name: str
    code: str
    address: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SetSharing(Command):
    """Say whether the devices of a location keep copies of each other's unsent work."""

    NAME: ClassVar[str] = "set_sharing"
    PERMISSION: ClassVar[Permission] = Permission.ORGANIZATION

    location_id: LocationId
    is_on: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AddRegister(Command):
    """Add a till to a location."""

    NAME: ClassVar[str] = "add_register"
    PERMISSION: ClassVar[Permission] = Permission.ORGANIZATION

    register_id: RegisterId
    location_id: LocationId
    name: str
    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AddUser(Command):
    """Add a member of the staff; the PIN travels only as its hash."""

    NAME: ClassVar[str] = "add_user"
    PERMISSION: ClassVar[Permission] = Permission.ORGANIZATION

    user_id: UserId
    name: str
    role: Role
    pin_hash: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterDevice(Command):
    """Record an enrolled machine; sent by the server itself when a pairing code is used."""

    NAME: ClassVar[str] = "register_device"
    PERMISSION: ClassVar[Permission] = Permission.DEVICE

    device_id: DeviceId
    name: str
    workspace: Workspace
    location_id: LocationId | None = None
    register_id: RegisterId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RevokeDevice(Command):
    """Shut a machine out; what it sold before still arrives."""

    NAME: ClassVar[str] = "revoke_device"
    PERMISSION: ClassVar[Permission] = Permission.DEVICE

    device_id: DeviceId
