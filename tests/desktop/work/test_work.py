"""The two doors: commands in their order on one thread, queries beside them, answers to both."""

import asyncio
import threading
from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from desktop.files import Keys
from desktop.settings import Profile
from desktop.work import BEHIND, Answer, Work, open_work
from desktop.workbench import Receipt, Workbench
from shared.catalog.tables import VariantRow
from shared.kernel.errors import Rejected, Unavailable
from shared.pos.commands import RECEIPT_SERIES
from shared.storage.reader import Reader
from tests.support.world import PRICE, World
from tests.support.world_device import DeviceInWorld, Heard


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture
def work(world: World, till: DeviceInWorld, heard: Heard) -> Iterator[Work]:
    till.stop()
    made = open_work(till.profile, till.keys, clock=world.clock, listener=heard)
    yield made
    made.close()


def _price(reader: Reader, variant_id: str) -> int:
    return reader.require(VariantRow, variant_id).price_amount


def _shift(world: World) -> str:
    return world.shift_of(world.devices[0])


def test_a_command_is_true_and_visible_when_its_answer_comes(
    work: Work, world: World, heard: Heard
) -> None:
    variant_id = world.variants[0]
    receipt = work.submit(world.price_change(1100), actor_id=world.owner_id).result()
    assert receipt.seq == 2
    assert work.fetch(_price, variant_id).result() == 1100
    assert heard.changes[-1].ids == {"variant": frozenset({variant_id})}
    assert heard.last_seq == 2


def test_a_refused_command_answers_with_the_reason_and_uses_no_number(
    work: Work, world: World, heard: Heard
) -> None:
    with pytest.raises(Rejected, match="permission_missing"):
        work.submit(world.price_change(1), actor_id=world.cashier_id).result()
    with pytest.raises(Rejected, match="permission_missing"):
        work.submit(world.price_change(1), actor_id=None).result()
    assert work.fetch(_price, world.variants[0]).result() == PRICE
    assert heard.changes == []
    sale = world.sale(world.shift_of(world.devices[0]))
    assert work.submit(sale, actor_id=world.cashier_id).result().numbers == {RECEIPT_SERIES: 1}


def test_commands_are_done_in_the_order_in_which_they_were_asked_for(
    work: Work, world: World
) -> None:
    asked = [work.submit(world.price_change(2000 + n), actor_id=world.owner_id) for n in range(30)]
    assert [each.result().seq for each in asked] == list(range(2, 32))
    assert work.fetch(_price, world.variants[0]).result() == 2029


def test_a_command_goes_before_work_that_may_wait(work: Work, world: World) -> None:
    gate, done = threading.Event(), []

    def hold(_bench: Workbench) -> None:
        gate.wait()

    held = work.ask(hold)
    page = work.ask(lambda _bench: done.append("page"), urgency=BEHIND)
    sale = work.submit(world.price_change(1100), actor_id=world.owner_id)
    sale.add_done_callback(lambda _answer: done.append("sale"))
    gate.set()
    for each in (held, page, sale):
        each.result()
    assert done == ["sale", "page"]


def test_a_query_sees_one_state_however_long_it_reads(work: Work, world: World) -> None:
    has_begun, may_go_on = threading.Event(), threading.Event()
    variant_id = world.variants[0]

    def read_twice(reader: Reader) -> tuple[int, int]:
        first = _price(reader, variant_id)
        has_begun.set()
        may_go_on.wait()
        return first, _price(reader, variant_id)

    reading = work.fetch(read_twice)
    has_begun.wait()
    work.submit(world.price_change(1100), actor_id=world.owner_id).result()
    may_go_on.set()
    assert reading.result() == (PRICE, PRICE)
    assert work.fetch(_price, variant_id).result() == 1100


def test_queries_run_beside_each_other(work: Work) -> None:
    both = threading.Barrier(2)

    def meet(_reader: Reader) -> bool:
        both.wait()
        return True

    assert [each.result() for each in (work.fetch(meet), work.fetch(meet))] == [True, True]


def test_a_query_cannot_write(work: Work) -> None:
    def write(reader: Reader) -> None:
        reader.text("DELETE FROM variant RETURNING variant_id")

    with pytest.raises((Unavailable, sa.exc.OperationalError)):
        work.fetch(write).result()
    assert work.fetch(lambda reader: len(reader.find(VariantRow))).result() == 2


