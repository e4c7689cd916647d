"""A page of server rows becomes part of a replica: exactly, once, below pending effects."""

from dataclasses import replace
from functools import reduce

import msgspec
import pytest

from shared.catalog.tables import VariantRow
from shared.kernel.messages import OutcomeState, canonical_json
from shared.organization.tables import LocationRow
from shared.storage.base import table_of
from shared.storage.images import image_table
from shared.storage.reader import Reader
from shared.sync import apply
from shared.sync.apply import held_digests
from shared.sync.confirmed import recounted
from shared.sync.cursor import Cursor
from shared.sync.protocol.pull import PullPage, TableChanges, joined
from shared.sync.replica import doubts
from tests.support.reference_server import on_the_wire
from tests.support.world import World
from tests.support.world_device import DeviceInWorld


def _price(device: DeviceInWorld, variant_id: str) -> int:
    with device.files.replica.begin():
        return Reader(device.files.replica).require(VariantRow, variant_id).price_amount


def _changed(page: PullPage, table: str, **columns: object) -> PullPage:
    """The page with other or further columns in the images of one table."""

    def altered(changes: TableChanges) -> TableChanges:
        if changes.table != table:
            return changes
        images = (msgspec.json.decode(image, type=dict[str, object]) for image in changes.puts)
        return replace(
            changes, puts=tuple(msgspec.Raw(canonical_json(image | columns)) for image in images)
        )

    return replace(page, tables=tuple(altered(changes) for changes in page.tables))


def test_after_a_fill_the_device_holds_the_servers_rows_and_both_digests_agree(
    world: World,
) -> None:
    device = world.back_office()
    device.check()
    device.check_same_as_server()
    assert device.bench.standing().verified_at == world.clock.now()


def test_small_pages_come_to_the_same_rows_as_one_large_page(world: World) -> None:
    till = world.till()
    for title in ("Bowl", "Spoon", "Fork"):
        world.product(title, on_hand_qty=3)
    applied = till.pull(limit=1)
    assert applied.mismatches == ()
    till.check_same_as_server()


def test_pages_that_are_joined_do_what_they_do_one_after_the_other(world: World) -> None:
    till, other = world.till(), world.till()
    shift_id = world.open_shift(till)
    world.sell(till, shift_id)
    till.push()
    mug, plate = world.variants[:2]
    for price in (1100, 1200, 1000):
        world.server.do(world.price_change(price))
        world.server.do(world.price_change(price + 5, of=1))
    world.product("Bowl", on_hand_qty=3)
    pages = [till.page(limit=1)]
    while not pages[-1].is_last:
        cursor = Cursor.parse(pages[-1].to_cursor)
        pages.append(on_the_wire(world.server.pull(till.device_id, cursor, limit=1)))

    applied = till.take_page(reduce(joined, pages))

    assert len(pages) > 5
    assert applied is not None
    assert applied.mismatches == ()
    assert applied.changes.ids["variant"] == {plate, world.variants[-1]}
    assert (_price(till, mug), _price(till, plate)) == (1000, 1005)
    till.check()
    till.check_same_as_server()
    other.sync()
    other.check_same_as_server()


def test_a_page_that_comes_twice_or_out_of_turn_changes_nothing(world: World) -> None:
    till = world.till()
    world.server.do(world.price_change(1100))
    first = till.page()
    assert till.take_page(first) is not None
    world.server.do(world.price_change(1200))
    second = till.page()
    assert till.take_page(first) is None
    assert _price(till, world.variants[0]) == 1100
    assert till.take_page(second) is not None
    assert till.take_page(second) is None
    assert _price(till, world.variants[0]) == 1200


def test_an_echo_of_an_own_command_tells_screens_nothing(world: World) -> None:
    office = world.back_office()
    office.submit(world.price_change(1100), world.owner_id)
    office.push()
    office.heard.changes.clear()
    applied = office.pull()
    assert applied.row_count == 1
    assert applied.changes.ids == {}
    assert office.heard.changes == []
    office.check_same_as_server()


def test_an_echo_takes_away_only_rows_that_the_device_does_not_hold(world: World) -> None:
    till = world.till()
    shift_id = world.open_shift(till)
    world.sell(till, shift_id)
    till.push()
    applied = till.pull()
    assert applied.row_count > 5
    assert applied.changes.kinds <= {"stock_entry"}
    till.check_same_as_server()


