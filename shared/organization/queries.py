"""Read models of the organization."""

from dataclasses import dataclass

from shared.kernel.errors import Rejected
from shared.organization.tables import (
    DEVICE,
    LOCATION,
    REGISTER,
    STORE,
    USER,
    DeviceRow,
    LocationRow,
    RegisterRow,
    StoreRow,
    UserRow,
)
from shared.storage.reader import Reader


def the_store(reader: Reader) -> StoreRow:
    """The store that this tenant runs. Raises Rejected("store_missing") before it is opened."""
    found = reader.find(StoreRow, limit=1)
    if not found:
        raise Rejected("store_missing")
    return found[0]


def stores(reader: Reader) -> tuple[StoreRow, ...]:
    """All stores by name."""
    return tuple(reader.find(StoreRow, order_by=(STORE.c.name, STORE.c.store_id)))


def locations(reader: Reader) -> tuple[LocationRow, ...]:
    """All stock locations by name."""
    return tuple(reader.find(LocationRow, order_by=(LOCATION.c.name, LOCATION.c.location_id)))


def registers(reader: Reader) -> tuple[RegisterRow, ...]:
    """All tills by code."""
    return tuple(reader.find(RegisterRow, order_by=(REGISTER.c.code,)))


def register(reader: Reader, register_id: str) -> RegisterRow:
    """One till. Raises Rejected("register_not_found")."""
    return reader.require(RegisterRow, register_id)


def active_users(reader: Reader) -> tuple[UserRow, ...]:
    """The staff who may sign in, by name."""
    return tuple(
        reader.find(UserRow, USER.c.is_active.is_(True), order_by=(USER.c.name, USER.c.user_id))
    )


def users(reader: Reader) -> tuple[UserRow, ...]:
    """All staff by name, those who may no longer sign in last."""
    order = (USER.c.is_active.desc(), USER.c.name, USER.c.user_id)
    return tuple(reader.find(UserRow, order_by=order))


def devices(reader: Reader) -> tuple[DeviceRow, ...]:
    """All enrolled machines by name, those that were shut out last."""
    found = reader.find(DeviceRow, order_by=(DEVICE.c.name, DEVICE.c.device_id))
    return tuple(sorted(found, key=lambda device: device.revoked_at is not None))


@dataclass(frozen=True, slots=True)
class PlaceOfStore:
    """A location with the store it belongs to."""

    location: LocationRow
    store: StoreRow


def location_with_store(reader: Reader, location_id: str) -> PlaceOfStore:
    """One location and its store. Raises Rejected("stock_location_not_found")."""
    location = reader.require(LocationRow, location_id)
    return PlaceOfStore(location, reader.require(StoreRow, location.store_id))


def is_sharing(reader: Reader, location_id: str) -> bool:
    """Whether the devices of a location keep copies of what the others have not sent."""
    found = reader.get(LocationRow, location_id)
    return found is not None and found.is_sharing