def test_a_query_that_was_given_up_is_not_run(work: Work) -> None:
    gate, ran = threading.Event(), []

    def hold(_reader: Reader) -> None:
        gate.wait()

    held = [work.fetch(hold), work.fetch(hold)]
    stale = work.fetch(lambda _reader: ran.append("stale"))
    assert stale.cancel()
    gate.set()
    for each in held:
        each.result()
    assert work.fetch(lambda _reader: "next").result() == "next"
    assert ran == []


def test_a_command_is_done_even_when_nobody_waits_any_more(work: Work, world: World) -> None:
    variant_id = world.variants[0]

    async def leave_early() -> None:
        gate = threading.Event()
        held = work.ask(lambda _bench: gate.wait())
        answer = work.submit(world.price_change(1100), actor_id=world.owner_id)
        waiting = asyncio.get_running_loop().create_task(_wait_for(answer))
        await asyncio.sleep(0)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        gate.set()
        await held

    asyncio.run(leave_early())
    assert work.ask(lambda bench: bench.head.seq).result() == 2
    assert work.fetch(_price, variant_id).result() == 1100


async def _wait_for(answer: Answer[Receipt]) -> Receipt:
    return await answer


def test_both_doors_can_be_awaited(work: Work, world: World) -> None:
    async def story() -> int:
        await work.submit(world.price_change(1300), actor_id=world.owner_id)
        with pytest.raises(Rejected):
            await work.submit(world.price_change(1), actor_id=world.cashier_id)
        return await work.fetch(_price, world.variants[0])

    assert asyncio.run(story()) == 1300


def test_a_draft_is_cleared_with_the_command_that_finishes_it(work: Work, world: World) -> None:
    work.save_draft("cart", b"a mug").result()
    found = work.load_draft("cart").result()
    assert found is not None
    assert (found.content, found.saved_at) == (b"a mug", world.clock.now())
    refused = work.submit(world.price_change(1), actor_id=world.cashier_id, clears_draft="cart")
    with pytest.raises(Rejected):
        refused.result()
    assert work.load_draft("cart").result() is not None
    work.submit(world.price_change(1), actor_id=world.owner_id, clears_draft="cart").result()
    assert work.load_draft("cart").result() is None
    work.save_draft("cart", b"again").result()
    work.clear_draft("cart").result()
    assert work.load_draft("cart").result() is None


def test_closing_finishes_what_was_asked_and_takes_nothing_more(
    world: World, till: DeviceInWorld
) -> None:
    till.stop()
    work = open_work(till.profile, till.keys, clock=world.clock, listener=Heard())
    asked = [work.submit(world.price_change(n), actor_id=world.owner_id) for n in range(5)]
    work.close()
    assert [each.result().seq for each in asked] == [2, 3, 4, 5, 6]
    with pytest.raises(Unavailable, match="closing"):
        _never = work.submit(world.price_change(9), actor_id=world.owner_id)
    with pytest.raises(Unavailable, match="closing"):
        _neither = work.fetch(_price, world.variants[0])
    work.close()
    till.start()
    assert till.bench.head.seq == 6


def test_a_machine_that_is_no_device_yet_says_so(profile_folder: Profile, world: World) -> None:
    keys = Keys(b"j" * 32, b"r" * 32)
    work = open_work(profile_folder, keys, clock=world.clock, listener=Heard())
    with pytest.raises(Unavailable, match="device_not_enrolled"):
        work.submit(world.price_change(1), actor_id=None).result()
    assert work.ask(lambda bench: bench.is_enrolled).result() is False
    work.close()


@pytest.fixture
def profile_folder(tmp_path_factory: pytest.TempPathFactory) -> Profile:
    return Profile(tmp_path_factory.mktemp("profile") / "new")


def test_a_replica_can_be_exchanged_under_waiting_queries(
    work: Work, world: World, till: DeviceInWorld
) -> None:
    world.server.put_back(world.server.back_up())
    device_id = work.ask(lambda bench: bench.identity.device_id).result()
    work.ask(Workbench.start_over).result()
    began, gate = threading.Event(), threading.Event()

    def slow(reader: Reader) -> int:
        began.set()
        gate.wait()
        return _price(reader, world.variants[0])

    world.server.do(world.price_change(1500))
    reading = work.fetch(slow)
    began.wait()
    cursor = work.ask(Workbench.standing).result().cursor
    page = world.server.pull(device_id, cursor)
    taking = work.ask(lambda bench: bench.apply(page), urgency=BEHIND)
    gate.set()
    assert reading.result() == PRICE
    assert taking.result() is not None
    assert work.fetch(_price, world.variants[0]).result() == 1500
    assert not till.profile.next_replica.exists()
