"""Pull: pages end at commits, scopes hold, and what a device adds up is what the server has."""

from collections.abc import Iterable
from dataclasses import dataclass, field

import msgspec
import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.customers.commands import SaveCustomer
from shared.customers.tables import CUSTOMER, CustomerRow
from shared.kernel.ids import CustomerId, RegisterId, new_id
from shared.organization.commands import AddRegister, Workspace
from shared.organization.tables import STORE
from shared.storage.base import table_named, tables_in_order
from shared.sync.cursor import Cursor
from shared.sync.digest import MODULUS, row_digest
from shared.sync.protocol.pull import PullPage, ScopeDigest
from shared.sync.recount import recount
from shared.sync.scopes import holds
from sync_server import feed
from sync_server.schema import CHANGE_LOG
from sync_server.tenancy import start_new_epoch
from tests.support.shop import OPENING
from tests.sync_server.devices import Device, Site, customer, refusal

pytestmark = pytest.mark.storage


@dataclass
class Copy:
    """What a device holds that only applies pages."""

    images: dict[str, dict[str, bytes]] = field(default_factory=dict)
    cursor: str = "0.0"
    pages: list[PullPage] = field(default_factory=list)

    def apply(self, page: PullPage) -> None:
        """Take one page."""
        assert page.from_cursor == self.cursor
        for changes in page.tables:
            table = table_named(changes.table)
            images = self.images.setdefault(changes.table, {})
            for key in changes.deletes:
                images.pop("/".join(key), None)
            for put in changes.puts:
                images["/".join(table.key_of(table.from_image(bytes(put))))] = bytes(put)
        self.cursor = page.to_cursor
        self.pages.append(page)

    def catch_up(self, device: Device, limit: int = 5000) -> None:
        """Pull until the server says that this was the last page."""
        while True:
            self.apply(device.pull(self.cursor, limit))
            if self.pages[-1].is_last:
                return

    def digests(self) -> dict[tuple[str, str], tuple[int, int]]:
        """Count and sum by table and scope."""
        found: dict[tuple[str, str], tuple[int, int]] = {}
        for name, images in self.images.items():
            table = table_named(name)
            assert table.scope_of is not None
            for image in images.values():
                place = (name, table.scope_of(table.from_image(image)))
                count, total = found.get(place, (0, 0))
                found[place] = (count + 1, (total + row_digest(name, image)) % MODULUS)
        return found


def by_place(digests: Iterable[ScopeDigest]) -> dict[tuple[str, str], tuple[int, int]]:
    """Digests of places that have rows."""
    return {
        (each.table, each.scope): (each.row_count, each.digest_sum)
        for each in digests
        if each.row_count
    }


@pytest.fixture
def device(site: Site) -> Device:
    """The owner's back office."""
    return site.device()


def test_first_pull_brings_all_and_says_where_it_ends(site: Site, device: Device) -> None:
    page = device.pull()

    assert (page.protocol, page.device_id, page.from_cursor) == (1, device.device_id, "0.0")
    assert (page.is_last, page.to_cursor, page.acked_seq) == (True, "1.2", 0)
    assert [each.table for each in page.tables] == [
        table.name for table in tables_in_order() if table.name in {e.table for e in page.tables}
    ]
    (store,) = next(each for each in page.tables if each.table == "store").puts
    assert STORE.from_image(bytes(store)).name == "Corner Shop"


def test_pull_at_the_head_brings_nothing_but_digests(device: Device) -> None:
    page = device.pull(device.pull().to_cursor)

    assert (page.tables, page.outcomes, page.is_last) == ((), (), True)
    assert page.from_cursor == page.to_cursor
    assert page.digests


def test_own_commands_come_back_with_their_outcomes(device: Device) -> None:
    before = device.pull().to_cursor
    pushed = device.push(customer("Ada"), customer(""))

    page = device.pull(before)

    assert page.outcomes == pushed.outcomes
    assert page.acked_seq == 2
    assert device.pull(page.to_cursor).outcomes == ()


