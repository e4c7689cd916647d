"""Rows and columns of the settings: staff, tax rates, places, tills."""

from dataclasses import dataclass

from desktop.ui.columns import Badge, Column, Kind, fixed, stretch
from desktop.ui.tokens import Tone
from shared.kernel.permissions import Role
from shared.organization.tables import LocationRow, RegisterRow, UserRow
from shared.pricing.tables import TaxRateRow

ROLES = {
    Role.OWNER: Badge("merchant.role.owner", Tone.ACCENT, "key"),
    Role.MERCHANT: Badge("merchant.role.merchant", Tone.NEUTRAL, "monitor"),
    Role.SUPERVISOR: Badge("merchant.role.supervisor", Tone.NEUTRAL, "user-check"),
    Role.CASHIER: Badge("merchant.role.cashier", Tone.NEUTRAL, "store"),
    Role.PICKER: Badge("merchant.role.picker", Tone.NEUTRAL, "package"),
}
PINS = {
    "yes": Badge("merchant.staff.has_pin", Tone.OK, "lock"),
    "no": Badge("merchant.staff.no_pin", Tone.WARN, "lock-open"),
}
SHARING = {
    "yes": Badge("merchant.place.sharing.on", Tone.OK, "copy"),
    "no": Badge("merchant.place.sharing.off", Tone.NEUTRAL, "minus"),
}


@dataclass(frozen=True, slots=True)
class StaffLine:
    """A member of the staff."""

    id: str
    name: str
    role: str
    pin: str


@dataclass(frozen=True, slots=True)
class RateLine:
    """A tax rate; `rate` in hundredths of a percent."""

    id: str
    name: str
    code: str
    rate: int


@dataclass(frozen=True, slots=True)
class PlaceLine:
    """A location, with its tills in words."""

    id: str
    name: str
    code: str
    tills: str
    sharing: str


STAFF_COLUMNS = (
    Column(key="name", title_key="merchant.customer.name", width=stretch(1, 16), strong=True),
    Column(
        key="role",
        title_key="merchant.staff.role",
        kind=Kind.BADGE,
        badges={key.value: badge for key, badge in ROLES.items()},
        width=fixed(17),
    ),
    Column(
        key="pin", title_key="merchant.staff.pin", kind=Kind.BADGE, badges=PINS, width=fixed(14)
    ),
)
RATE_COLUMNS = (
    Column(key="name", title_key="merchant.customer.name", width=stretch(1, 14), strong=True),
    Column(key="code", title_key="merchant.rate.code", width=fixed(16), muted=True),
    Column(key="rate", title_key="merchant.rate.percent", kind=Kind.PERCENT, width=fixed(10)),
)
PLACE_COLUMNS = (
    Column(key="name", title_key="merchant.customer.name", width=stretch(1, 14), strong=True),
    Column(key="code", title_key="merchant.place.code", width=fixed(10), muted=True),
    Column(key="tills", title_key="merchant.place.tills", width=stretch(2, 16), muted=True),
    Column(
        key="sharing",
        title_key="merchant.place.sharing",
        kind=Kind.BADGE,
        badges=SHARING,
        width=fixed(14),
    ),
)


def staff_line(user: UserRow) -> StaffLine:
    """The row of a member of the staff."""
    return StaffLine(user.user_id, user.name, user.role, "yes" if user.pin_hash else "no")


def rate_line(rate: TaxRateRow) -> RateLine:
    """The row of a tax rate."""
    return RateLine(rate.code, rate.name, rate.code, rate.rate_ppm // 100)


def place_line(location: LocationRow, registers: tuple[RegisterRow, ...]) -> PlaceLine:
    """The row of a location."""
    tills = ", ".join(
        f"{row.name} ({row.code})" for row in registers if row.location_id == location.location_id
    )
    sharing = "yes" if location.is_sharing else "no"
    return PlaceLine(location.location_id, location.name, location.code, tills, sharing)
