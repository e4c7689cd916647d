"""Commands of a device that cannot reach the server, brought by another one of its location."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

import msgspec

from shared.kernel.ids import DeviceId
from shared.kernel.messages import Envelope, canonical_json

_Commands = Annotated[tuple[Envelope, ...], msgspec.Meta(min_length=1)]


@dataclass(frozen=True, slots=True, kw_only=True)
class RelayRequest:
    """Consecutive commands of one life of the device `device_id`, lowest seq first.

    There are as many as a push may carry. `signature` is its owner's Ed25519, in base64, over
    `signed_head` of the last of them: the chain of hashes makes it hold for all before.
    """

    protocol: int
    device_id: DeviceId
    incarnation: int
    commands: _Commands
    signature: str


class RelayState(StrEnum):
    """What became of commands that somebody else brought."""

    TAKEN = "taken"
    """All of them are settled."""
    GAP = "gap"
    """Commands before the first one sent are missing; send from the one after `last_seq`."""
    CONFLICT = "conflict"
    """The server has other commands at those places. It keeps what was sent, with a case for
    people; whoever brought them lets go of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RelayReply:
    """`last_seq` is the last command of that life of the owner that the server has settled."""

    state: RelayState
    last_seq: int


def signed_head(
    tenant_id: str, device_id: str, *, incarnation: int, seq: int, digest: str
) -> bytes:
    """What the owner signs: the command `seq` of its life, by the hash of the whole envelope."""
    return b"pycommerce relay\n" + canonical_json([tenant_id, device_id, incarnation, seq, digest])
