"""Forged cursors, scopes and ids, with the code's own checks left out: PostgreSQL gives nothing."""

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
import sqlalchemy as sa

from shared.organization.commands import Workspace
from shared.organization.tables import DeviceRow
from shared.storage.base import Key, TableOf, tables_in_order
from shared.storage.dialects import TENANT_SETTING
from shared.storage.reader import Reader
from shared.sync.protocol.pull import ScopeDigest
from shared.sync.replica import key_from_text
from sync_server import command_log, feed
from sync_server.auth import links
from sync_server.database import app_engine
from sync_server.schema import ID, TENANT_TABLES
from sync_server.sync import pull as pulling
from sync_server.tenancy import schema_of
from tests.support.shop import OPENING
from tests.sync_server.devices import Device, Site, customer
from tests.sync_server.filled_shop import OFFICE, stock_up

pytestmark = [pytest.mark.storage, pytest.mark.timeout(900)]


_COPY = 'INSERT INTO {here}."{name}" TABLE {there}."{name}"'


@dataclass
class Burgled:
    """Our schema with all rows of another tenant laid into it, and a connection as our requests.

    `secrets` are images of rows that only the other tenant has.
    """

    ours: Site
    theirs: Site
    device: Device
    connection: sa.Connection
    chance: random.Random
    secrets: frozenset[str] = frozenset()
    keys: dict[str, list[Key]] = field(default_factory=dict)
    cmd_ids: list[str] = field(default_factory=list)
    ours_digests: tuple[ScopeDigest, ...] = ()

    def scope(self) -> str:
        """A scope that nobody gave us."""
        places = (*self.theirs.location_ids, *self.ours.location_ids)
        return self.chance.choice(
            (
                "tenant",
                "finance",
                "*",
                "location:*",
                "register:*",
                "%",
                "tenant%*",
                "' OR true --",
                f"location:{self.chance.choice(places)}",
                f"register:{self.chance.choice(self.theirs.register_ids)}",
                f"{schema_of(self.theirs.tenant_id)}.tenant",
            )
        )

    def scopes(self) -> list[str]:
        """Some of them."""
        return [self.scope() for _ in range(self.chance.randint(1, 5))]


@pytest.fixture
def burgled(site: Site) -> Iterator[Burgled]:
    ours, theirs = stock_up(site), stock_up(Site(site.server, site.client))
    device = theirs.device()
    device.push(customer("Eve"))
    for till in range(2):
        theirs.device(Workspace.KIOSK, till=till)
    _lay_into(ours, theirs)
    engine = app_engine(site.server.url, is_app_login=False, pool_size=1)
    with closing_engine(engine), engine.connect() as connection, connection.begin():
        settings = {TENANT_SETTING: ours.tenant_id, "search_path": schema_of(ours.tenant_id)}
        for name, value in settings.items():
            connection.execute(sa.select(sa.func.set_config(name, value, True)))
        made = Burgled(ours, theirs, device, connection, random.Random(7))
        _look_round(made)
        yield made


@contextmanager
def closing_engine(engine: sa.Engine) -> Iterator[None]:
    """Give up all connections at the end, however it comes."""
    try:
        yield
    finally:
        engine.dispose()


def _lay_into(ours: Site, theirs: Site) -> None:
    """Copy every row of the other tenant into our schema, past its policies, as no code can."""
    here, there = schema_of(ours.tenant_id), schema_of(theirs.tenant_id)
    with ours.server.owner.begin() as owner:
        owner.exec_driver_sql("SET LOCAL session_replication_role = replica")
        for name in _all_tables():
            owner.exec_driver_sql(_COPY.format(here=here, there=there, name=name))


def _table(name: str, site: Site) -> sa.TableClause:
    """A table of a site's schema, by its full name."""
    ids = (sa.column(each, ID) for each in ("tenant_id", "cmd_id"))
    texts = (sa.column(each, sa.Text) for each in ("tbl", "key", "image"))
    return sa.table(name, *ids, *texts, schema=schema_of(site.tenant_id))


def _all_tables() -> list[str]:
    declared = [table.name for table in tables_in_order()]
    return [*declared, *(table.name for table in TENANT_TABLES)]


