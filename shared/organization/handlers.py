"""Handlers of the organization."""

from dataclasses import replace
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from shared.kernel.context import Context
from shared.kernel.errors import Rejected
from shared.kernel.messages import FIRST_HASH
from shared.kernel.money import currency_of
from shared.organization.commands import (
    AddLocation,
    AddRegister,
    AddUser,
    OpenStore,
    RegisterDevice,
    RevokeDevice,
    SetSharing,
)
from shared.organization.tables import (
    LOCATION,
    REGISTER,
    DeviceRow,
    LocationRow,
    RegisterRow,
    StoreRow,
    UserRow,
)
from shared.storage.unit_of_work import UnitOfWork


def open_store(command: OpenStore, work: UnitOfWork, context: Context) -> None:
    """Add a store; its currency and time zone must exist."""
    del context
    currency_of(command.currency)
    try:
        ZoneInfo(command.timezone)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise Rejected("timezone_unknown", field="timezone", timezone=command.timezone) from error
    work.insert(
        StoreRow(
            store_id=command.store_id,
            name=named(command.name),
            currency=command.currency,
            country=command.country,
            language=command.language,
            timezone=command.timezone,
            day_starts_hour=command.day_starts_hour,
            is_tax_inclusive=command.is_tax_inclusive,
            tax_rounding=command.tax_rounding,
            cash_rounding_amount=command.cash_rounding_amount,
            receipt_header=command.receipt_header,
            receipt_footer=command.receipt_footer,
        )
    )


def add_location(command: AddLocation, work: UnitOfWork, context: Context) -> None:
    """Add a stock location with a code of its own."""
    del context
    work.require(StoreRow, command.store_id)
    if work.find(LocationRow, LOCATION.c.code == command.code):
        raise Rejected("code_taken", field="code", taken=command.code)
    work.insert(
        LocationRow(
            command.location_id,
            command.store_id,
            named(command.name),
            command.code,
            command.address,
        )
    )


def set_sharing(command: SetSharing, work: UnitOfWork, context: Context) -> None:
    """Let the devices of a location share, or not."""
    del context
    location = work.require(LocationRow, command.location_id)
    work.put(replace(location, is_sharing=command.is_on))


def add_register(command: AddRegister, work: UnitOfWork, context: Context) -> None:
    """Add a till; its code leads its receipt numbers, so it is never reused."""
    del context
    work.require(LocationRow, command.location_id)
    if work.find(RegisterRow, REGISTER.c.code == command.code):
        raise Rejected("code_taken", field="code", taken=command.code)
    work.insert(
        RegisterRow(
            register_id=command.register_id,
            location_id=command.location_id,
            name=named(command.name),
            code=command.code,
            last_receipt_no=0,
            last_receipt_hash=FIRST_HASH,
            last_z_no=0,
            grand_total_amount=0,
        )
    )


def add_user(command: AddUser, work: UnitOfWork, context: Context) -> None:
    """Add a member of the staff."""
    del context
    work.insert(
        UserRow(
            command.user_id, named(command.name), command.role, command.pin_hash, is_active=True
        )
    )


def register_device(command: RegisterDevice, work: UnitOfWork, context: Context) -> None:
    """Record a machine and the place it works for."""
    if command.location_id is not None:
        work.require(LocationRow, command.location_id)
    if command.register_id is not None:
        work.require(RegisterRow, command.register_id)
    work.insert(
        DeviceRow(
            device_id=command.device_id,
            name=named(command.name),
            workspace=command.workspace,
            location_id=command.location_id,
            register_id=command.register_id,
            enrolled_at=context.business_at,
            revoked_at=None,
        )
    )


def revoke_device(command: RevokeDevice, work: UnitOfWork, context: Context) -> None:
    """Mark a machine as shut out."""
    device = work.require(DeviceRow, command.device_id)
    if device.revoked_at is None:
        work.put(replace(device, revoked_at=context.business_at))


def named(name: str) -> str:
    """A name without blank ends. Raises Rejected("name_missing") when nothing is left."""
    stripped = name.strip()
    if not stripped:
        raise Rejected("name_missing", field="name")
    return stripped
