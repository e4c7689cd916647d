"""Whatever a disk did to a replica, only ranges that differ are fetched, and nothing is lost."""

from dataclasses import dataclass, replace

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from desktop.breath import Breath
from shared.kernel.errors import Unavailable
from shared.kernel.ids import new_id
from shared.kernel.messages import canonical_json
from shared.sync.confirmed import kept_errors
from shared.sync.protocol.verify import RANGES, VerifyReply
from shared.sync.ranges import RangeSums, range_of
from shared.sync.repair import Counted, compare_rows, count_place, repair_pages
from tests.support import oracle
from tests.support.damage import (
    RANGES_OF_ALL,
    Damage,
    damaging,
    mend,
    ranges_hit,
    recount,
    tables_with_rows,
)
from tests.support.world import OPENING, World
from tests.support.world_device import DeviceInWorld

NUMBERS = st.integers(min_value=0, max_value=400)
KINDS = ("change", "remove", "add", "aside", "lonely", "base", "digest")
BLOWS = st.lists(
    st.tuples(st.sampled_from(KINDS), NUMBERS, NUMBERS, NUMBERS), min_size=1, max_size=6
)


def strike(damage: Damage, kind: str, numbers: tuple[int, int, int]) -> None:
    """One blow somewhere."""
    tables = tables_with_rows(damage.replica)
    table, row, column = tables[numbers[0] % len(tables)], numbers[1], numbers[2]
    match kind:
        case "change":
            damage.change(table, row=row, column=column)
        case "remove":
            damage.remove(table, row=row)
        case "add":
            damage.add(table, row=row)
        case "base":
            damage.forget_base(row=row)
        case "digest":
            damage.gnaw_digest(table)
        case _:
            damage.put_aside(table, row=row, is_lonely=kind == "lonely")


@dataclass
class Shop:
    """A till with an open shift and a back office, in step with the server."""

    world: World
    till: DeviceInWorld
    office: DeviceInWorld


@pytest.fixture
def shop(world: World) -> Shop:
    till, office = world.till(), world.back_office()
    world.open_shift(till)
    world.sell(till, world.shift_of(till))
    till.sync()
    office.pull()
    return Shop(world, till, office)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(blows=BLOWS, is_till=st.booleans(), has_pending=st.booleans(), limit=st.integers(1, 50))
def test_any_damage_is_repaired_by_the_ranges_that_were_hit(
    shop: Shop,
    *,
    blows: list[tuple[str, int, int, int]],
    is_till: bool,
    has_pending: bool,
    limit: int,
) -> None:
    device = shop.till if is_till else shop.office
    if has_pending:
        shop.world.sell(shop.till, shop.world.shift_of(shop.till))
        shop.office.submit(shop.world.price_change(1000 + len(blows)), shop.world.owner_id)
    before = device.bench.journal.head()
    with damaging(device) as damage:
        for kind, *numbers in blows:
            strike(damage, kind, (numbers[0], numbers[1], numbers[2]))
    recount(device)
    mended = mend(device, limit=limit, page_rows=limit)
    assert mended.last is not None
    assert mended.last.mismatches == ()
    assert mended.ranges <= ranges_hit(damage)
    device.check()
    assert device.bench.journal.head() == before
    for each in (shop.till, shop.office):
        each.push()
    for each in (shop.till, shop.office):
        each.pull()
        each.check_same_as_server()


def _later(reply: VerifyReply) -> VerifyReply:
    """The answer of a server of a later release, whose rows have a column more."""
    rows = tuple(
        replace(each, puts=tuple(_with_shelf(put) for put in each.puts)) for each in reply.rows
    )
    return replace(reply, rows=rows)


def _with_shelf(image: msgspec.Raw) -> msgspec.Raw:
    found = msgspec.json.decode(image, type=dict[str, object])
    return msgspec.Raw(canonical_json(found | {"shelf": "A7"}))


def _all_variants(shop: Shop) -> tuple[Counted, VerifyReply]:
    """What the till holds of all variants, and the server's rows of all ranges that have any."""
    replica = shop.till.files.replica
    with replica.begin():
        counted = count_place(replica, ("tenant", "variant"))
    request = counted.request(RANGES_OF_ALL, limit=1000)
    nothing = tuple(replace(each, row_count=0, digest_sum=0) for each in request.ranges)
    return counted, shop.world.server.verify(shop.till.device_id, replace(request, ranges=nothing))


def test_columns_of_a_later_release_are_put_aside_and_agree_from_then_on(shop: Shop) -> None:
    counted, reply = _all_variants(shop)
    later, replica = _later(reply), shop.till.files.replica
    with replica.begin():
        found = compare_rows(replica, counted, later)
    assert (found.changed, found.missing, found.columns) == (2, 0, {"shelf"})
    for page in repair_pages(found, shop.till.bench.standing(), at=OPENING, limit=1):
        assert shop.till.bench.apply(page) is not None
    with replica.begin():
        again = compare_rows(replica, counted, later)
        assert kept_errors(replica) == {}
    assert (again.puts, again.deletes) == ([], [])


@pytest.mark.parametrize("is_row_gnawed", [True, False])
def test_damage_to_a_row_with_an_image_put_aside_is_seen(
    shop: Shop, *, is_row_gnawed: bool
) -> None:
    counted, reply = _all_variants(shop)
    later, replica = _later(reply), shop.till.files.replica
    with replica.begin():
        found = compare_rows(replica, counted, later)
    for page in repair_pages(found, shop.till.bench.standing(), at=OPENING, limit=1000):
        shop.till.bench.apply(page)
    with damaging(shop.till) as damage:
        if is_row_gnawed:
            damage.replica.exec_driver_sql("UPDATE variant SET price_amount = 1 WHERE sku = 'MUG'")
        else:
            damage.replica.exec_driver_sql("DELETE FROM variant WHERE sku = 'MUG'")
    with replica.begin():
        again = compare_rows(replica, counted, later)
    assert (len(again.puts), again.deletes) == (1, [])


