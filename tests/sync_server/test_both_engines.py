"""Whatever is done: SQLite and PostgreSQL end with the same rows, byte by byte."""

from collections.abc import Iterable
from contextlib import suppress

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, run_state_machine_as_test

from shared.catalog.commands import (
    EditProducts,
    ProductEdit,
    ProductStatus,
    ProductValues,
    VariantEdit,
    VariantValues,
)
from shared.catalog.tables import ProductRow, VariantRow
from shared.kernel.clock import FixedClock
from shared.kernel.errors import Rejected
from shared.kernel.ids import CustomerId, ProductId, TenantId, VariantId, new_id
from shared.kernel.messages import Command, Outcome, OutcomeState
from shared.organization.queries import active_users, locations, registers, the_store
from shared.storage.base import tables_in_order
from shared.storage.bulk import FEW
from shared.storage.changes import RowChange
from shared.storage.reader import Reader
from shared.sync.recount import recount
from tests.shared.catalog.edits import edits_of
from tests.shared.runtime.test_ledgers import Ledgers
from tests.support.databases import ServerDatabase, sqlite_replica
from tests.support.shop import Shop
from tests.sync_server.devices import customer

pytestmark = [pytest.mark.storage, pytest.mark.slow]

Images = list[tuple[str, tuple[str, ...], bytes | None, bytes | None]]


def images(changes: Iterable[RowChange]) -> Images:
    """What a command changed, as it travels."""
    return [
        (
            change.table.name,
            change.key,
            None if change.before is None else change.table.image(change.before),
            None if change.after is None else change.table.image(change.after),
        )
        for change in changes
    ]


class TwinShop(Shop):
    """A shop that runs every command on two databases and insists that both say the same."""

    def __init__(self, sqlite: sa.Connection, postgres: sa.Connection) -> None:
        self.twin = postgres
        super().__init__(sqlite)

    def do(self, command: Command, **options: object) -> Outcome:
        """Run a command on both. Raises Rejected when both refuse it alike."""
        options.setdefault("command_id", new_id())
        numbers, at = dict(self.numbers), self.clock.now()
        ours = self._try(command, options)
        changed, self.numbers, numbers = self.last_changes, numbers, self.numbers
        self.clock = FixedClock(at)
        self.connection, self.twin = self.twin, self.connection
        theirs = self._try(command, options)
        self.connection, self.twin = self.twin, self.connection
        assert self.numbers == numbers
        if isinstance(ours, Rejected):
            assert isinstance(theirs, Rejected)
            assert (ours.code, ours.params) == (theirs.code, theirs.params)
            raise ours
        assert theirs == ours
        assert images(self.last_changes) == images(changed)
        return ours

    def _try(self, command: Command, options: dict[str, object]) -> Outcome | Rejected:
        try:
            return super().do(command, **options)  # type: ignore[arg-type] # handed on as given
        except Rejected as refusal:
            return refusal

    def assert_same(self) -> None:
        """Every row and every digest is the same on both."""
        ours, theirs = Reader(self.connection), Reader(self.twin)
        for table in tables_in_order():
            rows = [table.image(row) for row in ours.find(table.row_type)]
            assert rows == [table.image(row) for row in theirs.find(table.row_type)], table.name
        assert recount(self.connection) == recount(self.twin)


def test_any_story_of_a_shop_gives_the_same_rows_on_both_engines(
    server_database: ServerDatabase, tenant_id: TenantId
) -> None:
    with server_database.database.tenant_session(tenant_id) as postgres:

        class Twins(Ledgers):
            @initialize()
            def open_the_shop(self) -> None:
                self.story = postgres.begin_nested()
                self.shop = TwinShop(sqlite_replica().connect(), postgres)
                self.variants = [
                    self.shop.product(f"Product {n}", on_hand_qty=3, price_amount=333 * (n + 1))
                    for n in range(3)
                ]
                self.shift_id = self.shop.open_shift()

            def teardown(self) -> None:
                shop = getattr(self, "shop", None)
                if isinstance(shop, TwinShop):
                    shop.assert_same()
                    self.shop.connection.close()
                    self.story.rollback()

        run_state_machine_as_test(
            Twins,
            settings=settings(
                max_examples=8,
                stateful_step_count=25,
                deadline=None,
                suppress_health_check=list(HealthCheck),
            ),
        )