def test_screens_hear_of_exactly_the_rows_that_look_different(world: World) -> None:
    till = world.till()
    shift_id = world.open_shift(till)
    world.sell(till, shift_id)
    world.server.do(world.price_change(1100, of=1))
    applied = till.pull()
    assert applied.changes.ids == {"variant": frozenset({world.variants[1]})}


def test_with_very_many_rows_under_pending_commands_screens_hear_of_tables_alone(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(apply, "_MOST_COMPARED", 5)
    till = world.till()
    shift_id = world.open_shift(till)
    world.sell(till, shift_id)
    world.server.do(world.price_change(1100))

    applied = till.pull()

    assert {"variant", "sales_order", "stock_level"} <= applied.changes.kinds
    assert set(applied.changes.ids.values()) == {frozenset()}
    till.check()


def test_pending_sales_stay_visible_while_newer_rows_come_in_below_them(world: World) -> None:
    till = world.till()
    shift_id = world.open_shift(till)
    for _ in range(3):
        world.sell(till, shift_id)
    world.server.do(world.price_change(1100))
    till.pull()
    till.check()
    assert till.bench.journal.waiting().count == 4
    till.sync()
    till.check_same_as_server()


def test_a_request_that_the_server_refuses_is_undone_on_the_device(world: World) -> None:
    office, other = world.back_office(), world.back_office()
    other.submit(world.new_location(code="NEW"), world.owner_id)
    cmd_id = office.submit(world.new_location(code="NEW"), world.owner_id).cmd_id
    other.sync()
    assert len(_locations(office)) == 2
    office.push()
    office.pull()
    entry = office.bench.journal.command(cmd_id)
    assert entry is not None
    assert entry.outcome is not None
    assert (entry.outcome.state, entry.outcome.code) == (OutcomeState.REJECTED, "code_taken")
    assert _locations(office) == _locations(other)
    other.pull()
    office.check_same_as_server()
    other.check_same_as_server()


def test_what_is_known_to_be_refused_is_gone_before_the_page_that_tells_of_it(
    world: World,
) -> None:
    office, other = world.back_office(), world.back_office()
    world.server.do(world.price_change(1200, of=1))
    office.submit(world.new_location(code="NEW"), world.owner_id)
    other.submit(world.new_location(code="NEW"), world.owner_id)
    other.push()
    office.push()
    first = office.page(limit=1)
    assert first.acked_seq == 0
    assert not first.is_last
    office.take_page(first)
    assert len(_locations(office)) == 1
    office.check()
    office.pull()
    office.check_same_as_server()


def test_a_request_that_now_fails_is_kept_sent_and_known_to_be_in_doubt(world: World) -> None:
    office, other = world.back_office(), world.back_office()
    receipt = office.submit(world.new_location(code="NEW"), world.owner_id)
    other.submit(world.new_location(code="NEW"), world.owner_id)
    other.sync()
    office.pull()
    with office.files.replica.begin():
        (doubt,) = doubts(Reader(office.files.replica))
    assert (doubt.cmd_id, doubt.refusal.code) == (receipt.cmd_id, "code_taken")
    assert office.bench.journal.waiting().count == 1
    assert len(_locations(office)) == 2
    office.sync()
    with office.files.replica.begin():
        assert doubts(Reader(office.files.replica)) == ()
    office.check_same_as_server()


def _locations(device: DeviceInWorld) -> set[str]:
    with device.files.replica.begin():
        return {row.location_id for row in Reader(device.files.replica).find(LocationRow)}


def test_rows_that_left_come_as_tombstones_and_leave_the_digest(world: World) -> None:
    office = world.back_office()
    office.submit(world.price_change(1300), world.owner_id)
    office.sync()
    page = office.page()
    variant_id = world.variants[1]
    with office.files.replica.begin():
        before = held_digests(office.files.replica)["tenant", "variant"]
    gone = replace(
        page,
        to_cursor=f"1.{world.server.head.seq + 1}",
        is_last=False,
        tables=(TableChanges(table="variant", puts=(), deletes=((variant_id,),)),),
    )
    applied = office.take_page(gone)
    assert applied is not None
    assert applied.changes.ids == {"variant": frozenset({variant_id})}
    with office.files.replica.begin():
        after = held_digests(office.files.replica)["tenant", "variant"]
        assert after[0] == before[0] - 1
        assert recounted(office.files.replica) == held_digests(office.files.replica)


def test_rows_of_a_table_of_a_later_release_are_counted_and_left_out(world: World) -> None:
    till = world.till()
    world.server.do(world.price_change(1100))
    page = till.page()
    unknown = TableChanges(table="gift_card", puts=(msgspec.Raw(b'{"card_id":"1"}'),), deletes=())
    applied = till.take_page(replace(page, tables=(*page.tables, unknown)))
    assert applied is not None
    assert applied.state.skipped_rows == 1
    assert applied.mismatches == ()
    assert _price(till, world.variants[0]) == 1100


def test_a_column_of_a_later_release_is_kept_aside_and_counts_in_the_digest(world: World) -> None:
    till = world.till()
    world.server.do(world.price_change(1100))
    later = _changed(till.page(), "variant", shelf="A7")
    applied = till.take_page(replace(later, is_last=False))
    assert applied is not None
    assert _price(till, world.variants[0]) == 1100
    with till.files.replica.begin():
        kept = till.files.replica.exec_driver_sql("SELECT tbl, image FROM aside_image").all()
        assert [(name, b'"shelf":"A7"' in image) for name, image in kept] == [("variant", True)]
        assert recounted(till.files.replica) == held_digests(till.files.replica)
    world.server.do(world.price_change(1200))
    again = till.pull()
    assert again.mismatches == ()
    with till.files.replica.begin():
        assert not till.files.replica.exec_driver_sql("SELECT 1 FROM aside_image").all()


def test_one_changed_bit_in_a_row_is_found_with_the_next_last_page(world: World) -> None:
    till = world.till()
    with till.files.replica.begin():
        till.files.replica.exec_driver_sql(
            "UPDATE digest SET digest_sum = digest_sum + 1"
            " WHERE scope = 'tenant' AND tbl = 'variant'"
        )
    verified_before = till.bench.standing().verified_at
    world.server.do(world.price_change(1100))
    applied = till.pull()
    assert applied.mismatches == (("tenant", "variant"),)
    assert till.bench.standing().verified_at == verified_before


def test_a_recount_from_the_rows_finds_what_the_kept_digests_do_not_know(world: World) -> None:
    till = world.till()
    with till.files.replica.begin():
        till.files.replica.exec_driver_sql("UPDATE variant SET title = 'gnawed' WHERE sku = 'MUG'")
        found = recounted(till.files.replica)
        held = held_digests(till.files.replica)
    differing = {place for place in held if held[place] != found[place]}
    assert differing == {("tenant", "variant")}


def test_search_finds_what_came_with_a_page_and_forgets_old_titles(world: World) -> None:
    till = world.till()
    world.product("Teapot")
    till.pull()
    find = "SELECT count(*) FROM variant_search WHERE variant_search MATCH ?"
    with till.files.replica.begin():
        assert till.files.replica.exec_driver_sql(find, ("teap*",)).scalar() == 1
        assert till.files.replica.exec_driver_sql(find, ("mug",)).scalar() == 1
    page = _changed(_all_variants(till), "variant", search_text="Jar")
    till.take_page(page)
    with till.files.replica.begin():
        assert till.files.replica.exec_driver_sql(find, ("teapot",)).scalar() == 0
        assert till.files.replica.exec_driver_sql(find, ("jar",)).scalar() == 3


def _all_variants(till: DeviceInWorld) -> PullPage:
    """A page, following on, with every variant the device has."""
    page = till.page()
    with till.files.replica.begin():
        rows = Reader(till.files.replica).find(VariantRow)
    images = tuple(msgspec.Raw(table_of(VariantRow).image(row)) for row in rows)
    changes = TableChanges(table="variant", puts=images, deletes=())
    return replace(page, is_last=False, tables=(changes,))


@pytest.mark.parametrize("name", ["variant", "store", "stock_entry", "inbox_case", "media"])
def test_images_go_into_sqlite_and_out_again_as_the_same_bytes(world: World, name: str) -> None:
    office = world.back_office()
    images = image_table(name)
    with office.files.replica.begin():
        for row in Reader(office.files.replica).find(images.table.row_type):
            whole = images.table.image(row)
            values, is_exact = images.read(whole)
            assert is_exact
            assert images.image(values) == whole
            assert images.key_of(values) == images.table.key_of(row)
            assert images.table.scope_of is not None
            assert images.scope_of(values) == images.table.scope_of(row)
    assert images.table.name == name
