"""Old change logs are made short, and nobody misses anything by it."""

from collections.abc import Sequence
from datetime import timedelta

import psycopg
import pytest
import sqlalchemy as sa

from desktop.replica_schema import make_replica
from shared.catalog.commands import ChangePrice, CreateProduct, SaveVariant, VariantSpec
from shared.customers.commands import SaveCustomer
from shared.kernel.context import Station
from shared.kernel.ids import CustomerId, ProductId, VariantId, new_id
from shared.kernel.messages import Outcome, OutcomeState
from shared.pricing.commands import SetTaxRate
from shared.storage.images import all_values, image_table
from shared.sync.apply import apply_page
from shared.sync.protocol.pull import PullPage
from shared.sync.protocol.push import PushReply, PushState
from shared.sync.rebase import Place
from shared.sync.replica import ReplicaState
from sync_server.jobs.compaction import compact, forget_commands
from sync_server.schema import COMMAND_LOG
from tests.support.memory import memory_engine
from tests.sync_server.devices import Device, Site, customer, read, refusal

DAY = timedelta(days=1)
ADA = CustomerId(new_id())


def log_rows(site: Site) -> int:
    """How long the tenant's log is."""
    with site.server.database.tenant_snapshot(site.tenant_id) as connection:
        return int(connection.execute(sa.text("SELECT count(*) FROM change_log")).scalar_one())


def shorten(site: Site, *, days: int = 90) -> int:
    """Run the job now."""
    return compact(site.server.owner, site.tenant, now=site.server.clock.now(), days=days)


def wait_days(site: Site, days: int, *devices: Device) -> None:
    """Let so many days go by; the devices get new tokens."""
    site.server.clock.advance(days * DAY)
    for device in devices:
        device.sign_in()


def rename(site: Site, *names: str) -> None:
    """Change one row in as many commits."""
    for name in names:
        site.run(SaveCustomer(customer_id=ADA, name=name))


def barcodes_come_and_go(site: Site) -> None:
    """Rows that are gone in the end."""
    variant = VariantSpec(variant_id=VariantId(new_id()), sku="M", barcodes=("111", "222"))
    product_id = ProductId(new_id())
    site.run(
        SetTaxRate(code="standard", name="19 %", rate_ppm=190_000),
        CreateProduct(product_id=product_id, title="Mug", variants=(variant,)),
    )
    for codes in (("333",), ("111",), ()):
        site.run(
            SaveVariant(
                product_id=product_id,
                variant=VariantSpec(variant_id=variant.variant_id, sku="M", barcodes=codes),
            )
        )


def filled(device: Device, pages: Sequence[PullPage]) -> dict[str, list[tuple[object, ...]]]:
    """The rows of a new replica after those pages; their digests must agree with the server's."""
    where = Place(tenant_id=device.tenant_id, station=Station(device_id=device.device_id))
    state = ReplicaState(device_id=device.device_id, incarnation=1)
    mismatches: tuple[tuple[str, str], ...] = ()
    with memory_engine().connect() as connection:
        make_replica(connection)
        for page in pages:
            with connection.begin():
                applied = apply_page(connection, page, state=state, pending=[], place=where)
            state = applied.state
            mismatches = applied.mismatches
        assert mismatches == ()
        names = ("customer", "variant", "barcode")
        return {name: sorted(all_values(connection, image_table(name)), key=repr) for name in names}


def all_pages(device: Device, *, limit: int) -> list[PullPage]:
    """Pages from the start to the head."""
    pages = [device.pull(limit=limit)]
    filled_from = pages[0].log_from
    while not pages[-1].is_last:
        pages.append(device.pull(pages[-1].to_cursor, limit=limit, filled_from=filled_from))
    return pages


def test_a_new_device_gets_the_same_rows_from_a_short_log(site: Site) -> None:
    device = site.device()
    rename(site, *(f"Ada {number}" for number in range(20)))
    barcodes_come_and_go(site)
    before = filled(device, all_pages(device, limit=5))
    long = log_rows(site)
    wait_days(site, 1, device)

    removed = shorten(site, days=0)

    assert removed == long - log_rows(site) > 20
    assert filled(device, all_pages(device, limit=5)) == before
    assert before["barcode"] == []
    assert shorten(site, days=0) == 0


def test_what_is_recent_stays_whole(site: Site) -> None:
    device = site.device()
    rename(site, "Old 1", "Old 2")
    stand = device.pull().to_cursor
    wait_days(site, 100, device)
    rename(site, "New 1", "New 2", "New 3")

    shorten(site)

    pages = [device.pull(stand, limit=1)]
    while not pages[-1].is_last:
        pages.append(device.pull(pages[-1].to_cursor, limit=1))
    assert len(pages) == 3
    assert shorten(site) == 0


