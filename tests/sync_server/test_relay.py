"""Relay: whoever brings a till's commands, each runs once and in order."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from shared.catalog.tables import VARIANT, VariantRow
from shared.kernel.ids import ShiftId, new_id
from shared.organization.commands import RevokeDevice, Workspace
from shared.organization.tables import RegisterRow
from shared.pos.commands import RECEIPT_SERIES, OpenShift
from shared.pos.queries import check_chain
from shared.pos.tables import RECEIPT, ReceiptRow, ShiftRow
from shared.storage.reader import Reader
from shared.sync.protocol.push import PushReply, PushState
from shared.sync.protocol.relay import RelayReply, RelayState
from shared.sync.recount import recount
from sync_server import feed
from sync_server.sync.turns import MAX_PER_COMMIT
from tests.support.world import mug_sale
from tests.sync_server.devices import Device, Site, customer, read
from tests.sync_server.filled_shop import stock_up
from tests.sync_server.findings import cases, log_of, names

pytestmark = pytest.mark.storage


@pytest.fixture
def till(site: Site) -> Device:
    """A till."""
    return site.device(Workspace.KIOSK, name="Till")


@pytest.fixture
def packer(site: Site) -> Device:
    """The packing station beside it."""
    return site.device(Workspace.FULFILLMENT, name="Packer")


def test_owner_gets_the_outcomes_of_what_a_neighbour_brought(
    site: Site, till: Device, packer: Device
) -> None:
    till.add(customer("Ada"), customer(""), customer("Bob"))

    assert packer.relay(till) == RelayReply(state=RelayState.TAKEN, last_seq=3)
    before = packer.pull().to_cursor
    pushed = till.push()

    assert [each.outcome.state for each in pushed.outcomes] == ["applied", "rejected", "applied"]
    assert (pushed.state, pushed.expected_seq) == (PushState.ACCEPTED, 4)
    assert packer.pull().to_cursor == before
    assert (names(site), len(cases(site))) == (["Ada", "Bob"], 1)


def test_what_the_owner_sent_itself_is_only_counted(
    site: Site, till: Device, packer: Device
) -> None:
    till.push(customer("Ada"), customer("Bob"))
    before = packer.pull().to_cursor

    assert packer.relay(till) == RelayReply(state=RelayState.TAKEN, last_seq=2)
    assert packer.relay(till, till.journal[:1]) == RelayReply(state=RelayState.TAKEN, last_seq=2)
    assert packer.pull().to_cursor == before


def test_both_go_on_where_the_other_stopped(site: Site, till: Device, packer: Device) -> None:
    till.push(customer("Ada"))
    till.add(customer("Bob"))
    packer.relay(till)
    till.push(customer("Cid"))
    till.add(customer("Dan"))

    assert packer.relay(till, till.journal[1:]).last_seq == 4
    assert names(site) == ["Ada", "Bob", "Cid", "Dan"]
    assert till.push().state is PushState.ACCEPTED


def test_page_tells_the_owner_what_a_neighbour_brought(till: Device, packer: Device) -> None:
    till.add(customer("Ada"), customer("Bob"))
    packer.relay(till)

    page = till.pull()

    assert (page.acked_seq, [each.seq for each in page.outcomes]) == (2, [1, 2])


def test_all_at_once_is_as_good_as_one_after_the_other(
    site: Site, till: Device, packer: Device
) -> None:
    neighbours = [packer, *(site.device(Workspace.FULFILLMENT) for _ in range(2))]
    till.add(*(customer(f"C{n:03}") for n in range(3 * MAX_PER_COMMIT)))
    copies = till.copies(till.journal)

    with ThreadPoolExecutor(len(neighbours) + 1) as threads:
        pushing = threads.submit(till.send, till.journal)
        relaying = [threads.submit(each.bring, copies) for each in neighbours]
    replies = [read(each.result(), RelayReply) for each in relaying]
    pushed = read(pushing.result(), PushReply)

    count = len(till.journal)
    assert replies == [RelayReply(state=RelayState.TAKEN, last_seq=count)] * len(neighbours)
    assert [each.outcome.state for each in pushed.outcomes] == ["applied"] * count
    assert log_of(site, till) == [(1, seq) for seq in range(1, count + 1)]
    assert names(site) == [f"C{n:03}" for n in range(count)]
    assert cases(site) == []


def test_gap_is_answered_with_how_far_the_server_is(
    site: Site, till: Device, packer: Device
) -> None:
    till.push(customer("Ada"))
    till.add(customer("Bob"), customer("Cid"))

    gap = packer.relay(till, till.journal[2:])

    assert gap == RelayReply(state=RelayState.GAP, last_seq=1)
    assert packer.relay(till, till.journal[1:]).state is RelayState.TAKEN
    assert names(site) == ["Ada", "Bob", "Cid"]


# -- a till that died ----------------------------------------------------------------------------


def sell(site: Site, till: Device, count: int, *, first: int = 1) -> None:
    """Journal a shift with so many cash sales, numbered from `first` on."""
    with site.server.database.tenant_snapshot(site.tenant_id) as connection:
        variant = Reader(connection).find(VariantRow, VARIANT.c.sku == "S-29")[0]
    shift_id = ShiftId(new_id())
    till.add(OpenShift(shift_id=shift_id, opening_float_amount=0))
    for number in range(first, first + count):
        till.add(mug_sale(variant.variant_id, shift_id), numbers={RECEIPT_SERIES: number})


def receipts(site: Site) -> list[int]:
    """The receipt numbers of the first till; its chain is whole and its books are right."""
    with site.server.database.tenant_snapshot(site.tenant_id) as connection:
        reader = Reader(connection)
        assert check_chain(reader, site.register_ids[0]) is None
        found = reader.find(ReceiptRow, order_by=(RECEIPT.c.receipt_no,))
        register = reader.get(RegisterRow, site.register_ids[0])
        assert register is not None
        assert register.last_receipt_no == len(found)
        assert register.grand_total_amount == sum(each.total_amount for each in found)
        assert recount(connection) == feed.digests(connection)
    return [each.receipt_no for each in found]


def test_sales_of_a_till_that_died_come_from_the_copies(site: Site, packer: Device) -> None:
    stock_up(site)
    till = site.device(Workspace.KIOSK)
    sell(site, till, 6)
    till.send(till.journal[:4])

    assert packer.relay(till, till.journal[2:]).state is RelayState.TAKEN
    new = Device(site.client, site.server.clock, actor_id=site.owner_id)
    reply = new.enrol(site.code(Workspace.KIOSK, does_replace=True))

    assert reply.last_receipt_no == 6
    assert receipts(site) == [1, 2, 3, 4, 5, 6]
    assert packer.relay(till) == RelayReply(state=RelayState.TAKEN, last_seq=7)
    assert (receipts(site), cases(site)) == ([1, 2, 3, 4, 5, 6], [])


def test_copies_may_come_after_the_dead_till_was_replaced(site: Site, packer: Device) -> None:
    stock_up(site)
    till = site.device(Workspace.KIOSK)
    sell(site, till, 5)
    till.send(till.journal[:3])
    new = Device(site.client, site.server.clock, actor_id=site.owner_id)
    new.enrol(site.code(Workspace.KIOSK, does_replace=True))
    new.sign_in()

    assert packer.relay(till, till.journal[1:]).last_seq == 6
    assert new.relay(till).state is RelayState.TAKEN
    assert (receipts(site), cases(site)) == ([1, 2, 3, 4, 5], [])


def test_number_that_the_new_till_gave_out_already_is_kept_for_people(
    site: Site, packer: Device
) -> None:
    stock_up(site)
    till = site.device(Workspace.KIOSK)
    sell(site, till, 3)
    till.send(till.journal[:3])
    new = Device(site.client, site.server.clock, actor_id=site.owner_id)
    new.enrol(site.code(Workspace.KIOSK, does_replace=True))
    new.sign_in()
    sell(site, new, 1, first=3)
    new.push()

    assert packer.relay(till) == RelayReply(state=RelayState.TAKEN, last_seq=4)
    assert receipts(site) == [1, 2, 3]
    told = [case for case in cases(site) if case.device_id == till.device_id]
    assert [(case.code, case.is_fact) for case in told] == [("command_crashed", True)]


def test_of_a_device_that_was_shut_out_facts_are_taken_and_requests_refused(
    site: Site, packer: Device, till: Device
) -> None:
    till.add(
        OpenShift(shift_id=ShiftId(new_id()), opening_float_amount=100),
        customer("Ada"),
        customer("Bob"),
    )
    site.run(RevokeDevice(device_id=till.device_id))

    assert packer.relay(till) == RelayReply(state=RelayState.TAKEN, last_seq=3)
    assert packer.relay(till).state is RelayState.TAKEN

    assert names(site) == []
    told = [(case.code, case.params, case.is_fact) for case in cases(site)]
    assert told == [("device_revoked", {"device": "Till"}, False)] * 2
    assert log_of(site, till) == [(1, 1), (1, 2), (1, 3)]
    with site.server.database.tenant_snapshot(site.tenant_id) as connection:
        assert len(Reader(connection).find(ShiftRow)) == 1
