"""Writes that wait for the end of a batch give the same rows as writes sent one by one."""

from collections.abc import Iterator, Sequence

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.catalog.commands import CreateProduct, VariantSpec
from shared.customers.tables import CUSTOMER, CustomerRow
from shared.inventory.commands import AdjustStock, StockReason
from shared.kernel.context import Actor, Context, Phase, Station
from shared.kernel.errors import Rejected, Unavailable
from shared.kernel.ids import (
    CustomerId,
    DeviceId,
    LocationId,
    ProductId,
    TenantId,
    UserId,
    VariantId,
    derived_id,
    new_id,
)
from shared.kernel.messages import Command, Outcome
from shared.kernel.permissions import ROLE_PERMISSIONS, Role
from shared.runtime.bus import decide
from shared.storage.unit_of_work import UnitOfWork
from tests.support.databases import ServerDatabase
from tests.support.shop import OPENING
from tests.sync_server.devices import Device, Site, customer
from tests.sync_server.test_both_engines import Images, images

pytestmark = pytest.mark.storage
SEED = new_id()
IDS = [new_id() for _ in range(4)]


@pytest.fixture
def connection(server_database: ServerDatabase, tenant_id: TenantId) -> Iterator[sa.Connection]:
    """A tenant's transaction."""
    with server_database.database.tenant_session(tenant_id) as made:
        yield made


def run_batch(
    connection: sa.Connection, commands: Sequence[Command], *, defers: bool
) -> tuple[list[Outcome], Images]:
    """Outcomes and changed rows of a batch, which is then taken back."""
    batch = connection.begin_nested()
    try:
        work = UnitOfWork(connection, defers=defers)
        outcomes = [
            decide(command, work, _context(command, derived_id(SEED, place)))
            for place, command in enumerate(commands)
        ]
        return outcomes, images(work.changes())
    finally:
        batch.rollback()


def _context(command: Command, command_id: str) -> Context:
    return Context(
        tenant_id=TenantId(SEED),
        command_id=command_id,
        command_name=command.NAME,
        nature=command.NATURE,
        phase=Phase.AUTHORITY,
        actor=Actor(user_id=UserId(SEED), permissions=ROLE_PERMISSIONS[Role.OWNER]),
        station=Station(device_id=DeviceId(SEED)),
        business_at=OPENING,
    )


some = st.integers(0, 3)


@st.composite
def commands(draw: st.DrawFn) -> Command:
    """A command about one of a few rows, often one that is refused."""
    place = draw(some)
    match draw(st.integers(0, 2)):
        case 0:
            return customer(draw(st.sampled_from(["", "Ada", "Bob"])), IDS[place])
        case 1:
            spec = VariantSpec(
                variant_id=VariantId(IDS[place]), price_amount=draw(st.integers(-1, 2))
            )
            return CreateProduct(
                product_id=ProductId(IDS[draw(some)]),
                title=draw(st.sampled_from(["", "Mug", "Cup"])),
                variants=(spec,),
            )
        case _:
            return AdjustStock(
                variant_id=VariantId(IDS[place]),
                location_id=LocationId(IDS[0]),
                delta_qty=draw(st.integers(-3, 3)),
                reason=StockReason.ADJUSTED,
            )


def test_batch_gives_the_same_either_way_or_asks_to_be_done_again(
    connection: sa.Connection,
) -> None:
    done: list[str] = []

    @settings(max_examples=60, suppress_health_check=list(HealthCheck), deadline=None)
    @given(batch=st.lists(commands(), max_size=12))
    def same(batch: list[Command]) -> None:
        carefully = run_batch(connection, batch, defers=False)
        try:
            together = run_batch(connection, batch, defers=True)
        except Unavailable as refused:
            done.append(refused.code)
        else:
            done.append("same")
            assert together == carefully

    same()
    assert done.count("same") > len(done) / 2


def test_refused_command_undoes_its_own_waiting_writes_only(connection: sa.Connection) -> None:
    work = UnitOfWork(connection, defers=True)
    kept, lost = customer("Ada"), customer("Bob")
    decide(kept, work, _context(kept, new_id()))

    def write_and_be_refused() -> None:
        with work.savepoint():
            decide(lost, work, _context(lost, new_id()))
            assert len(work.find(CustomerRow)) == 2
            raise Rejected("enough")

    with pytest.raises(Rejected):
        write_and_be_refused()

    assert [row.name for row in work.find(CustomerRow)] == ["Ada"]
    stored = connection.execute(sa.select(CUSTOMER.table)).all()
    assert len(stored) == 1


def test_database_error_comes_up_as_a_call_to_do_it_again(connection: sa.Connection) -> None:
    work = UnitOfWork(connection, defers=True)
    broken = customer("x\x00y")
    decide(broken, work, _context(broken, new_id()))

    with pytest.raises(Unavailable, match="writes_refused"):
        work.flush()


def test_push_finds_the_one_command_that_breaks_the_database(site: Site) -> None:
    device: Device = site.device()
    names = [f"C{n}" for n in range(20)]
    names[11] = "nul \x00"

    states = [
        each.outcome.state
        for each in device.push(*(customer(name, CustomerId(new_id())) for name in names)).outcomes
    ]

    assert states == ["applied"] * 11 + ["quarantined"] + ["applied"] * 8