def test_others_outcomes_do_not_come(site: Site, device: Device) -> None:
    other = site.device()
    other.push(customer("Ada"))

    page = device.pull()

    assert (page.outcomes, page.acked_seq) == ((), 0)


def test_acked_seq_is_that_of_the_page_not_of_now(device: Device) -> None:
    start = device.pull().to_cursor
    for name in ("Ada", "Bob", "Cid"):
        device.push(customer(name))

    first = device.pull(start, limit=1)

    assert (first.is_last, first.acked_seq, first.digests) == (False, 1, ())
    assert [each.seq for each in first.outcomes] == [1]


def test_later_image_of_a_row_replaces_the_earlier(device: Device) -> None:
    start, one = device.pull().to_cursor, new_id()
    for name in ("Ada", "Bob", "Cid"):
        device.push(customer(name, one))

    (changes,) = device.pull(start).tables

    assert [CUSTOMER.from_image(bytes(put)).name for put in changes.puts] == ["Cid"]


def test_deleted_row_travels_as_its_key(site: Site, device: Device) -> None:
    one = new_id()
    device.push(customer("Ada", one))
    start = device.pull().to_cursor
    with site.server.database.tenant_transaction(site.tenant_id) as unit:
        unit.rows.delete(unit.rows.require(CustomerRow, one))

    (changes,) = device.pull(start).tables

    assert (changes.table, changes.puts, changes.deletes) == ("customer", (), ((one,),))


def test_commit_larger_than_the_limit_travels_whole(site: Site, device: Device) -> None:
    start = device.pull().to_cursor
    seq = site.run(*(customer(f"C{n}") for n in range(30)))
    site.run(customer("Late"))

    page = device.pull(start, limit=7)

    assert (page.to_cursor, page.is_last) == (f"1.{seq}", False)
    assert len(page.tables[0].puts) == 30


@pytest.mark.parametrize("size", [6, 7, 8])
def test_commits_about_the_limit_are_neither_cut_nor_lost(
    site: Site, device: Device, size: int
) -> None:
    copy = Copy()
    copy.catch_up(device)
    for _ in range(3):
        site.run(*(customer(f"C{n}") for n in range(size)))

    copy.catch_up(device, limit=7)

    assert len(copy.images["customer"]) == 3 * size
    assert {Cursor.parse(page.to_cursor).seq for page in copy.pages[1:]} <= {3, 4, 5}


def test_page_boundaries_at_every_seq_and_limit_add_up_to_the_same(
    site: Site, device: Device
) -> None:
    ids = [CustomerId(new_id()) for _ in range(5)]
    sizes = [1, 3, 2, 1, 4, 1, 2]
    for turn, size in enumerate(sizes):
        site.run(*(customer(f"T{turn}", ids[(turn + n) % 5]) for n in range(size)))
    with site.server.database.tenant_transaction(site.tenant_id) as unit:
        unit.rows.delete(unit.rows.require(CustomerRow, ids[0]))
    whole = Copy()
    whole.catch_up(device)
    head = Cursor.parse(whole.cursor).seq

    @settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(limits=st.lists(st.integers(1, 9), min_size=1, max_size=4))
    def adds_up(limits: list[int]) -> None:
        copy, turn = Copy(), 0
        while not copy.pages or not copy.pages[-1].is_last:
            copy.apply(device.pull(copy.cursor, limits[turn % len(limits)]))
            turn += 1
        assert copy.images == whole.images
        assert copy.pages[-1].digests == whole.pages[-1].digests

    adds_up()
    for seq in range(head + 1):
        upto, rest = Copy(), Copy(cursor=f"1.{seq}" if seq else "0.0")
        while Cursor.parse(upto.cursor).seq < seq:
            upto.apply(device.pull(upto.cursor, 1))
        assert Cursor.parse(upto.cursor).seq == seq
        rest.images = upto.images
        rest.catch_up(device)
        assert rest.images == whole.images


