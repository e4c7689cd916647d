"""Turns the plain pages of a bootstrap file into those of an encrypted replica, in one pass."""

import hashlib
import hmac
import os

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from shared.sync.protocol.bootstrap import PAGE_BYTES, RESERVED_BYTES

_SALT_BYTES = 16
_IV_BYTES = 16
_BLOCK_BYTES = 16
_BODY_BYTES = PAGE_BYTES - RESERVED_BYTES
_MAC_SALT_MASK = 0x3A
_MAC_KEY_ROUNDS = 2


class PageSealer:
    """Seals whole pages in their order, as SQLCipher 4 with a raw key keeps them.

    A page is AES-256-CBC of its body, then the IV, then HMAC-SHA-512 over both and the page's
    number (little-endian, from 1); page 1 begins with the salt in place of SQLite's own name
    (https://www.zetetic.net/sqlcipher/design/). SQLCipher itself can only copy row by row into an
    encrypted file, which takes many times as long. The file is one CBC message: the last block of a
    page is the IV of the next, and only the first is random.
    """

    def __init__(self, key: bytes) -> None:
        """`key` has 32 bytes."""
        self._salt = os.urandom(_SALT_BYTES)
        self._iv = os.urandom(_IV_BYTES)
        mac_salt = bytes(byte ^ _MAC_SALT_MASK for byte in self._salt)
        mac_key = hashlib.pbkdf2_hmac("sha512", key, mac_salt, _MAC_KEY_ROUNDS, len(key))
        self._mac = hmac.new(mac_key, digestmod="sha512")
        self._cipher = Cipher(algorithms.AES(key), modes.CBC(self._iv)).encryptor()
        self._number = 0

    def seal(self, pages: bytes) -> bytes:
        """The sealed form of the next pages; their length is a multiple of PAGE_BYTES."""
        given = memoryview(pages)
        starts = range(0, len(given), PAGE_BYTES)
        is_first = self._number == 0
        bodies = [given[start : start + _BODY_BYTES] for start in starts]
        if is_first and bodies:
            bodies[0] = bodies[0][_SALT_BYTES:]
        ciphered = self._cipher.update(b"".join(bodies))
        sealed: list[bytes] = [self._salt] if is_first and bodies else []
        end = 0
        for body in bodies:
            start, end = end, end + len(body)
            self._number += 1
            page = ciphered[start:end] + self._iv
            self._iv = ciphered[end - _BLOCK_BYTES : end]
            mac = self._mac.copy()
            mac.update(page + self._number.to_bytes(4, "little"))
            sealed += (page, mac.digest())
        return b"".join(sealed)
