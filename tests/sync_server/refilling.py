"""Many devices that are all told at once to fill anew; they throw away what they get."""

import asyncio
import hashlib
import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import cycle
from urllib.parse import urlsplit

import msgspec

from migrations.replica import schema_fingerprint
from shared.kernel.clock import Clock
from shared.kernel.ids import DeviceId, LocationId, RegisterId, TenantId, new_id
from shared.kernel.messages import FIRST_HASH
from shared.organization.commands import AddRegister, RegisterDevice, Workspace
from shared.sync.endpoint import BOOTSTRAP_FILE_PATH, BOOTSTRAP_PATH, OTHER_EPOCH, PULL_PATH
from shared.sync.protocol.bootstrap import BootstrapOffer, BootstrapState
from shared.sync.protocol.pull import PullPage
from sync_server.auth import links
from sync_server.auth.links import DeviceLink
from sync_server.auth.tokens import Tokens
from tests.sync_server.devices import Site

_BLOCK = 1 << 18
_CONFLICT = 409


@dataclass(frozen=True, slots=True)
class Refilled:
    """What one device went through: its file, and seconds until it stood at the head."""

    scopes: tuple[str, ...]
    sha256: str
    file_bytes: int
    seconds: float


def crowd(site: Site, clock: Clock, count: int) -> list[str]:
    """Access tokens of so many devices: of 50 one is a back office, four are stations, 45 tills."""
    kinds = cycle([Workspace.MERCHANT] + [Workspace.FULFILLMENT] * 4 + [Workspace.KIOSK] * 45)
    places = cycle(site.location_ids)
    issuer = Tokens(site.server.database, clock, minutes=10)
    device_ids = []
    commands: list[AddRegister | RegisterDevice] = []
    for number, workspace in zip(range(count), kinds, strict=False):
        device_ids.append(DeviceId(new_id()))
        commands += _device(device_ids[-1], number, workspace, location_id=next(places))
    site.run(*commands)
    _link(site.tenant_id, device_ids, site)
    return [issuer.issue(site.tenant_id, each)[0] for each in device_ids]


def _device(
    device_id: DeviceId, number: int, workspace: Workspace, *, location_id: LocationId
) -> list[AddRegister | RegisterDevice]:
    is_till, is_office = workspace is Workspace.KIOSK, workspace is Workspace.MERCHANT
    register_id = RegisterId(new_id()) if is_till else None
    made: list[AddRegister | RegisterDevice] = []
    if register_id is not None:
        code = f"C{number}"
        made.append(
            AddRegister(register_id=register_id, location_id=location_id, name=code, code=code)
        )
    registered = RegisterDevice(
        device_id=device_id,
        name=f"Device {number}",
        workspace=workspace,
        location_id=None if is_office else location_id,
        register_id=register_id,
    )
    return [*made, registered]


def _link(tenant_id: TenantId, device_ids: Sequence[DeviceId], site: Site) -> None:
    with site.server.database.tenant_session(tenant_id) as connection:
        for device_id in device_ids:
            link = DeviceLink(
                device_id=device_id,
                public_key=b"",
                pairing_id=new_id(),
                incarnation=1,
                last_seq=0,
                last_hash=FIRST_HASH,
                fenced_at=None,
            )
            links.save(connection, link)


async def refill_all(address: str, tokens: Sequence[str], *, lost: str) -> list[Refilled]:
    """Let all of them come at once, from the place `lost` in a history that is no more."""
    return await asyncio.gather(*(_refill(address, token, lost) for token in tokens))


async def _refill(address: str, token: str, lost: str) -> Refilled:
    """Be refused, take the file in two pieces over two connections, pull what came after it."""
    started = time.perf_counter()
    line = _Line(address, token)
    status, body = await line.ask(f"{PULL_PATH}?cursor={lost}&limit=1000")
    assert status == _CONFLICT
    assert OTHER_EPOCH in body.decode()
    _, body = await line.ask(f"{BOOTSTRAP_PATH}?schema={schema_fingerprint()}")
    offer = msgspec.json.decode(body, type=BootstrapOffer)
    assert offer.state is BootstrapState.READY, offer.state
    assert offer.file is not None
    digest, size = hashlib.sha256(), offer.file.size_bytes
    path = f"{BOOTSTRAP_FILE_PATH}?cursor={offer.file.cursor}"
    came = await line.read(path, digest, most=size // 2)
    came += await line.read(f"{path}&start={came}", digest, most=size)
    assert came == size
    assert digest.hexdigest() == offer.file.sha256
    _, body = await line.ask(f"{PULL_PATH}?cursor={offer.file.cursor}&limit=1000")
    assert msgspec.json.decode(body, type=PullPage).is_last
    return Refilled(offer.file.scopes, offer.file.sha256, came, time.perf_counter() - started)


class _Line:
    """Plain requests, each on a connection of its own: the client costs as little as may be."""

    def __init__(self, address: str, token: str) -> None:
        self._target = urlsplit(address)
        self._token = token

    async def ask(self, path: str) -> tuple[int, bytes]:
        """Status and body of an answer."""
        reader, writer, status = await self._open(path)
        try:
            return status, await reader.read()
        finally:
            writer.close()

    async def read(self, path: str, digest: "hashlib._Hash", *, most: int) -> int:
        """Up to so many bytes of an answer go into the digest, then the line is cut; how many."""
        reader, writer, status = await self._open(path)
        assert status // 100 == 2
        left = most
        try:
            while left and (block := await reader.read(min(left, _BLOCK))):
                digest.update(block)
                left -= len(block)
        finally:
            writer.transport.abort()
        return most - left

    async def _open(self, path: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter, int]:
        target = self._target
        reader, writer = await asyncio.open_connection(target.hostname, target.port, limit=_BLOCK)
        # In version 1.0 of the protocol a body simply ends with its connection.
        request = f"GET {path} HTTP/1.0\r\nHost: {target.netloc}\r\n"
        writer.write(f"{request}Authorization: Bearer {self._token}\r\n\r\n".encode())
        status = int((await reader.readline()).split()[1])
        while (await reader.readline()).strip():
            pass
        return reader, writer, status
