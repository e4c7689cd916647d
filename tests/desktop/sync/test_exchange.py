"""What a device says and what it makes of the answers."""

from dataclasses import replace
from pathlib import Path

import pytest

from desktop.sync import exchange
from shared.kernel.errors import Rejected, Unavailable
from shared.kernel.ids import RegisterId, new_id
from shared.kernel.messages import OutcomeState
from shared.organization.commands import AddRegister, Workspace
from shared.pos.tables import ReceiptRow
from shared.storage.reader import Reader
from shared.sync.protocol.push import PushReply, PushState
from tests.support.world import World


def test_commands_are_sent_lowest_first_and_no_more_than_asked(world: World) -> None:
    till = world.till()
    shift_id = world.open_shift(till)
    for _ in range(4):
        world.sell(till, shift_id)
    request = exchange.next_push(till.bench, most=3)
    assert request is not None
    assert [command.seq for command in request.commands] == [1, 2, 3]
    till.push()
    assert exchange.next_push(till.bench) is None


def test_a_push_stays_below_a_mebibyte_unless_one_command_is_larger(world: World) -> None:
    office = world.back_office()
    for letter, size in (("a", 600_000), ("b", 600_000), ("c", 2_000_000), ("d", 10)):
        office.submit(world.new_location(code=letter * size), world.owner_id)
    sent = []
    while (request := exchange.next_push(office.bench)) is not None:
        sent.append([command.seq for command in request.commands])
        exchange.take_reply(office.bench, world.server.push(office.device_id, request))
    assert sent == [[1], [2], [3], [4]]


def test_what_a_restored_server_misses_is_sent_again(world: World) -> None:
    till = world.till()
    shift_id = world.open_shift(till)
    till.push()
    backup = world.server.back_up()
    world.sell(till, shift_id)
    till.push()
    world.server.rewind(backup)
    world.sell(till, shift_id)
    reply = till.send()
    assert reply is not None
    assert reply.state is PushState.GAP
    till.take_reply(reply)
    request = exchange.next_push(till.bench)
    assert request is not None
    assert [command.seq for command in request.commands] == [2, 3]


def test_a_server_that_expects_what_this_journal_never_had_means_a_fork(world: World) -> None:
    till = world.till()
    world.open_shift(till)
    gap = PushReply(state=PushState.GAP, expected_seq=40, outcomes=())
    with pytest.raises(Unavailable, match="device_forked"):
        till.take_reply(gap)
    assert till.bench.journal.waiting().count == 1


def test_a_page_that_acknowledges_more_than_the_journal_has_means_a_fork(world: World) -> None:
    till = world.till()
    world.server.do(world.price_change(1100))
    with pytest.raises(Unavailable, match="device_forked"):
        till.take_page(replace(till.page(), acked_seq=9))


def test_a_cloned_device_is_found_out_and_no_sale_of_either_is_lost(world: World) -> None:
    till = world.till()
    shift_id = world.open_shift(till)
    till.sync()
    twin = world.clone(till)
    world.sell(till, shift_id)
    world.sell(twin, shift_id)
    till.sync()
    with pytest.raises(Unavailable, match="device_forked"):
        twin.push()
    assert twin.bench.journal.waiting().count == 1
    twin.check()
    world.server.admit(twin.device_id)
    twin.enrol(world.identity_again(twin))
    twin.sync()
    twin.check_same_as_server()
    assert len(world.server.runs) == 3
    assert set(world.server.runs.values()) == {1}
    world.sell(till, shift_id)
    with pytest.raises(Unavailable, match="device_forked"):
        till.push()


def test_a_copy_that_pulls_first_does_not_take_the_answers_of_the_other_for_its_own(
    world: World,
) -> None:
    till = world.till()
    shift_id = world.open_shift(till)
    till.sync()
    twin = world.clone(till)
    world.sell(till, shift_id)
    till.sync()
    world.sell(twin, shift_id)
    with pytest.raises(Unavailable, match="device_forked"):
        twin.pull()
    twin.check()
    assert twin.bench.journal.waiting().count == 1


def test_a_copy_that_pulls_in_the_next_life_of_the_other_is_told_apart(world: World) -> None:
    till = world.till()
    shift_id = world.open_shift(till)
    till.sync()
    twin = world.clone(till)
    world.server.admit(till.device_id)
    till.enrol(world.identity_again(till))
    world.server.do(world.price_change(1100))
    with pytest.raises(Unavailable, match="device_forked"):
        twin.pull()
    till.pull()
    world.sell(till, shift_id)
    till.sync()
    till.check_same_as_server()


