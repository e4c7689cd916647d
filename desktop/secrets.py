"""Keys of this device: kept by the system's keyring, else in a sealed file of our own."""

import base64
import binascii
import hashlib
import json
import os
import secrets
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
)
from keyring.backend import KeyringBackend, get_all_keyring
from keyring.errors import KeyringError

from desktop.settings import Profile, make_folder
from shared.kernel.errors import Rejected, Unavailable
from shared.kernel.ids import new_id

if sys.platform == "win32":
    import winreg

SERVICE = "PyCommerce"
JOURNAL_KEY = "journal_key"
REPLICA_KEY = "replica_key"
DEVICE_KEY = "device_key"
KEY_BYTES = 32

_REFUSED_PLACES = ("keyrings.alt", "keyring.backends.fail", "keyring.backends.null")
_REFUSED_WORDS = ("plaintext", "chainer", "fail", "null")


class SecretStore(Protocol):
    """Keeps small secrets under names; every call may block on the system."""

    @property
    def is_strong(self) -> bool:
        """Whether the system guards it; otherwise people are told plainly that it does not."""
        ...

    def get(self, name: str) -> bytes | None:
        """The secret of that name, or None. Raises Unavailable."""
        ...

    def put(self, name: str, value: bytes) -> None:
        """Keep a secret. Raises Unavailable."""
        ...


class KeyringStore:
    """Secrets in the system's keyring, under the id of the profile."""

    is_strong = True

    def __init__(self, backend: KeyringBackend, profile_id: str) -> None:
        self._backend = backend
        self._profile_id = profile_id

    def get(self, name: str) -> bytes | None:
        """The secret of that name, or None. Raises Unavailable("keyring_unavailable")."""
        try:
            found = self._backend.get_password(SERVICE, self._account(name))
        except (KeyringError, OSError) as error:
            raise Unavailable("keyring_unavailable") from error
        return None if found is None else bytes.fromhex(found)

    def put(self, name: str, value: bytes) -> None:
        """Keep a secret. Raises Unavailable("keyring_unavailable"), also when it does not stay."""
        try:
            self._backend.set_password(SERVICE, self._account(name), value.hex())
        except (KeyringError, OSError) as error:
            raise Unavailable("keyring_unavailable") from error
        if self.get(name) != value:
            raise Unavailable("keyring_unavailable")

    def _account(self, name: str) -> str:
        return f"{self._profile_id}/{name}"


class _Sealed(msgspec.Struct):
    """The form of the file: everything in base64."""

    version: int
    salt: str
    nonce: str
    body: str


class FileStore:
    """Secrets in a file that only this person may read, sealed with a key of this machine.

    It keeps a copied file useless elsewhere; it does not stop somebody who is signed in here.
    """

    is_strong = False

    def __init__(self, path: Path, machine_secret: bytes) -> None:
        self._path = path
        self._machine_secret = machine_secret

    def get(self, name: str) -> bytes | None:
        """The secret of that name, or None. Raises Unavailable("secrets_unreadable")."""
        found = self._read().get(name)
        return None if found is None else bytes.fromhex(found)

    def put(self, name: str, value: bytes) -> None:
        """Keep a secret. Raises Unavailable: secrets_unreadable, folder_unusable."""
        names = self._read() | {name: value.hex()}
        salt, nonce = os.urandom(16), os.urandom(12)
        body = AESGCM(self._key(salt)).encrypt(nonce, json.dumps(names).encode(), None)
        parts = (base64.b64encode(part).decode() for part in (salt, nonce, body))
        write_private(self._path, msgspec.json.encode(_Sealed(1, *parts)))

    def _read(self) -> dict[str, str]:
        try:
            raw = self._path.read_bytes()
        except FileNotFoundError:
            return {}
        except OSError as error:
            raise Unavailable("secrets_unreadable", file=str(self._path)) from error
        try:
            sealed = msgspec.json.decode(raw, type=_Sealed)
            salt, nonce, body = (
                base64.b64decode(part) for part in (sealed.salt, sealed.nonce, sealed.body)
            )
            plain = AESGCM(self._key(salt)).decrypt(nonce, body, None)
            return msgspec.json.decode(plain, type=dict[str, str])
        except (msgspec.DecodeError, binascii.Error, ValueError, InvalidTag) as error:
            raise Unavailable("secrets_unreadable", file=str(self._path)) from error

    def _key(self, salt: bytes) -> bytes:
        derive = HKDF(hashes.SHA256(), KEY_BYTES, salt, b"pycommerce secrets 1")
        return derive.derive(self._machine_secret)


