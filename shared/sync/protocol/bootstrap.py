"""A device's first fill comes as one file: a replica as the server's rows were at one commit."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from shared.kernel.ids import TenantId
from shared.kernel.messages import canonical_json
from shared.sync.protocol.pull import TableChanges

PAGE_BYTES = 4096
RESERVED_BYTES = 80
"""At the end of every page of the file; a device that seals its pages keeps their seals there."""


class BootstrapState(StrEnum):
    """What the server has for a device that starts."""

    READY = "ready"
    BUILDING = "building"
    """A file is being made; ask again after a while."""
    BY_PAGES = "by_pages"
    """There is none: few rows, or a release whose tables are other ones. Pull from the start."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BootstrapFile:
    """One file in the server's object store.

    It holds the rows of `scopes` at `cursor` and their digests, in the tables that `schema` names,
    compressed with zstd. `sha256` is that of the `size_bytes` compressed bytes, in hex;
    `plain_bytes` is the size of the SQLite file. `signature` is Ed25519 over `signed_bytes`, in
    base64, by the key that the device was told of when it enrolled.
    """

    tenant_id: TenantId
    scopes: tuple[str, ...]
    schema: str
    cursor: str
    row_count: int
    size_bytes: int
    plain_bytes: int
    sha256: str
    made_at: datetime
    signature: str = ""

    def signed_bytes(self) -> bytes:
        """What the signature is made of: everything but itself."""
        said = [
            self.tenant_id,
            self.scopes,
            self.schema,
            self.cursor,
            self.row_count,
            self.size_bytes,
            self.plain_bytes,
            self.sha256,
            self.made_at,
        ]
        return b"pycommerce bootstrap\n" + canonical_json(said)


@dataclass(frozen=True, slots=True, kw_only=True)
class BootstrapOffer:
    """The answer to a device that starts.

    `file` and `acked_seq`, the last command of the asking device that the file contains, are told
    when it is ready; `wait_seconds` while it is being made. `beside` are the rows of those scopes
    that the device does not share with others and the file therefore lacks: as they were at the
    file's cursor, so that with both the device stands where pages would have brought it.
    """

    protocol: int
    state: BootstrapState
    file: BootstrapFile | None = None
    acked_seq: int = 0
    wait_seconds: int = 0
    beside: tuple[TableChanges, ...] = ()