def test_whoever_stands_in_the_short_part_is_told_to_start_over(site: Site) -> None:
    device = site.device()
    stand = device.pull().to_cursor
    rename(site, "Old 1", "Old 2")
    later = device.pull().to_cursor
    wait_days(site, 100, device)

    shorten(site)

    assert refusal(device.ask_to_pull(stand)) == (409, "cursor_too_old")
    assert device.pull(later).is_last
    assert device.pull().is_last


def test_a_fill_under_way_begins_again_when_the_log_was_shortened_meanwhile(site: Site) -> None:
    device = site.device()
    rename(site, *(f"Ada {number}" for number in range(9)))
    first = device.pull(limit=3)
    wait_days(site, 1, device)

    shorten(site, days=0)

    told = {"filled_from": first.log_from}
    assert refusal(device.ask_to_pull(first.to_cursor, **told)) == (409, "cursor_too_old")
    assert filled(device, all_pages(device, limit=3))["customer"]


def envelopes(site: Site) -> list[bytes]:
    """What is kept of all commands, oldest first."""
    wanted = sa.select(COMMAND_LOG.c.envelope).order_by(COMMAND_LOG.c.commit_seq, COMMAND_LOG.c.seq)
    with site.server.database.tenant_snapshot(site.tenant_id) as connection:
        return list(connection.execute(wanted).scalars())


def test_an_old_command_that_is_sent_again_hears_its_state_and_is_not_run_again(
    site: Site,
) -> None:
    device = site.device()
    bad = ChangePrice(variant_id=VariantId(new_id()), price_amount=1)
    first = device.push(customer("Ada", ADA), bad)
    wait_days(site, 181, device)
    device.push(customer("Bob", ADA))
    wait_days(site, 1, device)

    cut = forget_commands(site.server.owner, site.tenant, now=site.server.clock.now())

    again = device.push()
    states = [each.outcome.state for each in again.outcomes]
    assert cut >= 2
    assert states == [OutcomeState.APPLIED, OutcomeState.REJECTED, OutcomeState.APPLIED]
    assert again.outcomes[1].outcome == Outcome(state=OutcomeState.REJECTED)
    assert [each.cmd_id for each in again.outcomes[:2]] == [each.cmd_id for each in first.outcomes]
    (row,) = filled(device, [device.pull()])["customer"]
    assert "Bob" in row
    assert envelopes(site)[-1] != b""
    assert forget_commands(site.server.owner, site.tenant, now=site.server.clock.now()) == 0


def test_an_old_command_under_a_new_number_is_not_run_again(site: Site) -> None:
    device = site.device()
    device.push(customer("Ada", ADA))
    cmd_id = device.journal[-1].cmd_id
    device.push(customer("Bob", ADA))
    wait_days(site, 200, device)
    forget_commands(site.server.owner, site.tenant, now=site.server.clock.now())

    (again,) = device.add(customer("Ada", ADA), cmd_id=cmd_id)
    (outcome,) = read(device.send([again]), PushReply).outcomes

    assert outcome.outcome.state is OutcomeState.APPLIED
    (row,) = filled(device, [device.pull()])["customer"]
    assert "Bob" in row


def test_a_copy_of_a_device_is_found_out_by_commands_however_old(site: Site) -> None:
    device = site.device()
    device.push(customer("Ada"))
    device.push(customer("Bob"))
    wait_days(site, 200, device)
    forget_commands(site.server.owner, site.tenant, now=site.server.clock.now())
    del device.journal[:]

    reply = device.push(customer("Eve"))

    assert reply.state is PushState.FORKED


def test_recent_commands_and_those_of_other_tenants_are_kept_whole(site: Site) -> None:
    other = Site(site.server, site.client)
    rename(other, "Eve")
    rename(site, "Ada")
    wait_days(site, 100)
    rename(site, "Bob")
    wait_days(site, 100)

    forget_commands(site.server.owner, site.tenant, now=site.server.clock.now())

    assert envelopes(site)[0] == b""
    assert envelopes(site)[-1] != b""
    assert b"" not in envelopes(other)


def test_requests_may_not_shorten_anything(site: Site) -> None:
    for statement in (
        "DELETE FROM change_log",
        "UPDATE sync_head SET log_from = 5",
        "UPDATE command_log SET envelope = ''",
    ):
        with (
            pytest.raises(sa.exc.ProgrammingError) as refused,
            site.server.database.tenant_session(site.tenant_id) as connection,
        ):
            connection.execute(sa.text(statement))
        assert isinstance(refused.value.orig, psycopg.errors.InsufficientPrivilege)


def test_another_tenants_log_is_left_alone(site: Site) -> None:
    other = Site(site.server, site.client)
    rename(other, "Eve 1", "Eve 2")
    rename(site, "Ada 1", "Ada 2")
    long = log_rows(other)
    wait_days(site, 1)

    assert shorten(site, days=0) > 0
    assert log_rows(other) == long