def write_private(path: Path, content: bytes) -> None:
    """Replace a file as a whole, readable by this person only, on the disk when it returns.

    Raises Unavailable("folder_unusable").
    """
    fresh = path.with_name(f"{path.name}.new")
    try:
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
    except OSError as error:
        raise Unavailable("folder_unusable", folder=str(path.parent)) from error


class _Choice(msgspec.Struct):
    """Where this profile's secrets are; made once and then held to."""

    profile_id: str
    place: str


_IN_FILE = "file"


def open_secrets(
    profile: Profile,
    *,
    backends: Callable[[], list[KeyringBackend]] | None = None,
    machine_secret: Callable[[Path], bytes] | None = None,
    is_chosen_anew: bool = False,
) -> SecretStore:
    """The store of this profile's secrets; the first start chooses, later ones keep to the choice.

    A keyring that is locked or not running today is no reason to begin new keys elsewhere: the old
    ones open the journal. Only a person who holds the recovery code lets it be `is_chosen_anew`.

    Raises Unavailable: keyring_unavailable, journal_key_missing, secrets_unreadable,
    folder_unusable.
    """
    make_folder(profile.folder)
    usable = [each for each in (backends or _system_keyrings)() if is_trusted(each)]
    usable.sort(key=lambda backend: backend.priority, reverse=True)
    choice = None if is_chosen_anew else _read_choice(profile)
    if choice is None:
        place = _place_of(usable[0]) if usable else _IN_FILE
        choice = _Choice(new_id(), place)
        write_private(profile.secrets_choice, msgspec.json.encode(choice))
    if choice.place == _IN_FILE:
        secret = (machine_secret or _machine_secret)(profile.folder)
        return FileStore(profile.secrets_file, secret)
    for backend in usable:
        if _place_of(backend) == choice.place:
            return KeyringStore(backend, choice.profile_id)
    raise Unavailable("keyring_unavailable")


def is_trusted(backend: KeyringBackend) -> bool:
    """Whether a keyring keeps secrets secret: not in plain text, not by failing or forgetting."""
    place = _place_of(backend)
    is_refused = place.startswith(_REFUSED_PLACES) or any(
        word in place.lower() for word in _REFUSED_WORDS
    )
    return not is_refused and backend.priority > 0


def _place_of(backend: KeyringBackend) -> str:
    return f"{type(backend).__module__}.{type(backend).__qualname__}"


def _system_keyrings() -> list[KeyringBackend]:
    return list(get_all_keyring())


def _read_choice(profile: Profile) -> _Choice | None:
    try:
        return msgspec.json.decode(profile.secrets_choice.read_bytes(), type=_Choice)
    except FileNotFoundError:
        if profile.journal.exists():
            raise Unavailable("journal_key_missing", folder=str(profile.folder)) from None
        return None
    except (OSError, msgspec.DecodeError) as error:
        raise Unavailable("secrets_unreadable", file=str(profile.secrets_choice)) from error


def _machine_secret(folder: Path) -> bytes:
    """Something that stays on this machine when files are copied from it, where there is one."""
    if sys.platform == "win32":
        place = r"SOFTWARE\Microsoft\Cryptography"
        with winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, place) as key:
            return str(winreg.QueryValueEx(key, "MachineGuid")[0]).encode()
    for path in (Path("/etc/machine-id"), Path("/var/lib/dbus/machine-id")):
        try:
            found = path.read_bytes().strip()
        except OSError:
            continue
        if found:
            return found
    own = folder / "machine.secret"
    if not own.exists():
        write_private(own, os.urandom(KEY_BYTES))
    return own.read_bytes()