def test_any_edits_of_many_products_give_the_same_rows_on_both_engines(
    server_database: ServerDatabase, tenant_id: TenantId
) -> None:
    with server_database.database.tenant_session(tenant_id) as postgres:

        @settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
        @given(story=st.data())
        def edit_any(story: st.DataObject) -> None:
            begun = postgres.begin_nested()
            shop = TwinShop(sqlite_replica().connect(), postgres)
            variants = [shop.product(f"Product {n}", barcode=str(n)) for n in range(3)]
            rows = Reader(shop.connection).find(ProductRow)
            products = [row.product_id for row in rows]
            edits = edits_of([*products, ProductId(new_id())], [*variants, VariantId(new_id())])
            try:
                with suppress(Rejected):
                    shop.do(story.draw(edits))
                shop.assert_same()
            finally:
                shop.connection.close()
                begun.rollback()

        edit_any()


def test_edits_of_so_many_products_that_they_go_together_give_the_same_rows(
    server_database: ServerDatabase, tenant_id: TenantId
) -> None:
    with server_database.database.tenant_session(tenant_id) as postgres:
        shop = TwinShop(sqlite_replica().connect(), postgres)
        for place in range(3 * FEW):
            shop.product(f'It\'s "{place}" \\ %s :x ä\u2028', price_amount=place, sku=f"S{place}")
        variants = Reader(shop.connection).find(VariantRow)
        command = EditProducts(
            products=tuple(
                ProductEdit(
                    product_id=row.product_id,
                    to=ProductValues(vendor='Ü "x" \\', status=ProductStatus.DRAFT),
                    tags_added=('"', "ä\u2028"),
                )
                for row in variants
            ),
            variants=tuple(
                VariantEdit(
                    variant_id=row.variant_id,
                    to=VariantValues(price_amount=2**53 - 1 - place, compare_at_amount=place),
                )
                for place, row in enumerate(variants)
            ),
        )

        outcome = shop.do(command)

        assert outcome.state is OutcomeState.APPLIED
        shop.assert_same()
        prices = {row.price_amount for row in Reader(postgres).find(VariantRow)}
        assert prices == {2**53 - 1 - place for place in range(3 * FEW)}
        shop.connection.close()


@pytest.mark.parametrize(
    "name",
    [
        "Ä ß ﬁ İ",
        "e\u0301",
        "\u202eabc",
        "🛒" * 40,
        'it\'s "quoted" \\ %s :x',
        "\t\n\r",
        "\x7f\u2028",
    ],
)
def test_any_letters_come_back_the_same_on_both_engines(
    server_database: ServerDatabase, tenant_id: TenantId, name: str
) -> None:
    with server_database.database.tenant_session(tenant_id) as postgres:
        shop = TwinShop(sqlite_replica().connect(), postgres)
        shop.do(customer(f"x{name}x", CustomerId(new_id())))

        shop.assert_same()
        shop.connection.close()


def test_lists_come_in_the_same_order_on_both_engines(
    server_database: ServerDatabase, tenant_id: TenantId
) -> None:
    with server_database.database.tenant_session(tenant_id) as postgres:
        shop = TwinShop(sqlite_replica().connect(), postgres)
        for name in ("zeta", "Zeta", "Ähre", "ahre", "_x", "10", "9", "É", "e"):
            shop.do(customer(name))
        both = (Reader(shop.connection), Reader(postgres))

        for query in (active_users, locations, registers, the_store):
            ours, theirs = (query(reader) for reader in both)
            assert ours == theirs
        shop.assert_same()
        shop.connection.close()
