"""The bootstrap files of a server: their names in the object store, their signature, the newest."""

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import replace

import msgspec
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from shared.kernel.ids import TenantId
from shared.sync.cursor import Cursor
from shared.sync.protocol.bootstrap import BootstrapFile
from sync_server.objects import ObjectStore

_PURPOSE = b"pycommerce: signature of bootstrap files"
_FILE, _MANIFEST = ".sqlite.zst", ".json"


def shelf_of_tenant(tenant_id: TenantId) -> str:
    """Where all files of one tenant lie."""
    return f"bootstrap/{tenant_id}/"


def shelf_of(tenant_id: TenantId, scopes: Sequence[str], schema: str) -> str:
    """Where the files of one tenant, scope set and schema lie: a name that ends with a slash."""
    mark = hashlib.sha256("\n".join((*sorted(scopes), schema)).encode()).hexdigest()
    return f"{shelf_of_tenant(tenant_id)}{mark[:32]}/"


def name_at(shelf: str, cursor: Cursor) -> str:
    """The name of the compressed file that was made at that cursor."""
    return f"{_stem(shelf, cursor)}{_FILE}"


def file_name(file: BootstrapFile) -> str:
    """The name of the compressed file."""
    return name_at(_shelf(file), Cursor.parse(file.cursor))


def manifest_name(file: BootstrapFile) -> str:
    """The name of what describes it."""
    return f"{_stem(_shelf(file), Cursor.parse(file.cursor))}{_MANIFEST}"


def _shelf(file: BootstrapFile) -> str:
    return shelf_of(file.tenant_id, file.scopes, file.schema)


def _stem(shelf: str, cursor: Cursor) -> str:
    return f"{shelf}{cursor.epoch:012d}.{cursor.seq:012d}"


def all_files(objects: ObjectStore, shelf: str) -> list[BootstrapFile]:
    """The files on a shelf, newest first."""
    found = []
    for name in reversed(objects.names(shelf)):
        if not name.endswith(_MANIFEST):
            continue
        described = objects.open(name)
        if described is not None:
            with described:
                found.append(msgspec.json.decode(described.read(), type=BootstrapFile))
    return found


def signing_key(secret: bytes) -> Ed25519PrivateKey:
    """The key that a server with this first secret signs its files with."""
    derived = HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=_PURPOSE).derive(secret)
    return Ed25519PrivateKey.from_private_bytes(derived)


def signed(file: BootstrapFile, key: Ed25519PrivateKey) -> BootstrapFile:
    """The same with its signature."""
    return replace(file, signature=base64.b64encode(key.sign(file.signed_bytes())).decode())


def public_text(key: Ed25519PrivateKey) -> str:
    """The public half, raw, in base64: what devices are told when they enrol."""
    return base64.b64encode(key.public_key().public_bytes_raw()).decode()
