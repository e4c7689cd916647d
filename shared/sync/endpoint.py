"""What a device asks of a server, whatever lies between them."""

from collections.abc import AsyncIterator
from typing import Protocol

from shared.kernel.blobs import BlobRef
from shared.sync.cursor import Cursor
from shared.sync.protocol.blob import BlobReceived
from shared.sync.protocol.bootstrap import BootstrapFile, BootstrapOffer
from shared.sync.protocol.certificate import CertificateReply
from shared.sync.protocol.enrol import EnrolReply, EnrolRequest
from shared.sync.protocol.pull import PullPage
from shared.sync.protocol.push import PushReply, PushRequest
from shared.sync.protocol.relay import RelayReply, RelayRequest
from shared.sync.protocol.verify import VerifyReply, VerifyRequest

PREFIX = "/sync/v1"
ENROL_PATH = f"{PREFIX}/enrol"
TOKEN_PATH = f"{PREFIX}/token"
PUSH_PATH = f"{PREFIX}/push"
PULL_PATH = f"{PREFIX}/pull"
WAIT_PATH = f"{PREFIX}/wait"
VERIFY_PATH = f"{PREFIX}/verify"
BOOTSTRAP_PATH = f"{PREFIX}/bootstrap"
BOOTSTRAP_FILE_PATH = f"{PREFIX}/bootstrap/file"
CERTIFICATE_PATH = f"{PREFIX}/certificate"
RELAY_PATH = f"{PREFIX}/relay"
BLOB_PATH = f"{PREFIX}/blob"
"""Followed by a slash and the SHA-256 of the blob in hex."""

UNREACHABLE = "server_unreachable"
"""Unavailable: no answer came. The request may have been carried out all the same."""
FORKED = "device_forked"
"""Unavailable: the journal of this device went two ways; it must be paired anew."""
REVOKED = "device_revoked"
"""Rejected: somebody shut this device out."""
TOO_OLD = "cursor_too_old"
"""Rejected: the log is short where this replica stands; it starts over, the journal stays."""
OTHER_EPOCH = "cursor_from_other_epoch"
"""Rejected: the server was put back in time; the replica starts over, the journal stays."""
STORE_OUT_OF_REACH = "objects_unreachable"
"""Unavailable: the server cannot get at its files now; everything else it can."""
STORE_REFUSED = "objects_refused"
"""Unavailable: the server may not get at its files until somebody mends its settings."""

PLACELESS = "device_has_no_location"
"""Rejected: this device stands at no location, so it has no neighbours."""
RELAY_ELSEWHERE = "relay_elsewhere"
"""Rejected: what was brought is of a device of another location, or of none that is known."""
RELAY_FORGED = "relay_forged"
"""Rejected: what was brought does not bear its owner's signature."""

PLACELESS = "device_has_no_location"
"""Rejected: this device stands at no location, so it has no neighbours."""
RELAY_ELSEWHERE = "relay_elsewhere"
"""Rejected: what was brought is of a device of another location, or of none that is known."""
RELAY_FORGED = "relay_forged"
"""Rejected: what was brought does not bear its owner's signature."""


class Enrolment(Protocol):
    """The one call of a machine that is not a device yet."""

    async def enrol(self, request: EnrolRequest) -> EnrolReply:
        """Become a device; the same request again gives the same answer.

        Raises Rejected for a wrong code, or Unavailable.
        """
        ...


class SyncEndpoint(Protocol):
    """The calls of one enrolled device.

    Each raises Unavailable when no answer comes or the server cannot work now, and Rejected when
    the server refuses the request as a whole. Neither uses up a command.
    """

    @property
    def carried_bytes(self) -> int:
        """How many bytes went over the line so far, both ways, packed as they travel."""
        ...

    async def push(self, request: PushRequest) -> PushReply:
        """Hand commands over; a repetition gives the stored outcomes."""
        ...

    async def pull(self, cursor: Cursor, *, limit: int, with_neighbours: bool = False) -> PullPage:
        """The changes after `cursor`, about `limit` rows of them.

        Only `with_neighbours` says how far they contain the other devices of the location.
        """
        ...

    async def verify(self, request: VerifyRequest) -> VerifyReply:
        """Compare one table in one scope by ranges of keys; rows of those that differ come back."""
        ...

    def nudges(self) -> AsyncIterator[Cursor]:
        """The tenant's head: at once, and whenever it moves; ends when the connection does."""
        ...

    async def signing_key(self) -> str:
        """The key that the server signs its files with, in base64; nothing from an older server."""
        ...

    async def bootstrap(self, *, schema: str) -> BootstrapOffer:
        """What there is for a device that starts, with the tables that `schema` names."""
        ...

    def bootstrap_file(self, file: BootstrapFile, *, start: int) -> AsyncIterator[bytes]:
        """The bytes of a file from `start` on. Raises Rejected("bootstrap_gone") too."""
        ...

    async def certificate(self) -> CertificateReply:
        """What proves to neighbours who this device is. Raises Rejected(PLACELESS) too."""
        ...

    async def relay(self, request: RelayRequest) -> RelayReply:
        """Hand over what a neighbour could not; seen commands are counted, not run again.

        Raises Rejected(RELAY_ELSEWHERE) and Rejected(RELAY_FORGED) too.
        """
        ...

    async def send_blob(self, blob: BlobRef, piece: bytes, *, start: int) -> BlobReceived:
        """Hand over a piece of a blob that begins at byte `start`; an empty one only asks.

        Raises Rejected for what the server will not keep: blob_too_large, blob_type_unknown; and
        blob_wrong when what it has got is not what the name says, and was thrown away.
        """
        ...

    def fetch_blob(self, blob: BlobRef, *, start: int, end: int) -> AsyncIterator[bytes]:
        """Bytes `start` up to but not including `end` of a blob.

        Raises Rejected("blob_unknown") too: the device that has it may not have sent it yet.
        """
        ...

    async def close(self) -> None:
        """Give up all connections."""
        ...
