"""Row digests: how both ends prove that they hold the same rows."""

import hashlib

MODULUS = 1 << 64


def row_digest(table: str, image: bytes) -> int:
    """64 bits of BLAKE2b over the table's name and the row's canonical image."""
    hashed = hashlib.blake2b(image, digest_size=8, key=table.encode())
    return int.from_bytes(hashed.digest(), "big")


def to_signed(digest_sum: int) -> int:
    """A sum modulo 2**64 as the signed number that databases keep."""
    return digest_sum - MODULUS if digest_sum >= MODULUS // 2 else digest_sum


def from_signed(stored: int) -> int:
    """The sum that `to_signed` wrote."""
    return stored % MODULUS
