"""Keys of a device: where they are kept, who is trusted with them, how they come back."""

import base64
from collections.abc import Callable
from pathlib import Path
from typing import ClassVar

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from hypothesis import given
from hypothesis import strategies as st
from keyring.backend import KeyringBackend
from keyring.backends.chainer import ChainerBackend
from keyring.backends.fail import Keyring as FailKeyring
from keyring.errors import KeyringLocked

from desktop import secrets
from desktop.secrets import (
    DEVICE_KEY,
    JOURNAL_KEY,
    DeviceKey,
    FileStore,
    KeyringStore,
    SecretStore,
    open_secrets,
)
from desktop.settings import Profile
from shared.kernel.errors import Rejected, Unavailable


class MemoryKeyring(KeyringBackend):
    """A system keyring that lives as long as the test."""

    priority: ClassVar[float] = 5

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call] # keyring comes without types here
        self.kept: dict[tuple[str, str], str] = {}
        self.is_locked = False
        self.forgets = False

    def get_password(self, service: str, username: str) -> str | None:
        if self.is_locked:
            raise KeyringLocked
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        if self.is_locked:
            raise KeyringLocked
        if not self.forgets:
            self.kept[service, username] = password


class PlaintextKeyring(MemoryKeyring):
    """Named like the one that keeps passwords in the open."""

    priority: ClassVar[float] = 9


@pytest.fixture
def profile(tmp_path: Path) -> Profile:
    return Profile(tmp_path / "profile")


def _of(*keyrings: KeyringBackend) -> Callable[[], list[KeyringBackend]]:
    return lambda: list(keyrings)


def _failing() -> KeyringBackend:
    made: KeyringBackend = FailKeyring()  # type: ignore[no-untyped-call] # no types here
    return made


def _this_machine(_folder: Path) -> bytes:
    return b"this machine"


def test_the_system_keyring_is_taken_where_there_is_one(profile: Profile) -> None:
    keyring = MemoryKeyring()
    store = open_secrets(profile, backends=_of(_failing(), keyring))
    assert isinstance(store, KeyringStore)
    assert store.is_strong
    store.put(JOURNAL_KEY, b"\x00\xff")
    assert open_secrets(profile, backends=_of(keyring)).get(JOURNAL_KEY) == b"\x00\xff"
    assert store.get("unknown") is None


@pytest.mark.parametrize("backend", [FailKeyring, PlaintextKeyring, ChainerBackend])
def test_keyrings_that_forget_fail_or_write_openly_are_refused_by_name(
    profile: Profile, backend: type[KeyringBackend]
) -> None:
    assert not secrets.is_trusted(backend())
    store = open_secrets(profile, backends=_of(backend()), machine_secret=_this_machine)
    assert isinstance(store, FileStore)


def test_two_profiles_do_not_share_their_entries(tmp_path: Path) -> None:
    keyring = MemoryKeyring()
    stores = [
        open_secrets(Profile(tmp_path / name), backends=_of(keyring)) for name in ("one", "two")
    ]
    stores[0].put(JOURNAL_KEY, b"1")
    assert stores[1].get(JOURNAL_KEY) is None


def test_a_locked_keyring_is_told_and_no_other_place_is_begun(profile: Profile) -> None:
    keyring = MemoryKeyring()
    secrets.journal_key(open_secrets(profile, backends=_of(keyring)), profile)
    keyring.is_locked = True
    store = open_secrets(profile, backends=_of(keyring), machine_secret=_this_machine)
    with pytest.raises(Unavailable, match="keyring_unavailable"):
        secrets.journal_key(store, profile)
    assert not profile.secrets_file.exists()


def test_a_keyring_that_is_gone_today_is_told_and_no_other_place_is_begun(
    profile: Profile,
) -> None:
    open_secrets(profile, backends=_of(MemoryKeyring()))
    with pytest.raises(Unavailable, match="keyring_unavailable"):
        open_secrets(profile, backends=_of(_failing()), machine_secret=_this_machine)
    assert not profile.secrets_file.exists()


def test_a_keyring_that_does_not_keep_is_found_out_at_once(profile: Profile) -> None:
    keyring = MemoryKeyring()
    keyring.forgets = True
    with pytest.raises(Unavailable, match="keyring_unavailable"):
        open_secrets(profile, backends=_of(keyring)).put(JOURNAL_KEY, b"1")


@pytest.fixture
def in_file(profile: Profile) -> SecretStore:
    return open_secrets(profile, backends=_of(), machine_secret=_this_machine)


def test_without_a_keyring_secrets_lie_sealed_in_a_file_of_this_person(
    profile: Profile, in_file: SecretStore
) -> None:
    in_file.put(JOURNAL_KEY, b"very secret bytes")
    in_file.put(DEVICE_KEY, b"others")
    assert not in_file.is_strong
    assert oct(profile.secrets_file.stat().st_mode & 0o777) == "0o600"
    raw = profile.secrets_file.read_bytes()
    assert b"very secret bytes" not in raw
    assert b"very secret bytes".hex().encode() not in raw
    again = open_secrets(profile, backends=_of(), machine_secret=_this_machine)
    assert (again.get(JOURNAL_KEY), again.get(DEVICE_KEY)) == (b"very secret bytes", b"others")
    assert again.get("unknown") is None


