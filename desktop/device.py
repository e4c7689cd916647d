"""One open profile: its files, its threads and its line to the server; no widget."""

import asyncio
import logging
import platform
from importlib import metadata
from pathlib import Path

from desktop.changes import ChangeHub
from desktop.enrolment import Pairing, enrol
from desktop.files import Keys
from desktop.hub.finder import NetworkFinder
from desktop.hub.node import Node, Surroundings
from desktop.journal import Identity
from desktop.secrets import DeviceKey, SecretStore, journal_key, open_secrets, replica_key
from desktop.settings import DeviceSettings, Profile, load_settings, save_settings
from desktop.shelving import SHELF_KIND
from desktop.sync.blob_door import BLOB, BlobDoor
from desktop.sync.engine import Engine
from desktop.sync.http_endpoint import HttpEndpoint, HttpEnrolment
from desktop.sync.status import SyncLight
from desktop.work import Work, open_work
from desktop.workbench import Workbench
from desktop.workspaces.desk import Desk
from desktop.workspaces.gate import StaffGate
from shared.kernel.clock import Clock, SystemClock
from shared.kernel.errors import Bug
from shared.kernel.messages import Command
from shared.organization.queries import is_sharing
from shared.runtime.registry import read_command
from shared.storage.changes import ChangeSet

_log = logging.getLogger(__name__)


def client_version() -> str:
    """The release that runs here."""
    return metadata.version("pycommerce")


_OF_SHARING = frozenset({"stock_location", "device"})
"""The tables that say whether and with whom a device shares."""


class _Listener:
    """Passes on what the writer's thread tells: rows to the screens, commands to the engine."""

    def __init__(self, hub: ChangeHub) -> None:
        self._hub = hub
        self.engine: Engine | None = None

    def rows_changed(self, changes: ChangeSet) -> None:
        """Tell the screens, and whoever shares with the devices of the store."""
        self._hub.publish(changes.ids)
        if self.engine is not None and not changes.ids.keys().isdisjoint(_OF_SHARING):
            self.engine.setting_changed()
        if self.engine is not None and SHELF_KIND in changes.ids:
            self.engine.shelf_changed()

    def journal_grew(self, last_seq: int) -> None:
        """Tell the engine."""
        del last_seq
        if self.engine is not None:
            self.engine.journal_grew()


class Preferences:
    """The settings of this machine, kept over a restart."""

    def __init__(self, profile: Profile) -> None:
        self._profile = profile
        self._settings = load_settings(profile)

    @property
    def settings(self) -> DeviceSettings:
        """The settings in force."""
        return self._settings

    async def save(self, settings: DeviceSettings) -> None:
        """Keep other settings. Raises Unavailable("folder_unusable")."""
        self._settings = settings
        await asyncio.to_thread(save_settings, self._profile, settings)


class SentCommands:
    """The commands that were made on this device, as its journal has them."""

    def __init__(self, work: Work) -> None:
        self._work = work

    async def find(self, cmd_id: str) -> Command | None:
        """The command with that id, or None when another device made it."""
        entry = await self._work.ask(lambda bench: bench.journal.command(cmd_id))
        if entry is None:
            return None
        envelope = entry.envelope
        return read_command(envelope.name, envelope.version, envelope.args)