# -- keys --------------------------------------------------------------------------------------


def journal_key(store: SecretStore, profile: Profile) -> bytes:
    """The key of the journal; made once.

    Raises Unavailable("journal_key_missing") when a journal exists whose key is gone: a new key
    would not open it, and nothing is overwritten.
    """
    found = store.get(JOURNAL_KEY)
    if found is not None:
        return found
    if profile.journal.exists() or any(profile.backups.glob("journal-*.db")):
        raise Unavailable("journal_key_missing", folder=str(profile.folder))
    return _new_key(store, JOURNAL_KEY)


def replica_key(store: SecretStore) -> bytes:
    """The key of the replica; a lost one costs nothing but a refill."""
    return store.get(REPLICA_KEY) or _new_key(store, REPLICA_KEY)


def _new_key(store: SecretStore, name: str) -> bytes:
    made = secrets.token_bytes(KEY_BYTES)
    store.put(name, made)
    return made


class DeviceKey:
    """The Ed25519 key by which the server knows this device; it never leaves it."""

    def __init__(self, store: SecretStore) -> None:
        """Read the key, or make it at the first start. Raises Unavailable."""
        raw = store.get(DEVICE_KEY)
        if raw is None:
            raw = Ed25519PrivateKey.generate().private_bytes_raw()
            store.put(DEVICE_KEY, raw)
        self._key = Ed25519PrivateKey.from_private_bytes(raw)

    @property
    def public_text(self) -> str:
        """The raw public key in base64."""
        return base64.b64encode(self._key.public_key().public_bytes_raw()).decode()

    def sign(self, message: bytes) -> str:
        """The signature of a message in base64."""
        return base64.b64encode(self._key.sign(message)).decode()

    def sealed_pem(self, password: bytes) -> bytes:
        """The key for a TLS library that takes only files, sealed with a password that does not."""
        return self._key.private_bytes(
            Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(password)
        )


# -- recovery ----------------------------------------------------------------------------------

_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_LOOKALIKES = str.maketrans("OIL", "011")
_CHECK_BYTES = 3
_GROUP = 7
_CODE_LETTERS = 56


def recovery_code(key: bytes) -> str:
    """A key as 56 letters and figures in groups of seven, for a person to print and lock away."""
    checked = key + hashlib.sha256(key).digest()[:_CHECK_BYTES]
    number = int.from_bytes(checked, "big")
    letters = "".join(
        _LETTERS[number >> (5 * place) & 31] for place in reversed(range(_CODE_LETTERS))
    )
    return "-".join(letters[at : at + _GROUP] for at in range(0, _CODE_LETTERS, _GROUP))


def key_from_recovery_code(text: str) -> bytes:
    """The key that `recovery_code` wrote. Raises Rejected("recovery_code_wrong")."""
    letters = "".join(text.upper().translate(_LOOKALIKES).split()).replace("-", "")
    if len(letters) != _CODE_LETTERS or set(letters) - set(_LETTERS):
        raise Rejected("recovery_code_wrong", field="recovery_code")
    number = 0
    for letter in letters:
        number = number << 5 | _LETTERS.index(letter)
    checked = number.to_bytes(_CODE_LETTERS * 5 // 8, "big")
    key, check = checked[:KEY_BYTES], checked[KEY_BYTES:]
    if hashlib.sha256(key).digest()[:_CHECK_BYTES] != check:
        raise Rejected("recovery_code_wrong", field="recovery_code")
    return key


def restore_journal_key(store: SecretStore, code: str) -> None:
    """Put a journal's key back from its recovery code.

    Raises Rejected("recovery_code_wrong"), Rejected("journal_key_present") when the store has
    another key, or Unavailable.
    """
    key = key_from_recovery_code(code)
    present = store.get(JOURNAL_KEY)
    if present not in {None, key}:
        raise Rejected("journal_key_present", field="recovery_code")
    store.put(JOURNAL_KEY, key)
