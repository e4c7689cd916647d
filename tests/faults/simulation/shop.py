"""The shop as every story begins: founded once per process, copied for each story."""

import atexit
import base64
import shutil
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random
from typing import ClassVar, cast

from desktop.files import Keys, ProfileFiles
from desktop.journal import Identity
from desktop.secrets import DeviceKey, SecretStore
from desktop.settings import Profile
from desktop.sync.tempo import Tempo
from desktop.workbench import Workbench
from shared.kernel.ids import (
    DeviceId,
    LocationId,
    RegisterId,
    StoreId,
    UserId,
    new_id,
)
from shared.organization.commands import AddRegister, RegisterDevice, Workspace
from shared.storage.changes import ChangeSet
from shared.sync.scopes import scopes_for
from tests.faults.simulation.authority import Authority
from tests.faults.simulation.chance import Moment, determined
from tests.faults.simulation.gateway import Copy, Gateway
from tests.faults.simulation.machine import SERVER_URL, Hardware, KeptKey
from tests.faults.simulation.opening import Premises, opening
from tests.support.reference_server import on_the_wire

MEMORY = Path("/dev/shm")  # noqa: S108 - a disk that forgets is fast, and nothing here must last
SPARE_TILLS = 3
_WORKPLACES = (
    ("K1", Workspace.KIOSK),
    ("OFFICE", Workspace.MERCHANT),
    ("K2", Workspace.KIOSK),
    ("STATION", Workspace.FULFILLMENT),
)


@dataclass(frozen=True)
class Place:
    """A device of the shop before its story."""

    hardware: Hardware
    workspace: Workspace
    register_id: RegisterId | None


@dataclass
class Shop:
    """The founded shop; its server is rewound for each story, its folders are copied."""

    moment: Moment
    gateway: Gateway
    copy: Copy
    places: tuple[Place, ...]
    location_id: LocationId
    owner_id: UserId
    spare_registers: tuple[RegisterId, ...]
    folder: Path

    def close(self) -> None:
        """Give the server's memory and the folders back."""
        self.gateway.authority.close()
        shutil.rmtree(self.folder, ignore_errors=True)


class _Nobody:
    """A listener that has gone home."""

    def rows_changed(self, changes: ChangeSet) -> None:
        """Nobody looks."""

    def journal_grew(self, last_seq: int) -> None:
        """Nobody sends."""


class _Disk:
    """Where stories are played; one who plays many says where, to clear it away afterwards."""

    folder: ClassVar[Path | None] = MEMORY if MEMORY.is_dir() else None


def play_in(folder: Path) -> None:
    """Play all stories of this process in a folder, and found their shop now."""
    _Disk.folder = folder
    the_shop()


def fast_folder() -> Path:
    """A folder of its own on the fastest disk there is."""
    return Path(tempfile.mkdtemp(prefix="pycommerce-story-", dir=_Disk.folder))


@cache
def the_shop() -> Shop:
    """This process's shop."""
    moment = Moment()
    with determined("the shop", moment):
        shop = _Founding(moment).shop()
    atexit.register(shop.close)
    return shop


class _Founding:
    """Opens the shop on its server and sets its devices up."""

    def __init__(self, moment: Moment) -> None:
        self._moment = moment
        self._authority = Authority(moment)
        self._authority.tenant_id = type(self._authority.tenant_id)(new_id())
        self._gateway = Gateway(self._authority, moment)
        self._folder = fast_folder()
        self._premises = Premises(
            location_id=LocationId(new_id()),
            owner_id=UserId(new_id()),
            store_id=StoreId(new_id()),
        )

    def shop(self) -> Shop:
        """Found it."""
        for command in opening(self._premises):
            self._authority.act(command)
        registers = [self._register(f"K{number}") for number in range(1, 3 + SPARE_TILLS)]
        tills = iter(registers)
        placed = [
            (name, workspace, next(tills) if workspace is Workspace.KIOSK else None)
            for name, workspace in _WORKPLACES
        ]
        places = tuple(self._place(*each) for each in placed)
        return Shop(
            moment=self._moment,
            gateway=self._gateway,
            copy=self._gateway.copy(),
            places=places,
            location_id=self._premises.location_id,
            owner_id=self._premises.owner_id,
            spare_registers=tuple(tills),
            folder=self._folder,
        )

    def _register(self, code: str) -> RegisterId:
        register_id = RegisterId(new_id())
        self._authority.act(
            AddRegister(
                register_id=register_id,
                location_id=self._premises.location_id,
                name=f"Till {code}",
                code=code,
            )
        )
        return register_id

    def _place(self, name: str, workspace: Workspace, register_id: RegisterId | None) -> Place:
        chance = Random(f"hardware/{name}")
        hardware = Hardware(
            name=name,
            folder=self._folder / name,
            keys=Keys(chance.randbytes(32), chance.randbytes(32)),
            key=chance.randbytes(32),
            tempo=Tempo(),
        )
        identity = self._identity(name, workspace, register_id)
        self._gateway.directory.public_keys[identity.device_id] = public_key(hardware.key)
        files = ProfileFiles(Profile(hardware.folder), hardware.keys)
        bench = Workbench(files, clock=self._moment, listener=_Nobody())
        bench.enrol(identity, {}, epoch=self._authority.head.epoch)
        while not bench.standing().is_filled:
            page = self._authority.pull(identity.device_id, bench.standing().cursor, limit=10_000)
            bench.apply(on_the_wire(page))
        bench.close()
        return Place(hardware, workspace, register_id)

    def _identity(
        self, name: str, workspace: Workspace, register_id: RegisterId | None
    ) -> Identity:
        device_id = DeviceId(new_id())
        location_id = None if workspace is Workspace.MERCHANT else self._premises.location_id
        self._authority.act(
            RegisterDevice(
                device_id=device_id,
                name=name,
                workspace=workspace,
                location_id=location_id,
                register_id=register_id,
            )
        )
        self._authority.admit(device_id)
        return Identity(
            tenant_id=self._authority.tenant_id,
            tenant_name="Corner Store",
            device_id=device_id,
            incarnation=1,
            workspace=workspace,
            location_id=location_id,
            register_id=register_id,
            scopes=scopes_for(workspace, location_id, register_id),
            server_url=SERVER_URL,
        )


def public_key(raw: bytes) -> bytes:
    """The public half of a device's key."""
    key = DeviceKey(cast("SecretStore", KeptKey(raw)))
    return base64.b64decode(key.public_text)