class Device:
    """Everything below the screens of one profile; lives on the UI thread.

    Opened by `open_device`, ended by `close`.
    """

    def __init__(
        self,
        *,
        folder: Path,
        work: Work,
        secrets: SecretStore,
        hub: ChangeHub,
        listener: _Listener,
        clock: Clock,
    ) -> None:
        self.work = work
        self.hub = hub
        self.clock = clock
        self.light = SyncLight(clock)
        self.gate = StaffGate(work, clock)
        self.identity: Identity | None = None
        self._folder = folder
        self.has_strong_secrets = secrets.is_strong
        self._key = DeviceKey(secrets)
        self._listener = listener
        self._engine: Engine | None = None

    @property
    def engine(self) -> Engine:
        """The line to the server. Raises Bug before the device is paired."""
        if self._engine is None:
            raise Bug("this device is not paired")
        return self._engine

    def desk(self) -> Desk:
        """What screens are given. Raises Bug before the device is paired."""
        if self.identity is None:
            raise Bug("this device is not paired")
        blobs = BlobDoor(self.work, self._line)
        return Desk(self.work, self.hub, self.gate, self.identity, self.clock, blobs)

    def _line(self) -> Engine | None:
        return self._engine

    def _blob_moved(self, sha256: str) -> None:
        """Tell the screens of a blob; in the engine's thread."""
        self.hub.publish({BLOB: frozenset({sha256})})

    async def is_filled(self) -> bool:
        """Whether this device has had the shop's rows once, so that people can work with it."""
        if self.identity is None:
            return False
        return (await self.work.ask(Workbench.standing)).is_filled

    async def pair(self, server_url: str, pairing_code: str, name: str) -> None:
        """Become a device of a server and begin to fetch its rows.

        Raises Rejected for a wrong address, code or name, or Unavailable.
        """
        self.identity = await enrol(
            self.work,
            HttpEnrolment,
            self._key,
            pairing=Pairing(
                server_url=server_url,
                pairing_code=pairing_code,
                name=name,
                client_version=client_version(),
            ),
        )
        self.start_sync()

    def start_sync(self) -> None:
        """Begin to exchange with the server, for a paired device."""
        identity = self.identity
        if identity is None or self._engine is not None or not identity.server_url:
            return
        self._engine = Engine(
            self.work,
            lambda: HttpEndpoint(identity, self._key, self.clock),
            on_status=self.light.take,
            on_blob=self._blob_moved,
            seed=identity.device_id,
        )
        around = self._surroundings(identity)
        self._engine.work_beside(lambda host: Node(self.work, around, host=host))
        self.light.use(self._engine)
        self._listener.engine = self._engine
        self._engine.start()

    def _surroundings(self, identity: Identity) -> Surroundings:
        """What sharing within the store is given."""
        return Surroundings(
            identity=identity,
            key=self._key,
            folder=self._folder,
            finder=NetworkFinder,
            endpoint=lambda: HttpEndpoint(identity, self._key, self.clock),
            is_shared=is_sharing,
        )

    async def close(self) -> None:
        """End the exchange, finish what was asked, copy the journal, close the files."""
        engine, self._engine, self._listener.engine = self._engine, None, None
        if engine is not None:
            await asyncio.to_thread(engine.stop)
        await asyncio.to_thread(self.work.close)


async def open_device(profile: Profile, *, clock: Clock | None = None) -> Device:
    """Open a profile; the disk and the keyring are asked off the UI thread.

    Raises Unavailable: profile_in_use, keyring_unavailable, journal_* or what the disk says; none
    of these changes the journal.
    """
    ticking = clock or SystemClock()
    hub = ChangeHub()
    listener = _Listener(hub)

    def open_files() -> tuple[Work, SecretStore]:
        secrets = open_secrets(profile)
        keys = keys_of(profile, secrets)
        return open_work(profile, keys, clock=ticking, listener=listener), secrets

    work, secrets = await asyncio.to_thread(open_files)
    device = Device(
        folder=profile.folder,
        work=work,
        secrets=secrets,
        hub=hub,
        listener=listener,
        clock=ticking,
    )
    device.identity = await work.ask(_identity_of)
    return device


def keys_of(profile: Profile, secrets: SecretStore) -> Keys:
    """The keys of a profile's files; made where it has none yet."""
    return Keys(journal=journal_key(secrets, profile), replica=replica_key(secrets))


def _identity_of(bench: Workbench) -> Identity | None:
    return bench.identity if bench.is_enrolled else None


def machine_name() -> str:
    """What this machine calls itself; a first name for the device."""
    return platform.node() or "PyCommerce"
