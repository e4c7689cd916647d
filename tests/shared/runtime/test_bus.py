"""The bus: what becomes of refused, odd, forbidden and poisonous commands."""

import pytest

from shared.catalog.commands import ChangePrice, CreateProduct, VariantSpec
from shared.inbox.commands import AssignCase, Resolution, SettleCase
from shared.inbox.queries import open_cases, settled_cases
from shared.inventory.commands import CountStock
from shared.kernel.errors import Rejected
from shared.kernel.ids import (
    CaseId,
    LocationId,
    OrderId,
    ProductId,
    ReceiptId,
    ShiftId,
    UserId,
    VariantId,
    new_id,
)
from shared.kernel.messages import Command, OutcomeState
from shared.kernel.permissions import ROLE_PERMISSIONS, Role
from shared.organization.commands import AddUser
from shared.pos.commands import CompleteSale
from shared.runtime.registry import COMMANDS, read_command
from shared.storage.base import tables_in_order
from tests.support.shop import Shop, as_sent, empty_sqlite, sale_line


@pytest.fixture
def shop() -> Shop:
    return Shop(empty_sqlite())


def test_a_refused_request_leaves_a_case_and_no_other_trace(shop: Shop) -> None:
    mug = shop.product(price_amount=1000)

    outcome = shop.decide(ChangePrice(variant_id=mug, price_amount=-1))

    (case,) = shop.fetch(open_cases)
    assert (outcome.state, outcome.code) == (OutcomeState.REJECTED, "price_negative")
    assert (case.code, case.command_name, case.is_fact) == (
        "price_negative",
        "change_price",
        False,
    )
    assert [change.table.name for change in shop.last_changes] == ["inbox_case"]


def test_a_request_without_permission_is_refused(shop: Shop) -> None:
    mug = shop.product()

    outcome = shop.decide(
        ChangePrice(variant_id=mug, price_amount=1), permissions=ROLE_PERMISSIONS[Role.CASHIER]
    )

    assert (outcome.state, outcome.code) == (OutcomeState.REJECTED, "permission_missing")


def test_a_fact_without_permission_happened_all_the_same(shop: Shop) -> None:
    mug = shop.product()
    count = CountStock(variant_id=mug, location_id=shop.location_id, counted_qty=7)

    outcome = shop.decide(count, permissions=ROLE_PERMISSIONS[Role.CASHIER])

    assert outcome.state is OutcomeState.APPLIED_WITH_EXCEPTION
    assert outcome.code == "permission_missing"
    assert any(change.table.name == "stock_level" for change in shop.last_changes)


def test_a_fact_that_cannot_be_applied_is_kept_aside_for_a_person(shop: Shop) -> None:
    count = CountStock(variant_id=VariantId(new_id()), location_id=shop.location_id, counted_qty=7)

    outcome = shop.decide(count)

    assert (outcome.state, outcome.code) == (OutcomeState.QUARANTINED, "variant_not_found")
    assert shop.fetch(open_cases)[0].is_fact


def test_a_command_that_crashes_does_not_stop_the_next(
    shop: Shop, caplog: pytest.LogCaptureFixture
) -> None:
    mug = shop.product()
    poison = CountStock(variant_id=mug, location_id=LocationId(new_id()), counted_qty=1)
    shop.connection.exec_driver_sql(
        "CREATE TRIGGER trap BEFORE INSERT ON stock_level"
        " BEGIN SELECT RAISE(ABORT, 'the disk is made of cheese'); END"
    )
    poisoned = CountStock(variant_id=mug, location_id=shop.location_id, counted_qty=1)

    outcomes = [shop.decide(poison), shop.decide(poisoned)]
    after = shop.decide(ChangePrice(variant_id=mug, price_amount=5))

    assert [outcome.code for outcome in outcomes] == ["stock_location_not_found", "command_crashed"]
    assert after.state is OutcomeState.APPLIED
    assert "crashed" in caplog.text


