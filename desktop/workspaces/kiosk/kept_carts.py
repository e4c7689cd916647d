"""Carts as drafts keep them over a crash, and as other devices of the store are given them."""

import msgspec

from desktop.workspaces.kiosk.cart import Cart, priced
from shared.kernel.errors import Bug, CodedError
from shared.organization.tables import StoreRow


def cart_bytes(cart: Cart) -> bytes:
    """The cart as a draft keeps it."""
    return msgspec.json.encode(cart)


def cart_from(content: bytes) -> Cart | None:
    """The cart of a draft; None when another release wrote it and it cannot be read."""
    try:
        return msgspec.json.decode(content, type=Cart)
    except msgspec.DecodeError:
        return None


def parked_bytes(parked: tuple[Cart, ...]) -> bytes:
    """Parked carts as a draft keeps them."""
    return msgspec.json.encode(parked)


def parked_from(content: bytes) -> tuple[Cart, ...]:
    """The parked carts of a draft."""
    try:
        return msgspec.json.decode(content, type=tuple[Cart, ...])
    except msgspec.DecodeError:
        return ()


def carts_of_others(content: bytes, store: StoreRow) -> tuple[Cart, ...]:
    """The carts that another device has parked, without those that could not be sold here.

    Whatever another device says is not believed: money taken there is nothing here.
    """
    return tuple(cart for cart in parked_from(content) if _is_sound(cart, store))


def _is_sound(cart: Cart, store: StoreRow) -> bool:
    if not cart.parking_id or cart.is_empty or cart.is_paying or cart.tenders:
        return False
    if any(line.sale.qty <= 0 or line.sale.unit_price_amount < 0 for line in cart.lines):
        return False
    try:
        return priced(cart, store).total_amount >= 0
    except (CodedError, Bug, ArithmeticError, ValueError):
        return False


def codes_bytes(codes: tuple[str, ...]) -> bytes:
    """Scanned codes as a draft keeps them."""
    return msgspec.json.encode(codes)


def codes_from(content: bytes) -> tuple[str, ...]:
    """The scanned codes of a draft."""
    try:
        return msgspec.json.decode(content, type=tuple[str, ...])
    except msgspec.DecodeError:
        return ()