def test_digests_are_those_of_the_rows_after_any_commands(site: Site, device: Device) -> None:
    ids = [CustomerId(new_id()) for _ in range(4)]
    actions = st.lists(
        st.tuples(st.sampled_from(["save", "delete", "refuse"]), st.integers(0, 3), st.text()),
        max_size=12,
    )
    copy = Copy()

    @settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(turns=st.lists(actions, min_size=1, max_size=3))
    def agree(turns: list[list[tuple[str, int, str]]]) -> None:
        for turn in turns:
            commands = [_save(ids[n], text) for what, n, text in turn if what != "delete"]
            device.push(*commands) if commands else None
            _delete(site, {ids[n] for what, n, _text in turn if what == "delete"})
        copy.catch_up(device, limit=3)
        with site.server.database.tenant_snapshot(site.tenant_id) as connection:
            counted = by_place(recount(connection))
            assert counted == by_place(feed.digests(connection))
        assert counted == copy.digests() == by_place(copy.pages[-1].digests)

    agree()


def _save(customer_id: CustomerId, text: str) -> SaveCustomer:
    name = "".join(each for each in text if each != "\x00" and not "\ud800" <= each <= "\udfff")
    return SaveCustomer(customer_id=customer_id, name=name)


def _delete(site: Site, ids: set[CustomerId]) -> None:
    with site.server.database.tenant_transaction(site.tenant_id) as unit:
        for row in unit.rows.find(CustomerRow, CUSTOMER.c.customer_id.in_(ids)):
            unit.rows.delete(row)


def test_till_holds_its_scopes_and_no_others(site: Site, device: Device) -> None:
    till = site.device(Workspace.KIOSK, till=0)
    with site.server.database.tenant_snapshot(site.tenant_id) as connection:
        seen = connection.execute(sa.select(CHANGE_LOG.c.scope).distinct()).scalars().all()
    held = ("tenant", f"location:{site.location_ids[0]}", f"register:{site.register_ids[0]}")

    copy = Copy()
    copy.catch_up(till)

    assert {scope for _table, scope in copy.digests()} == {s for s in seen if holds(held, s)}
    assert {each.scope for each in copy.pages[-1].digests} <= set(held)


def _log(site: Site, entries: list[dict[str, object]]) -> None:
    """Write one commit into the change log by hand."""
    with site.server.database.tenant_transaction(site.tenant_id) as unit:
        rows = [
            {"tbl": "customer", "digest": None, "image": None, "op": "delete"}
            | entry
            | {"seq": unit.seq, "ord": place}
            for place, entry in enumerate(entries)
        ]
        unit.connection.execute(sa.insert(CHANGE_LOG), rows)
        feed.move_head(unit.connection, seq=unit.seq)


def test_row_that_moves_between_scopes_leaves_the_one_and_enters_the_other(site: Site) -> None:
    first, second = (site.device(Workspace.KIOSK, till=till) for till in (0, 1))
    office = site.device()
    here, there = (f"location:{each}" for each in site.location_ids)
    image = CUSTOMER.image(_row("Mia"))
    put = {"op": "put", "image": image.decode(), "digest": 0, "key": '["1"]'}
    _log(site, [put | {"scope": here}])
    cursor = office.pull().to_cursor
    _log(site, [{"scope": here, "key": '["1"]'}, put | {"scope": there}])

    assert [each.deletes for each in first.pull(cursor).tables] == [(("1",),)]
    for holder in (second, office):
        (changes,) = holder.pull(cursor).tables
        assert ([bytes(put) for put in changes.puts], changes.deletes) == ([image], ())


