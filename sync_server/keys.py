"""Keys: those that a server makes from its first secret, and what devices sign with theirs."""

import base64
import binascii

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.kdf.hkdf import HKDF


def derived_key(secret: bytes, purpose: bytes) -> Ed25519PrivateKey:
    """The key of a server with this first secret for one purpose; the same at all times."""
    derived = HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=purpose).derive(secret)
    return Ed25519PrivateKey.from_private_bytes(derived)


def is_signed(said: bytes, signature: str, *, public_key: bytes) -> bool:
    """Whether `signature`, in base64, was made over `said` by the owner of a raw Ed25519 key."""
    try:
        raw = base64.b64decode(signature, validate=True)
        Ed25519PublicKey.from_public_bytes(public_key).verify(raw, said)
    except (InvalidSignature, binascii.Error, ValueError):
        return False
    return True
