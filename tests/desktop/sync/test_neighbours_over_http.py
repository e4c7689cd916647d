"""What concerns neighbours, asked of the real server by the product's own client."""

import asyncio
import base64
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from desktop.sync.http_endpoint import HttpEndpoint
from shared.kernel.errors import Rejected
from shared.organization.commands import Workspace
from shared.sync.cursor import START
from shared.sync.endpoint import PLACELESS, RELAY_FORGED
from shared.sync.protocol.pull import NeighbourAcked
from shared.sync.protocol.relay import RelayReply, RelayState
from tests.desktop.sync.machine import Machine
from tests.support.cable import Cable
from tests.sync_server.conftest import (
    app,
    client,
    listening,
    migrated_url,
    served,
    server_database,
    site,
)
from tests.sync_server.devices import Device, Site, customer

__all__ = ["app", "client", "listening", "migrated_url", "served", "server_database", "site"]


@pytest.fixture
def machine(site: Site, listening: socket.socket, tmp_path: Path) -> Iterator[Machine]:
    """A machine whose engine does not run."""
    with Cable(listening.getsockname()[1]) as cable:
        made = Machine(site, tmp_path / "machine", cable)
        yield made
        made.work.close()


@pytest.fixture
def till(site: Site) -> Device:
    """A till at the first location, with two commands that it has not sent."""
    made = site.device(Workspace.KIOSK)
    made.add(customer("Ada"), customer("Bob"))
    return made


def test_a_packing_station_hands_in_what_the_till_beside_it_could_not(
    machine: Machine, site: Site, till: Device
) -> None:
    identity = machine.pair(site.code(Workspace.FULFILLMENT))

    async def story() -> None:
        endpoint = HttpEndpoint(identity, machine.key, machine.clock)
        try:
            before = await endpoint.pull(START, limit=5000, with_neighbours=True)
            assert before.neighbours == (_acked(till, 0),)
            reply = await endpoint.relay(till.copies(till.journal))
            assert reply == RelayReply(state=RelayState.TAKEN, last_seq=2)
            after = await endpoint.pull(START, limit=5000, with_neighbours=True)
            assert after.neighbours == (_acked(till, 2),)
            assert (await endpoint.pull(START, limit=5000)).neighbours == ()
            with pytest.raises(Rejected, match=RELAY_FORGED):
                await endpoint.relay(till.copies(till.journal[::-1]))
        finally:
            await endpoint.close()

    asyncio.run(story())


def _acked(till: Device, seq: int) -> NeighbourAcked:
    return NeighbourAcked(device_id=till.device_id, incarnation=1, acked_seq=seq)


def test_a_device_gets_the_certificate_of_its_own_key(machine: Machine, site: Site) -> None:
    identity = machine.pair(site.code(Workspace.FULFILLMENT))

    async def story() -> None:
        endpoint = HttpEndpoint(identity, machine.key, machine.clock)
        reply = await endpoint.certificate()
        await endpoint.close()
        mine = x509.load_pem_x509_certificate(reply.certificate.encode())
        raw = mine.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        assert base64.b64encode(raw).decode() == machine.key.public_text
        mine.verify_directly_issued_by(x509.load_pem_x509_certificate(reply.authority.encode()))

    asyncio.run(story())


def test_a_back_office_is_told_that_it_has_no_neighbours(machine: Machine, site: Site) -> None:
    identity = machine.pair(site.code())

    async def story() -> None:
        endpoint = HttpEndpoint(identity, machine.key, machine.clock)
        with pytest.raises(Rejected, match=PLACELESS):
            await endpoint.certificate()
        await endpoint.close()

    asyncio.run(story())