def test_a_device_that_comes_back_as_a_new_one_sends_what_its_old_self_could_not(
    world: World,
) -> None:
    office = world.back_office()
    office.submit(world.price_change(1100), world.owner_id)
    office.push()
    office.submit(world.price_change(1200), world.owner_id)
    office.enrol(world.identity(Workspace.MERCHANT, None))
    office.pull()
    office.check()
    office.sync()
    office.check()
    office.check_same_as_server()
    assert set(world.server.runs.values()) == {1}
    assert len(world.server.runs) == 2


def test_a_sale_that_was_settled_but_not_pulled_stays_to_be_seen_in_the_next_life(
    world: World,
) -> None:
    till = world.till()
    shift_id = world.open_shift(till)
    till.sync()
    world.sell(till, shift_id)
    till.push()
    world.sell(till, shift_id)
    world.server.admit(till.device_id)
    till.enrol(world.identity_again(till))
    with till.files.replica.begin():
        assert len(Reader(till.files.replica).find(ReceiptRow)) == 2
    till.sync()
    till.check()
    till.check_same_as_server()
    assert set(world.server.runs.values()) == {1}


def test_a_machine_that_becomes_another_till_brings_its_unsent_sales_and_they_are_booked(
    world: World,
) -> None:
    till = world.till()
    shift_id = world.open_shift(till)
    till.sync()
    world.sell(till, shift_id)
    register_id = RegisterId(new_id())
    world.server.do(
        AddRegister(
            register_id=register_id, location_id=world.location_id, name="Till 9", code="K9"
        )
    )
    till.enrol(world.identity(Workspace.KIOSK, register_id))
    till.pull()
    till.sync()
    till.check_same_as_server()
    (entry,) = till.bench.journal.entries(after=0)
    assert entry.outcome is not None
    assert entry.outcome.state is OutcomeState.APPLIED_WITH_EXCEPTION
    assert entry.outcome.code == "shift_of_another_till"


def test_a_device_that_is_paired_anew_while_it_is_filled_again_goes_on(world: World) -> None:
    till = world.till()
    shift_id = world.open_shift(till)
    till.sync()
    till.bench.start_over()
    world.sell(till, shift_id)
    world.server.admit(till.device_id)
    till.enrol(world.identity_again(till))
    till.sync()
    till.check()
    till.check_same_as_server()


def test_what_a_restored_server_forgot_is_sent_again_by_a_till_that_is_paired_anew_first(
    world: World,
) -> None:
    till = world.till()
    shift_id = world.open_shift(till)
    till.sync()
    backup = world.server.back_up()
    world.sell(till, shift_id)
    till.sync()
    world.sell(till, shift_id)
    world.server.put_back(backup)
    world.server.admit(till.device_id)
    till.enrol(world.identity_again(till))
    till.check()
    till.bench.start_over()
    till.sync()
    till.check_same_as_server()
    receipts = Reader(world.server.connection).find(ReceiptRow)
    assert sorted(each.receipt_no for each in receipts) == [1, 2]


def test_what_an_earlier_life_had_settled_is_sent_again_too(world: World) -> None:
    till = world.till()
    shift_id = world.open_shift(till)
    till.sync()
    backup = world.server.back_up()
    world.sell(till, shift_id)
    till.sync()
    world.server.admit(till.device_id)
    till.enrol(world.identity_again(till))
    till.sync()
    world.server.put_back(backup)
    world.server.admit(till.device_id)
    assert world.identity_again(till).incarnation == till.bench.identity.incarnation
    till.enrol(world.identity_again(till))
    till.check()
    world.sell(till, shift_id)
    till.bench.start_over()
    till.sync()
    till.check_same_as_server()
    receipts = Reader(world.server.connection).find(ReceiptRow)
    assert sorted(each.receipt_no for each in receipts) == [1, 2]


def test_a_machine_that_goes_to_another_shop_takes_nothing_along(
    world: World, tmp_path: Path
) -> None:
    till = world.till()
    shift_id = world.open_shift(till)
    world.sell(till, shift_id)
    elsewhere = World(tmp_path / "elsewhere")
    try:
        there = elsewhere.identity(Workspace.MERCHANT, None)
        there = replace(there, device_id=till.device_id)
        with pytest.raises(Rejected, match="unsent_of_another_shop"):
            till.enrol(there)
        till.sync()
        till.check_same_as_server()
        till.enrol(there)
        assert till.bench.head.seq == 0
        assert not till.bench.standing().is_filled
        with till.files.replica.begin():
            assert not Reader(till.files.replica).find(ReceiptRow)
        till.stop()
        till.start()
        assert till.bench.identity == there
        assert till.bench.journal.waiting().count == 0
    finally:
        elsewhere.close()
