"""Pages say exactly how far they contain the other devices of a location."""

from dataclasses import replace

import pytest

from shared.customers.tables import CustomerRow
from shared.organization.commands import RevokeDevice, Workspace
from shared.storage.base import table_of
from shared.sync.cursor import Cursor
from shared.sync.protocol.pull import NeighbourAcked, PullPage
from tests.sync_server.devices import Device, Site, customer

pytestmark = pytest.mark.storage


@pytest.fixture
def till(site: Site) -> Device:
    """A till."""
    return site.device(Workspace.KIOSK)


@pytest.fixture
def packer(site: Site) -> Device:
    """The packing station beside it, which shares."""
    made = site.device(Workspace.FULFILLMENT)
    made.shares = True
    return made


def acked(device: Device, seq: int, *, incarnation: int = 1) -> NeighbourAcked:
    """What a page says of a device."""
    return NeighbourAcked(device_id=device.device_id, incarnation=incarnation, acked_seq=seq)


def customers_in(page: PullPage) -> int:
    """How many customers a page puts."""
    name = table_of(CustomerRow).name
    return sum(len(each.puts) for each in page.tables if each.table == name)


def test_pages_name_neighbours_only_to_those_that_ask(till: Device, packer: Device) -> None:
    till.push(customer())

    assert replace(packer, shares=False).pull().neighbours == ()
    assert packer.pull().neighbours == (acked(till, 1),)


def test_neighbours_are_those_of_the_same_location(
    site: Site, till: Device, packer: Device
) -> None:
    second = site.device(Workspace.FULFILLMENT)
    site.device(Workspace.KIOSK, till=1)
    office = site.device()
    office.shares = True

    told = packer.pull().neighbours

    assert set(told) == {acked(till, 0), acked(second, 0)}
    assert [each.device_id for each in told] == sorted(each.device_id for each in told)
    assert office.pull().neighbours == ()


def test_device_that_was_shut_out_is_still_told_of(
    site: Site, till: Device, packer: Device
) -> None:
    till.add(customer("Ada"))
    site.run(RevokeDevice(device_id=till.device_id))
    assert packer.pull().neighbours == (acked(till, 0),)

    packer.relay(till)

    assert packer.pull().neighbours == (acked(till, 1),)


def test_every_page_tells_what_it_contains_and_no_more(till: Device, packer: Device) -> None:
    for number in range(5):
        till.push(customer(f"C{number}"))

    cursor, told, seen = "0.0", [], 0
    while True:
        page = packer.pull(cursor, limit=1)
        seen += customers_in(page)
        cursor = page.to_cursor
        told.append((page.neighbours[0].acked_seq, seen))
        if page.is_last:
            break

    assert len(told) > 5
    assert all(acked_seq == contained for acked_seq, contained in told)
    assert told[-1] == (5, 5)


def test_present_life_is_the_one_that_is_told(site: Site, till: Device, packer: Device) -> None:
    till.push(customer("Ada"))
    after_first = packer.pull()
    till.add(customer("Bob"))
    old = replace(till, journal=list(till.journal))
    till.journal.clear()
    till.enrol(site.code(Workspace.KIOSK))
    packer.relay(old)
    till.push(customer("Cid"))

    page = packer.pull(after_first.to_cursor)
    first = packer.pull(after_first.to_cursor, limit=1)

    assert page.neighbours == (acked(till, 1, incarnation=2),)
    assert Cursor.parse(first.to_cursor).seq < Cursor.parse(page.to_cursor).seq
    assert first.neighbours == (acked(till, 0, incarnation=2),)