def test_a_wrong_digest_over_right_rows_fetches_nothing(shop: Shop) -> None:
    with damaging(shop.till) as damage:
        damage.gnaw_digest("variant")
    mended = mend(shop.till)
    assert mended.last is not None
    assert mended.last.mismatches == ()
    assert mended.ranges == set()
    assert len(mended.replies) == 1
    shop.till.check()


def test_pending_commands_stay_visible_over_a_repair(shop: Shop) -> None:
    world, till = shop.world, shop.till
    world.sell(till, world.shift_of(till))
    before = oracle.visible_rows(till.files.replica)
    till.files.replica.rollback()
    with damaging(till) as damage:
        damage.change("variant", row=0, column=5)
    recount(till)
    mend(till)
    assert oracle.visible_rows(till.files.replica) == before
    till.files.replica.rollback()
    assert till.bench.journal.waiting().count == 1


def test_a_row_that_moved_to_another_scope_by_damage_comes_home(shop: Shop) -> None:
    with damaging(shop.office) as damage:
        damage.replica.exec_driver_sql(
            "UPDATE stock_level SET location_id = ? WHERE variant_id = ?",
            (new_id(), shop.world.variants[1]),
        )
    recount(shop.office)
    mended = mend(shop.office)
    assert mended.last is not None
    assert mended.last.mismatches == ()
    shop.office.check()
    shop.office.check_same_as_server()


def test_what_came_after_the_cursor_is_left_for_the_next_page(shop: Shop) -> None:
    counted, _reply = _all_variants(shop)
    key, replica = (shop.world.variants[0],), shop.till.files.replica
    shop.world.server.do(shop.world.price_change(1100))
    request = counted.request(RANGES_OF_ALL, limit=1000)
    reply = shop.world.server.verify(shop.till.device_id, request)
    assert (reply.unsettled, reply.changed) == ((range_of("variant", key),), (key,))
    assert reply.differing == ()
    with replica.begin():
        found = compare_rows(replica, counted, reply)
    assert (found.puts, found.deletes) == ([], [])


def test_damage_beside_a_row_that_others_keep_changing_is_repaired(shop: Shop) -> None:
    till, server = shop.till, shop.world.server
    place = range_of("variant", (shop.world.variants[0],))
    while range_of("variant", (shop.world.product("Bowl"),)) != place:
        pass
    till.pull()
    with damaging(till) as damage:
        damage.replica.exec_driver_sql(
            "UPDATE variant SET price_amount = 1 WHERE variant_id = ?", (shop.world.variants[-1],)
        )
    with till.files.replica.begin():
        counted = count_place(till.files.replica, ("tenant", "variant"))
    server.do(shop.world.price_change(1100))
    reply = server.verify(till.device_id, counted.request(RANGES_OF_ALL, limit=1000))
    with till.files.replica.begin():
        found = compare_rows(till.files.replica, counted, reply)
    assert (found.changed, found.missing, found.deletes) == (1, 0, [])
    assert found.columns == {"price_amount"}


def test_rows_are_compared_only_where_the_replica_still_stands(shop: Shop) -> None:
    counted, reply = _all_variants(shop)
    shop.world.server.do(shop.world.price_change(1100))
    shop.till.pull()
    with shop.till.files.replica.begin(), pytest.raises(Unavailable, match="replica_moved_on"):
        compare_rows(shop.till.files.replica, counted, reply)


def test_a_repair_that_is_cut_off_between_two_pages_is_finished_by_the_next(shop: Shop) -> None:
    world, till = shop.world, shop.till
    world.sell(till, world.shift_of(till))
    with damaging(till) as damage:
        damage.replica.exec_driver_sql("UPDATE variant SET price_amount = 1")
    with till.files.replica.begin():
        counted = count_place(till.files.replica, ("tenant", "variant"))
        request = counted.request(RANGES_OF_ALL, limit=1000)
        reply = world.server.verify(till.device_id, request)
        found = compare_rows(till.files.replica, counted, reply)
    first, *others = repair_pages(found, till.bench.standing(), at=OPENING, limit=1)
    assert others
    assert till.bench.apply(first) is not None
    till.cut_off()
    till.start()
    recount(till)
    mended = mend(till)
    assert mended.last is not None
    assert (mended.last.mismatches, mended.replaced) == ((), len(others))
    till.check()
    till.sync()
    till.check_same_as_server()


def test_a_look_can_be_ended_in_the_middle(shop: Shop) -> None:
    breath = Breath()
    breath.end()
    with shop.till.files.replica.begin(), pytest.raises(Unavailable, match="closing"):
        kept_errors(shop.till.files.replica, None, breath)


@given(keys=st.lists(st.text(max_size=8), min_size=1, max_size=3))
def test_every_key_has_one_range(keys: list[str]) -> None:
    key = tuple(keys)
    assert range_of("variant", key) == range_of("variant", key)
    assert 0 <= range_of("variant", key) < RANGES


def test_ranges_are_about_equally_full() -> None:
    sums = RangeSums()
    for number in range(25_600):
        sums.add(range_of("variant", (str(number),)), 1)
    counts = [each.row_count for each in sums.sums()]
    assert sums.row_count == sum(counts) == 25_600
    assert 50 < min(counts) <= max(counts) < 160
