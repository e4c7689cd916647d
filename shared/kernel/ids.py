"""Identifiers: UUIDv7 text made where the thing is made, and ids derived from a command."""

import hashlib
import os
import re
import threading
import time
from typing import NewType

TenantId = NewType("TenantId", str)
StoreId = NewType("StoreId", str)
LocationId = NewType("LocationId", str)
RegisterId = NewType("RegisterId", str)
DeviceId = NewType("DeviceId", str)
UserId = NewType("UserId", str)
ProductId = NewType("ProductId", str)
VariantId = NewType("VariantId", str)
BarcodeId = NewType("BarcodeId", str)
MediaId = NewType("MediaId", str)
CustomerId = NewType("CustomerId", str)
TaxRateId = NewType("TaxRateId", str)
StockEntryId = NewType("StockEntryId", str)
OrderId = NewType("OrderId", str)
OrderLineId = NewType("OrderLineId", str)
EntryId = NewType("EntryId", str)
PaymentEntryId = NewType("PaymentEntryId", str)
FulfillmentId = NewType("FulfillmentId", str)
PackageId = NewType("PackageId", str)
ShiftId = NewType("ShiftId", str)
ReceiptId = NewType("ReceiptId", str)
CommandId = NewType("CommandId", str)
CaseId = NewType("CaseId", str)
ImportId = NewType("ImportId", str)

ID_TYPES: frozenset[object] = frozenset(
    {
        TenantId,
        StoreId,
        LocationId,
        RegisterId,
        DeviceId,
        UserId,
        ProductId,
        VariantId,
        BarcodeId,
        MediaId,
        CustomerId,
        TaxRateId,
        StockEntryId,
        OrderId,
        OrderLineId,
        EntryId,
        PaymentEntryId,
        FulfillmentId,
        PackageId,
        ShiftId,
        ReceiptId,
        CommandId,
        CaseId,
        ImportId,
    }
)
"""Every id type above; storage keeps exactly these as UUID columns."""

_CANONICAL = re.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_lock = threading.Lock()
_last_stamp = 0


def new_id() -> str:
    """Make a UUIDv7 (RFC 9562, method 3) as lower-case text.

    The 48-bit Unix time in milliseconds is followed by 12 bits of sub-millisecond time; ids made in
    one process strictly increase, so rows made together stay together in an index.
    """
    global _last_stamp  # noqa: PLW0603 - one monotonic counter per process is the point
    with _lock:
        now_ns = time.time_ns()
        stamp = ((now_ns // 1_000_000) << 12) | ((now_ns % 1_000_000) * 4096 // 1_000_000)
        if stamp <= _last_stamp:
            stamp = _last_stamp + 1
        _last_stamp = stamp
    tail = int.from_bytes(os.urandom(8), "big") & 0x3FFF_FFFF_FFFF_FFFF
    value = (stamp >> 12) << 80 | 0x7 << 76 | (stamp & 0xFFF) << 64 | 0x2 << 62 | tail
    return _text(f"{value:032x}")


def derived_id(command_id: str, index: int) -> str:
    """The id of the `index`-th thing that a command makes (UUIDv5 of the command id).

    A command that is run again, on another machine or after a rebase, makes the same ids.
    """
    space = bytes.fromhex(command_id.replace("-", ""))
    digest = bytearray(hashlib.sha1(space + b"%d" % index, usedforsecurity=False).digest())
    digest[6] = digest[6] & 0x0F | 0x50
    digest[8] = digest[8] & 0x3F | 0x80
    return _text(digest[:16].hex())


def is_id(text: str) -> bool:
    """Whether `text` is a UUID in canonical lower-case form."""
    return _CANONICAL.fullmatch(text) is not None


def _text(digits: str) -> str:
    """A UUID as text from its 32 hex digits; the library's own way takes three times as long."""
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"