def test_a_case_is_assigned_and_settled_once(shop: Shop) -> None:
    shop.decide(ChangePrice(variant_id=shop.product(), price_amount=-1))
    (case,) = shop.fetch(open_cases)

    shop.do(AssignCase(case_id=case.case_id, owner_id=shop.owner_id))
    shop.do(SettleCase(case_id=case.case_id, resolution=Resolution.ACCEPTED, note=" fine "))
    with pytest.raises(Rejected) as refused:
        shop.do(SettleCase(case_id=case.case_id, resolution=Resolution.REVERSED))

    (settled,) = shop.fetch(settled_cases)
    assert shop.fetch(open_cases) == ()
    assert (settled.owner_id, settled.note) == (shop.owner_id, "fine")
    assert refused.value.code == "case_settled_already"


@pytest.mark.parametrize(
    ("name", "version", "args", "code"),
    [
        ("fly_to_the_moon", 1, b"{}", "command_unknown"),
        ("change_price", 2, b"{}", "command_too_new"),
        ("change_price", 1, b'{"variant_id":"x"}', "command_malformed"),
        ("change_price", 1, b"{", "command_malformed"),
    ],
)
def test_what_cannot_be_read_is_named(name: str, version: int, *, args: bytes, code: str) -> None:
    with pytest.raises(Rejected) as refused:
        read_command(name, version, args)

    assert refused.value.code == code


@pytest.mark.parametrize(
    ("command", "place"),
    [
        (AssignCase(case_id=CaseId("no id"), owner_id=None), "case_id"),
        (AssignCase(case_id=CaseId(new_id()), owner_id=UserId("")), "owner_id"),
        (AssignCase(case_id=CaseId(new_id().upper()), owner_id=None), "case_id"),
        (
            CreateProduct(
                product_id=ProductId(new_id()),
                title="Mug",
                variants=(VariantSpec(variant_id=VariantId("mug"), price_amount=1),),
            ),
            "variants.0.variant_id",
        ),
    ],
)
def test_a_command_with_an_id_that_is_no_uuid_cannot_be_read(command: Command, place: str) -> None:
    with pytest.raises(Rejected) as refused:
        as_sent(command)

    assert refused.value.code == "command_malformed"
    assert refused.value.params["detail"] == f"{place} is no UUID"


def test_the_second_of_many_nested_ids_is_looked_at_too() -> None:
    good, bad = sale_line(VariantId(new_id())), sale_line(VariantId("mug"))
    sale = CompleteSale(
        order_id=OrderId(new_id()),
        receipt_id=ReceiptId(new_id()),
        shift_id=ShiftId(new_id()),
        lines=(good, bad),
        tenders=(),
        total_amount=0,
    )

    with pytest.raises(Rejected) as refused:
        as_sent(sale)

    assert refused.value.params["detail"] == "lines.1.variant_id is no UUID"


def test_every_command_has_a_name_of_its_own_and_a_permission() -> None:
    names = [command.NAME for command in COMMANDS]

    assert len(set(names)) == len(names)
    assert all(command.PERMISSION for command in COMMANDS)


def test_every_table_refers_only_to_tables_that_whoever_holds_it_holds_too() -> None:
    """A device checks foreign keys at commit: a row refers to a wider scope or its own."""
    wide = {"store", "stock_location", "register", "device", "staff_user", "product", "variant"}
    wide |= {"customer", "tax_rate", "barcode", "media"}
    local = {"sales_order", "order_line", "fulfillment", "shift"}

    for table in tables_in_order():
        for reference in table.references:
            assert reference.table in wide | local | {"import_run"}, (table.name, reference.table)


def test_a_nameless_user_is_refused(shop: Shop) -> None:
    with pytest.raises(Rejected) as refused:
        shop.do(AddUser(user_id=shop.owner_id, name=" ", role=Role.OWNER))

    assert (refused.value.code, refused.value.field) == ("name_missing", "name")
