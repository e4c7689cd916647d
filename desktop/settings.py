"""Where a profile keeps its files, and the settings of this device."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from shared.kernel.errors import Bug, Unavailable

FOLDER_VARIABLE = "PYCOMMERCE_DATA"
"""Names the folder of the profile itself and overrides the platform's place for it."""

_ALLOWED_IN_NAMES = frozenset("abcdefghijklmnopqrstuvwxyz0123456789-_")


@dataclass(frozen=True, slots=True)
class Profile:
    """The folder of one enrolled device; all its files lie in it."""

    folder: Path

    @property
    def journal(self) -> Path:
        """Commands, counters, identity: must never be lost."""
        return self.folder / "journal.db"

    @property
    def copies(self) -> Path:
        """What neighbours of the store have not sent yet: a second home for it."""
        return self.folder / "copies.db"

    @property
    def replica(self) -> Path:
        """The copy of the server's rows: may be thrown away at any time."""
        return self.folder / "replica.db"

    @property
    def next_replica(self) -> Path:
        """A replica that is being filled and will take the place of the present one."""
        return self.folder / "replica-next.db"

    @property
    def bootstrap(self) -> Path:
        """The replica that is being made of the server's file."""
        return self.folder / "bootstrap.db"

    @property
    def bootstrap_part(self) -> Path:
        """As much of the server's file as has come."""
        return self.folder / "bootstrap.part"

    @property
    def blobs(self) -> Path:
        """Files that rows refer to: those not sent yet, and those that were looked at lately."""
        return self.folder / "blobs"

    @property
    def backups(self) -> Path:
        """Copies of the journal, newest first by number."""
        return self.folder / "backups"

    @property
    def set_aside(self) -> Path:
        """Files that could not be used, kept for a person to look at."""
        return self.folder / "set-aside"

    @property
    def reports(self) -> Path:
        """Reports of our own mistakes."""
        return self.folder / "reports"

    @property
    def diagnostics(self) -> Path:
        """What was found when this copy and the server's rows differed; nothing personal."""
        return self.folder / "diagnostics"

    @property
    def lock(self) -> Path:
        """Held by the one process that uses the profile."""
        return self.folder / "profile.lock"

    @property
    def secrets_choice(self) -> Path:
        """Says where the keys are kept."""
        return self.folder / "secrets.json"

    @property
    def secrets_file(self) -> Path:
        """The keys themselves, sealed, where the system has no keyring."""
        return self.folder / "secrets.sealed"

    @property
    def settings(self) -> Path:
        """The settings of this device."""
        return self.folder / "settings.json"


def profile_named(name: str = "default", environ: Mapping[str, str] | None = None) -> Profile:
    """The profile of that name in the person's data folder; PYCOMMERCE_DATA overrides the folder.

    Raises Bug for a name with other characters than a-z, 0-9, hyphen and underscore.
    """
    environ = os.environ if environ is None else environ
    if not name or set(name) - _ALLOWED_IN_NAMES:
        message = f"{name!r} is not the name of a profile"
        raise Bug(message)
    override = environ.get(FOLDER_VARIABLE)
    if override:
        return Profile(Path(override).expanduser().absolute())
    return Profile(_data_folder(environ) / "profiles" / name)


def _data_folder(environ: Mapping[str, str]) -> Path:
    home = Path(environ["HOME"]) if "HOME" in environ else Path.home()
    if os.name == "nt":
        return Path(environ.get("LOCALAPPDATA") or home / "AppData" / "Local") / "PyCommerce"
    if os.uname().sysname == "Darwin":
        return home / "Library" / "Application Support" / "PyCommerce"
    return Path(environ.get("XDG_DATA_HOME") or home / ".local" / "share") / "pycommerce"


def make_folder(folder: Path) -> None:
    """Make a folder that only this person may read. Raises Unavailable("folder_unusable")."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise Unavailable("folder_unusable", folder=str(folder)) from error


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceSettings:
    """What a person chose for this machine; shop settings are rows and travel instead.

    `language` is a language of the translations, or empty for the system's. `text_scale_percent`
    is 100 for the theme's own size.
    """

    language: str = ""
    theme: str = "system"
    is_touch: bool = False
    text_scale_percent: int = 100
    hardware: Mapping[str, str] = field(default_factory=dict)


def load_settings(profile: Profile) -> DeviceSettings:
    """The saved settings; defaults where none were saved or the file cannot be read.

    A damaged settings file costs a choice of colours, never a start.
    """
    try:
        return msgspec.json.decode(profile.settings.read_bytes(), type=DeviceSettings)
    except (OSError, msgspec.DecodeError):
        return DeviceSettings()


def save_settings(profile: Profile, settings: DeviceSettings) -> None:
    """Replace the saved settings as a whole. Raises Unavailable("folder_unusable")."""
    make_folder(profile.folder)
    fresh = profile.settings.with_suffix(".new")
    try:
        fresh.write_bytes(msgspec.json.encode(settings))
        fresh.replace(profile.settings)
    except OSError as error:
        raise Unavailable("folder_unusable", folder=str(profile.folder)) from error