def test_a_file_keeps_to_its_place_when_a_keyring_comes_later(
    profile: Profile, in_file: SecretStore
) -> None:
    in_file.put(JOURNAL_KEY, b"1")
    later = open_secrets(profile, backends=_of(MemoryKeyring()), machine_secret=_this_machine)
    assert later.get(JOURNAL_KEY) == b"1"


def test_the_sealed_file_is_useless_on_another_machine(
    profile: Profile, in_file: SecretStore
) -> None:
    in_file.put(JOURNAL_KEY, b"1")
    stolen = open_secrets(profile, backends=_of(), machine_secret=lambda _folder: b"elsewhere")
    with pytest.raises(Unavailable, match="secrets_unreadable"):
        stolen.get(JOURNAL_KEY)


@pytest.mark.parametrize("damage", [b"", b"{}", b"not json", b"\xff"])
def test_a_damaged_file_is_told_and_not_overwritten(
    profile: Profile, in_file: SecretStore, damage: bytes
) -> None:
    in_file.put(JOURNAL_KEY, b"1")
    profile.secrets_file.write_bytes(damage)
    with pytest.raises(Unavailable, match="secrets_unreadable"):
        in_file.put(DEVICE_KEY, b"2")
    assert profile.secrets_file.read_bytes() == damage


def test_this_machine_has_a_secret_of_its_own(profile: Profile) -> None:
    first = open_secrets(profile, backends=_of())
    first.put(JOURNAL_KEY, b"1")
    assert open_secrets(profile, backends=_of()).get(JOURNAL_KEY) == b"1"


def test_keys_are_made_once_and_the_same_ever_after(profile: Profile, in_file: SecretStore) -> None:
    journal, replica = secrets.journal_key(in_file, profile), secrets.replica_key(in_file)
    assert len(journal) == len(replica) == 32
    assert journal != replica
    assert secrets.journal_key(in_file, profile) == journal
    assert secrets.replica_key(in_file) == replica


def test_a_journal_without_its_key_gets_no_new_one(profile: Profile, in_file: SecretStore) -> None:
    profile.journal.write_bytes(b"sales")
    with pytest.raises(Unavailable, match="journal_key_missing"):
        secrets.journal_key(in_file, profile)
    assert in_file.get(JOURNAL_KEY) is None


def test_a_journal_without_any_note_of_its_key_is_left_alone(profile: Profile) -> None:
    profile.folder.mkdir()
    profile.journal.write_bytes(b"sales")
    with pytest.raises(Unavailable, match="journal_key_missing"):
        open_secrets(profile, backends=_of(MemoryKeyring()))
    assert not profile.secrets_choice.exists()


def test_a_lost_journal_key_comes_back_from_its_recovery_code(
    profile: Profile, in_file: SecretStore
) -> None:
    key = secrets.journal_key(in_file, profile)
    code = secrets.recovery_code(key)
    profile.journal.write_bytes(b"sales")
    profile.secrets_choice.unlink()
    profile.secrets_file.unlink()
    fresh = open_secrets(profile, backends=_of(MemoryKeyring()), is_chosen_anew=True)
    secrets.restore_journal_key(fresh, code)
    assert secrets.journal_key(fresh, profile) == key


def test_a_recovery_code_does_not_replace_another_key(
    profile: Profile, in_file: SecretStore
) -> None:
    secrets.journal_key(in_file, profile)
    with pytest.raises(Rejected, match="journal_key_present"):
        secrets.restore_journal_key(in_file, secrets.recovery_code(b"x" * 32))


@given(key=st.binary(min_size=32, max_size=32))
def test_a_recovery_code_is_read_however_it_is_typed(key: bytes) -> None:
    code = secrets.recovery_code(key)
    assert secrets.key_from_recovery_code(code) == key
    sloppy = code.lower().replace("-", " ").replace("0", "o").replace("1", "l")
    assert secrets.key_from_recovery_code(f"  {sloppy} ") == key


@given(key=st.binary(min_size=32, max_size=32), at=st.integers(0, 62))
def test_a_mistyped_recovery_code_is_refused(key: bytes, at: int) -> None:
    code = secrets.recovery_code(key)
    other = "Z" if code[at] != "Z" else "Y"
    if code[at] == "-":
        return
    with pytest.raises(Rejected, match="recovery_code_wrong"):
        secrets.key_from_recovery_code(code[:at] + other + code[at + 1 :])


@pytest.mark.parametrize("text", ["", "ABC", "U" * 56, "Ä" * 56])
def test_what_is_no_recovery_code_is_refused(text: str) -> None:
    with pytest.raises(Rejected, match="recovery_code_wrong"):
        secrets.key_from_recovery_code(text)


def test_the_device_signs_with_one_key_for_ever(in_file: SecretStore) -> None:
    key, again = DeviceKey(in_file), DeviceKey(in_file)
    assert key.public_text == again.public_text
    public = Ed25519PublicKey.from_public_bytes(_from_base64(key.public_text))
    public.verify(_from_base64(again.sign(b"hello")), b"hello")


def _from_base64(text: str) -> bytes:
    return base64.b64decode(text)
