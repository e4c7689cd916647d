"""Tills of one store with their engines and nodes, on loopback."""

import base64
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from desktop.changes import ChangeHub
from desktop.hub.node import HubTempo, Node, Surroundings
from desktop.journal import PARKED_SLOT, Identity
from desktop.secrets import DeviceKey, FileStore
from desktop.shelving import SHELF_KIND
from desktop.sync.engine import Engine
from desktop.sync.sync_status import StoreShare
from desktop.work import Work, open_work
from desktop.workspaces.kiosk.cart import (
    Cart,
)
from desktop.workspaces.kiosk.kept_carts import (
    parked_bytes,
    parked_from,
)
from shared.kernel.ids import DeviceId, LocationId
from shared.storage.changes import ChangeSet
from shared.storage.reader import Reader
from shared.sync.cursor import Cursor
from shared.sync.protocol.certificate import CertificateReply
from shared.sync.protocol.pull import NeighbourAcked, PullPage
from shared.sync.protocol.push import PushRequest, PushState
from shared.sync.protocol.relay import RelayReply, RelayRequest, RelayState
from tests.support.loopback import PATIENCE_SECONDS, QUICK, LoopbackEndpoint, Network, Watcher
from tests.support.meeting import Meeting, MeetingFinder
from tests.support.world import World
from tests.support.world_device import DeviceInWorld

HURRIED = HubTempo(
    share_after=0.01, relay_after=0.05, seek_again=0.1, connect_within=2.0, retry=0.1
)
_FIRST_DAY = datetime(2000, 1, 1, tzinfo=UTC)
_LAST_DAY = datetime(2001, 1, 1, tzinfo=UTC)
"""Long over: times in certificates are not looked at."""


class Authority:
    """A tenant's certificates, as the server makes them."""

    def __init__(self) -> None:
        self._key = Ed25519PrivateKey.generate()
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "authority")])
        self.certificate = self._signed(self._name, self._key.public_key(), is_authority=True)

    def papers(self, key: bytes, *, tenant: str, location: str, device: str) -> CertificateReply:
        """The papers of one device."""
        subject = x509.Name(
            [
                x509.NameAttribute(NameOID.ORGANIZATION_NAME, tenant),
                x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, location),
                x509.NameAttribute(NameOID.COMMON_NAME, device),
            ]
        )
        public = Ed25519PublicKey.from_public_bytes(key)
        made = self._signed(subject, public, is_authority=False)
        return CertificateReply(
            protocol=1, certificate=_pem(made), authority=_pem(self.certificate)
        )

    def _signed(
        self, subject: x509.Name, key: Ed25519PublicKey, *, is_authority: bool
    ) -> x509.Certificate:
        builder = x509.CertificateBuilder(
            issuer_name=self._name,
            subject_name=subject,
            public_key=key,
            serial_number=x509.random_serial_number(),
            not_valid_before=_FIRST_DAY,
            not_valid_after=_LAST_DAY,
        )
        basic = x509.BasicConstraints(ca=is_authority, path_length=None)
        return builder.add_extension(basic, critical=True).sign(self._key, None)


