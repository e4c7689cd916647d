"""A tenant of the real server: its founding, its pairing codes, and what its rows say."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import sqlalchemy as sa

from shared.kernel.clock import SystemClock
from shared.kernel.ids import LocationId, RegisterId, StoreId, UserId, new_id
from shared.kernel.messages import Command
from shared.organization.commands import AddRegister, Workspace
from shared.storage.base import tables_in_order
from shared.storage.reader import Reader
from shared.sync.cursor import Cursor
from sync_server import feed
from sync_server.auth import pairing
from sync_server.tenancy import create_tenant, schema_of
from sync_server.work import run_in
from tests.faults.nemesis.ground import Ground
from tests.faults.simulation.opening import Premises, opening
from tests.support.oracle import Rows

TILLS = ("K1", "K2")
_SLOW = "commits_slowly"


@dataclass(frozen=True)
class Opened:
    """How the shop stood when its day began."""

    rows: Rows
    seq: int


class Shop:
    """One tenant; everything here goes to the database directly, past all wires."""

    def __init__(self, ground: Ground, name: str) -> None:
        self.ground = ground
        self.name = name
        self.tenant = create_tenant(ground.owner, f"{name} {new_id()}", now=SystemClock().now())
        self.tenant_id = self.tenant.tenant_id
        self.schema = schema_of(self.tenant_id)
        self.premises = Premises(
            location_id=LocationId(new_id()),
            owner_id=UserId(new_id()),
            store_id=StoreId(new_id()),
        )
        self.registers: Mapping[str, RegisterId] = {code: RegisterId(new_id()) for code in TILLS}
        self.founding = tuple(self._founding())
        with ground.database.tenant_transaction(self.tenant_id) as unit:
            for command in self.founding:
                run_in(unit, command)

    def _founding(self) -> Iterator[Command]:
        yield from opening(self.premises)
        for code, register_id in self.registers.items():
            yield AddRegister(
                register_id=register_id,
                location_id=self.premises.location_id,
                name=f"Till {code}",
                code=code,
            )

    def code(self, workspace: Workspace, register_id: RegisterId | None) -> str:
        """A pairing code."""
        is_office = workspace is Workspace.MERCHANT
        place = pairing.Place(
            tenant_id=self.tenant_id,
            workspace=workspace,
            location_id=None if is_office else self.premises.location_id,
            register_id=register_id,
        )
        with self.ground.database.control() as connection:
            return pairing.new_code(connection, place, now=SystemClock().now())

    # -- what its rows say -------------------------------------------------------------------

    @contextmanager
    def snapshot(self) -> Iterator[sa.Connection]:
        """All statements of the block see the same commit, as this tenant."""
        with self.ground.database.tenant_snapshot(self.tenant_id) as connection:
            yield connection

    @property
    def head(self) -> Cursor:
        """The last commit."""
        with self.snapshot() as connection:
            return feed.head_of(connection)

    def opened(self) -> Opened:
        """How it stands now."""
        with self.snapshot() as connection:
            return Opened(rows_of(connection), feed.head_of(connection).seq)

    def foreign_rows(self) -> dict[str, int]:
        """Rows in its schema that name another tenant, as somebody sees whom nothing hides."""
        found: dict[str, int] = {}
        with sa.create_engine(self.ground.url, poolclass=sa.NullPool).connect() as connection:
            names = connection.exec_driver_sql(
                "SELECT table_name FROM information_schema.columns"
                " WHERE table_schema = %s AND column_name = 'tenant_id'",
                (self.schema,),
            )
            for name in names.scalars().all():
                counted = connection.exec_driver_sql(
                    f'SELECT count(*) FROM {self.schema}."{name}" WHERE tenant_id <> %s',  # noqa: S608 - names of our own
                    (self.tenant_id,),
                ).scalar_one()
                if counted:
                    found[name] = counted
        return found

    # -- slow commits ------------------------------------------------------------------------

    def commit_slowly(self, seconds: float) -> None:
        """From now on COMMIT itself takes so long: everything is written, nothing is to be seen.

        A deferred constraint trigger runs inside COMMIT, after the tenant's head was moved and
        with its lock held. Readers, and all other tenants, go on meanwhile.
        """
        self._alter(
            f"""CREATE OR REPLACE FUNCTION {self.schema}.{_SLOW}() RETURNS trigger
            LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep({seconds}); RETURN NULL; END $$""",
            f"""CREATE CONSTRAINT TRIGGER {_SLOW} AFTER UPDATE ON {self.schema}.sync_head
            DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION {self.schema}.{_SLOW}()""",
        )

    def commit_at_once(self) -> None:
        """Let COMMIT be as fast as it is."""
        self._alter(f"DROP TRIGGER IF EXISTS {_SLOW} ON {self.schema}.sync_head")

    def _alter(self, *statements: str) -> None:
        with (
            sa.create_engine(self.ground.url, poolclass=sa.NullPool).connect() as connection,
            connection.begin(),
        ):
            for statement in statements:
                connection.exec_driver_sql(statement)


def rows_of(connection: sa.Connection) -> Rows:
    """All rows of the running transaction's tenant, as canonical images by table and key."""
    reader, found = Reader(connection), Rows()
    for table in tables_in_order():
        rows: Iterable[object] = reader.find(table.row_type)
        found[table.name] = {table.key_of(row): table.image(row) for row in rows}
    return found
