"""Pairing codes: made for one place of one tenant, used once, kept as hashes."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from shared.kernel.errors import Rejected
from shared.kernel.ids import LocationId, RegisterId, TenantId, new_id
from shared.organization.commands import Workspace
from sync_server.schema import PAIRING_CODES

VALID_FOR = timedelta(minutes=15)
_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: nothing in it is mistaken for something else."""
_LOOKALIKES = str.maketrans("OIL", "011")
_GROUP = 5
_GROUPS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """What a code lets a device become; `does_replace` shuts out the register's device so far."""

    tenant_id: TenantId
    workspace: Workspace
    location_id: LocationId | None = None
    register_id: RegisterId | None = None
    does_replace: bool = False


@dataclass(frozen=True, slots=True)
class Claim:
    """A code that one device has used; `pairing_id` names this enrolment."""

    pairing_id: str
    place: Place


def new_code(connection: sa.Connection, place: Place, *, now: datetime) -> str:
    """Make a code of 50 random bits for a place; the text is to be shown once and never stored."""
    groups = ("".join(secrets.choice(_LETTERS) for _ in range(_GROUP)) for _ in range(_GROUPS))
    code = "-".join(groups)
    connection.execute(
        sa.insert(PAIRING_CODES).values(
            pairing_id=new_id(),
            code_hash=_hash(code),
            tenant_id=place.tenant_id,
            workspace=place.workspace.value,
            location_id=place.location_id,
            register_id=place.register_id,
            does_replace=place.does_replace,
            created_at=now,
            expires_at=now + VALID_FOR,
        )
    )
    return code


def claim(
    connection: sa.Connection, code: str, *, device_id: str, public_key: bytes, now: datetime
) -> Claim:
    """Use a code for a device; the same device may ask again, for its answer may have been lost.

    Raises Rejected: pairing_code_unknown, pairing_code_used or pairing_code_expired.
    """
    c = PAIRING_CODES.c
    is_this = c.code_hash == _hash(code)
    mark = {"used_at": now, "device_id": device_id, "public_key": public_key}
    is_open = sa.and_(c.used_at.is_(None), c.expires_at > now)
    connection.execute(sa.update(PAIRING_CODES).where(is_this, is_open).values(mark))
    found = connection.execute(sa.select(PAIRING_CODES).where(is_this)).first()
    if found is None:
        raise Rejected("pairing_code_unknown", field="pairing_code")
    if found.used_at is None:
        raise Rejected("pairing_code_expired", field="pairing_code")
    if (found.device_id, found.public_key) != (device_id, public_key):
        raise Rejected("pairing_code_used", field="pairing_code")
    return Claim(found.pairing_id, _place(found))


def _place(found: sa.Row[Any]) -> Place:
    return Place(
        tenant_id=found.tenant_id,
        workspace=Workspace(found.workspace),
        location_id=found.location_id,
        register_id=found.register_id,
        does_replace=found.does_replace,
    )


def _hash(code: str) -> str:
    """SHA-256 of the code however it was typed; 50 bits that live 15 minutes need no salt."""
    letters = "".join(each for each in code.upper() if each.isalnum()).translate(_LOOKALIKES)
    return hashlib.sha256(letters.encode()).hexdigest()