def _pem(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(Encoding.PEM).decode()


class StoreEndpoint(LoopbackEndpoint):
    """A server that certifies devices, tells of neighbours and takes what they bring."""

    def __init__(self, store: "Store", identity: Identity, key: DeviceKey) -> None:
        super().__init__(store.network, identity.device_id)
        self._store = store
        self._identity = identity
        self._key = key

    async def pull(self, cursor: Cursor, *, limit: int, with_neighbours: bool = False) -> PullPage:
        page = await super().pull(cursor, limit=limit)
        if not with_neighbours:
            return page
        links = [
            (device_id, self._store.world.server.link(device_id))
            for device_id in self._store.known
            if device_id != self._identity.device_id
        ]
        told = [
            NeighbourAcked(
                device_id=device_id, incarnation=link.incarnation, acked_seq=link.last_seq
            )
            for device_id, link in links
        ]
        return replace(page, neighbours=tuple(told))

    async def certificate(self) -> CertificateReply:
        self._network.head()
        identity = self._identity
        return self._store.authorities[identity.device_id].papers(
            base64.b64decode(self._key.public_text),
            tenant=identity.tenant_id,
            location=str(identity.location_id),
            device=identity.device_id,
        )

    async def relay(self, request: RelayRequest) -> RelayReply:
        push = PushRequest(protocol=1, incarnation=request.incarnation, commands=request.commands)
        reply = self._network.ask(lambda server: server.push(request.device_id, push))
        last = reply.expected_seq - 1
        state = RelayState.TAKEN if reply.state is PushState.ACCEPTED else RelayState.GAP
        self._store.relayed += len(request.commands)
        return RelayReply(state=state, last_seq=last)


class Joined:
    """Passes on what the writer tells."""

    def __init__(self) -> None:
        self.watcher = Watcher()
        self.engine: Engine | None = None
        self.screens: ChangeHub | None = None
        self.moved = threading.Condition()
        self.changes = 0

    def rows_changed(self, changes: ChangeSet) -> None:
        with self.moved:
            self.changes += 1
            self.moved.notify_all()
        if self.screens is not None:
            self.screens.publish(changes.ids)
        if self.engine is None:
            return
        if SHELF_KIND in changes.ids:
            self.engine.shelf_changed()
        else:
            self.engine.setting_changed()

    def journal_grew(self, _last_seq: int) -> None:
        if self.engine is not None:
            self.engine.journal_grew()


@dataclass
class InStore:
    """A till at work beside others."""

    store: "Store"
    device: DeviceInWorld
    device_id: DeviceId
    work: Work
    engine: Engine
    joined: Joined
    is_dead: bool = False

    @property
    def watcher(self) -> Watcher:
        """What the engine tells."""
        return self.joined.watcher

    def sell(self, count: int = 1, *, qty: int = 1) -> None:
        """Sell mugs."""
        world = self.store.world
        for _ in range(count):
            sale = world.sale(world.shift_of(self.device), qty=qty)
            self.work.submit(sale, actor_id=world.cashier_id).result()

    def until_store(self, holds: Callable[[StoreShare], bool]) -> StoreShare:
        """Wait until sharing stands as expected."""
        return self.watcher.until(lambda status: holds(status.store)).store

    def until_rows(self, holds: Callable[[], bool]) -> None:
        """Wait until what lies here is as expected; looked at whenever rows are told to differ."""
        joined = self.joined
        with joined.moved:
            joined.changes = 1
        ends_at = time.monotonic() + PATIENCE_SECONDS
        while not holds():
            with joined.moved:
                has_moved = joined.moved.wait_for(
                    lambda: joined.changes > 0, ends_at - time.monotonic()
                )
                joined.changes = 0
            assert has_moved, "nothing changes any more"

    def park(self, *carts: Cart) -> None:
        """Let these be what is parked here."""
        self.work.save_draft(PARKED_SLOT, parked_bytes(carts)).result()

    def sees(self) -> dict[str, set[str]]:
        """The parkings that others offer, by device."""
        standing = self.work.shelves().result()
        gone = {(each.device_id, each.parking_id) for each in standing.taken}
        return {
            shelf.device_id: {
                cart.parking_id
                for cart in parked_from(shelf.content.encode())
                if (shelf.device_id, cart.parking_id) not in gone
            }
            for shelf in standing.others
        }

    def unsent(self) -> int:
        """Commands that the server has not answered."""
        return self.work.ask(lambda bench: bench.journal.waiting().count).result()

    def die(self) -> None:
        """Stop for good, with everything that was only here."""
        self.engine.stop()
        self.work.close()
        self.is_dead = True
        self.store.running.remove(self)


@dataclass
class Store:
    """Tills, their server and the network between them."""

    world: World
    network: Network
    meeting: Meeting = field(default_factory=Meeting)
    authority: Authority = field(default_factory=Authority)
    authorities: dict[str, Authority] = field(default_factory=dict)
    known: dict[DeviceId, None] = field(default_factory=dict)
    tempo: HubTempo = HURRIED
    is_on: bool = True
    relayed: int = 0
    running: list[InStore] = field(default_factory=list)
    _keys: dict[str, DeviceKey] = field(default_factory=dict)

    def is_shared(self, _reader: Reader, _location_id: LocationId) -> bool:
        """The setting."""
        return self.is_on

    def till(
        self, *, authority: Authority | None = None, location_id: LocationId | None = None
    ) -> InStore:
        """A till with an open shift, in step with the server, which shares.

        Another authority makes it a device of another shop, another location one of another store.
        """
        with self.network.server():
            device = self.world.till()
        self.world.open_shift(device)
        return self.begin(device, authority=authority, location_id=location_id)

    def begin(
        self,
        device: DeviceInWorld,
        *,
        authority: Authority | None = None,
        location_id: LocationId | None = None,
    ) -> InStore:
        """Start a device's program."""
        identity = device.bench.identity
        device.stop()
        if location_id is not None:
            identity = replace(identity, location_id=location_id)
        self.authorities[identity.device_id] = authority or self.authority
        self.known[identity.device_id] = None
        folder = device.profile.folder
        key = self._keys.setdefault(
            str(folder), DeviceKey(FileStore(folder.with_suffix(".keys"), b"machine"))
        )
        joined = Joined()
        work = open_work(device.profile, device.keys, clock=self.world.clock, listener=joined)
        around = Surroundings(
            identity=identity,
            key=key,
            folder=folder,
            finder=lambda: MeetingFinder(self.meeting),
            endpoint=lambda: StoreEndpoint(self, identity, key),
            is_shared=self.is_shared,
            host="127.0.0.1",
        )
        engine = Engine(
            work,
            lambda: StoreEndpoint(self, identity, key),
            on_status=joined.watcher.take,
            tempo=QUICK,
            seed=identity.device_id,
        )
        engine.work_beside(lambda host: Node(work, around, host=host, tempo=self.tempo))
        joined.engine = engine
        engine.start()
        self.running.append(InStore(self, device, identity.device_id, work, engine, joined))
        return self.running[-1]

    def end(self) -> None:
        """Stop everybody."""
        for each in tuple(self.running):
            each.die()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    world = World(tmp_path)
    made = Store(world, Network(world.server))
    yield made
    made.end()
    world.close()