def test_row_that_leaves_and_comes_back_is_not_lost(site: Site) -> None:
    till = site.device(Workspace.KIOSK, till=0)
    here, there = (f"location:{each}" for each in site.location_ids)
    image = CUSTOMER.image(_row("Mia"))
    put = {"op": "put", "image": image.decode(), "digest": 0, "key": '["1"]'}
    _log(site, [put | {"scope": here}])
    cursor = till.pull().to_cursor
    _log(site, [{"scope": here, "key": '["1"]'}, put | {"scope": there}])
    _log(site, [{"scope": there, "key": '["1"]'}, put | {"scope": here}])

    (changes,) = till.pull(cursor).tables

    assert ([bytes(put) for put in changes.puts], changes.deletes) == ([image], ())


def _row(name: str) -> CustomerRow:
    return CustomerRow(
        customer_id=CustomerId("1"),
        code=None,
        name=name,
        email="",
        phone="",
        note="",
        tags=(),
        accepts_marketing=False,
        addresses=(),
        import_id=None,
        created_at=OPENING,
    )


@pytest.mark.parametrize("cursor", ["2.1", "0.5", "1.99"])
def test_place_in_a_history_that_is_not_ours_is_refused(device: Device, cursor: str) -> None:
    answer = device.ask_to_pull(cursor)

    assert refusal(answer) == (409, "cursor_from_other_epoch")
    assert answer.json()["params"] == {"head": "1.2"}


@pytest.mark.parametrize("cursor", ["", "1", "1.", ".1", "a.b", "1.2.3", "-1.2", "\u0661.\u0662"])
def test_cursor_that_is_none_is_refused(device: Device, cursor: str) -> None:
    assert refusal(device.ask_to_pull(cursor)) == (422, "cursor_malformed")


@pytest.mark.parametrize("limit", [0, -1, 20_001])
def test_limit_must_be_sensible(device: Device, limit: int) -> None:
    assert refusal(device.ask_to_pull(limit=limit)) == (422, "limit_wrong")


def test_limit_must_be_a_number(device: Device) -> None:
    answer = device.client.get("/sync/v1/pull?limit=many", headers=device.headers)

    assert refusal(answer) == (422, "body_malformed")


def test_restored_server_refuses_places_in_the_lost_history(site: Site, device: Device) -> None:
    cursor = device.pull().to_cursor

    epoch = start_new_epoch(site.server.owner, site.tenant, now=site.server.clock.now())

    assert epoch == int(site.server.clock.now().timestamp())
    assert refusal(device.ask_to_pull(cursor)) == (409, "cursor_from_other_epoch")
    assert device.pull().to_cursor == f"{epoch}.2"


def test_page_is_packed_for_those_who_can_unpack_it(device: Device) -> None:
    device.push(*(customer(f"C{n}") for n in range(50)))
    plain = device.client.get(
        "/sync/v1/pull", headers=device.headers | {"Accept-Encoding": "identity"}
    )
    packed = device.client.get(
        "/sync/v1/pull", headers=device.headers | {"Accept-Encoding": "gzip, zstd;q=0.5"}
    )
    unwanted = device.client.get(
        "/sync/v1/pull", headers=device.headers | {"Accept-Encoding": "zstd;q=0"}
    )

    assert (plain.headers.get("content-encoding"), unwanted.headers.get("content-encoding")) == (
        None,
        None,
    )
    assert packed.headers["content-encoding"] == "zstd"
    assert int(packed.headers["content-length"]) < len(plain.content) / 2
    decode = msgspec.json.Decoder(PullPage).decode
    assert decode(packed.content).tables == decode(plain.content).tables


def test_new_till_shows_up_everywhere(site: Site, device: Device) -> None:
    cursor = device.pull().to_cursor
    site.run(
        AddRegister(
            register_id=RegisterId(new_id()),
            location_id=site.location_ids[0],
            name="K9",
            code="K9",
        )
    )

    (changes,) = device.pull(cursor).tables

    assert (changes.table, len(changes.puts)) == ("register", 1)