def _look_round(made: Burgled) -> None:
    """Learn, as the owner, what must never be seen."""
    here, there = _table("change_log", made.ours), _table("change_log", made.theirs)
    own = sa.select(here.c.image).where(here.c.tenant_id == made.ours.tenant_id)
    cmd_ids = sa.select(_table("command_log", made.theirs).c.cmd_id)
    with made.ours.server.owner.begin() as owner:
        log = owner.execute(sa.select(there.c.tbl, there.c.key, there.c.image)).all()
        images = frozenset(row.image for row in log if row.image)
        made.secrets = images - frozenset(owner.execute(own).scalars())
        for row in log:
            made.keys.setdefault(row.tbl, []).append(key_from_text(row.key))
        made.cmd_ids = list(owner.execute(cmd_ids).scalars())
    with made.ours.server.database.tenant_snapshot(made.ours.tenant_id) as connection:
        made.ours_digests = feed.digests(connection, OFFICE)


# -- what a thief tries ----------------------------------------------------------------------------


def _pages(made: Burgled) -> None:
    after, head = made.chance.randint(-5, 200), made.chance.randint(0, 2**40)
    limit = made.chance.choice((1, 3, 50, 20_000))
    stretch = pulling.stretch_of(
        made.connection, made.scopes(), after=after, head=head, limit=limit
    )
    assert made.secrets.isdisjoint(row.image for row in stretch.rows)


def _digests(made: Burgled) -> None:
    own = {(each.scope, each.table): each for each in made.ours_digests}
    for each in feed.digests(made.connection, made.scopes()):
        assert own[each.scope, each.table] == each


def _rows(made: Burgled) -> None:
    table: TableOf[Any] = made.chance.choice(
        [table for table in tables_in_order() if table.name in made.keys]
    )
    found = Reader(made.connection).get(table.row_type, *made.chance.choice(made.keys[table.name]))
    assert found is None or table.image(found).decode() not in made.secrets


def _commands(made: Burgled) -> None:
    some = made.chance.sample(made.cmd_ids, min(5, len(made.cmd_ids)))
    assert command_log.by_id(made.connection, some) == {}
    upto = made.chance.randint(0, 2**40)
    incarnation = made.chance.randint(0, 3)
    device_id = made.device.device_id
    asked = {"incarnation": incarnation, "upto": upto}
    assert command_log.last_seq(made.connection, device_id, **asked) == 0
    assert command_log.committed_between(made.connection, device_id, after=0, **asked) == ()
    assert command_log.reach(made.connection, device_id, incarnation=incarnation).seq == 0
    assert command_log.last_life(made.connection, device_id) == 0


def _devices(made: Burgled) -> None:
    assert links.find(made.connection, made.device.device_id) is None
    asking = DeviceRow(
        device_id=made.device.device_id,
        name="PC",
        workspace=Workspace.KIOSK,
        location_id=made.chance.choice(made.theirs.location_ids),
        register_id=None,
        enrolled_at=OPENING,
        revoked_at=None,
    )
    assert links.neighbours_of(made.connection, asking) == []


def _schemas(made: Burgled) -> None:
    table = _table(made.chance.choice(_all_tables()), made.chance.choice((made.ours, made.theirs)))
    wanted = sa.select(sa.func.count()).select_from(table)
    foreign = wanted.where(table.c.tenant_id != made.ours.tenant_id)
    assert made.connection.execute(foreign).scalar_one() == 0


ATTEMPTS: tuple[Callable[[Burgled], None], ...] = (
    _pages,
    _digests,
    _rows,
    _commands,
    _devices,
    _schemas,
)


def tried(made: Burgled, times: int) -> int:
    """Try so often; each attempt asserts that it came to nothing. Gives how many were made."""
    for _ in range(times):
        made.chance.choice(ATTEMPTS)(made)
    return times


def test_the_rows_that_must_not_be_seen_are_there(burgled: Burgled) -> None:
    assert len(burgled.secrets) > 100
    customers = _table("customer", burgled.ours)
    with burgled.ours.server.owner.begin() as owner:
        both = sa.select(sa.func.count(sa.distinct(customers.c.tenant_id)))
        assert owner.execute(both).scalar_one() == 2


def test_two_thousand_forgeries_bring_no_foreign_row(burgled: Burgled) -> None:
    assert tried(burgled, 2_000) == 2_000


@pytest.mark.slow
def test_a_hundred_thousand_forgeries_bring_no_foreign_row(burgled: Burgled) -> None:
    assert tried(burgled, 100_000) == 100_000
