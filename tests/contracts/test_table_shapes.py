"""What a generation of devices that is still served knows of tables is never taken from it."""

from copy import deepcopy

import pytest

from tests.contracts.kept_devices import generations
from tests.contracts.table_shapes import SERVED, Shapes, breaches, kept_shapes, shapes_now


def test_nothing_that_a_served_generation_knows_was_taken_away_or_made_stricter() -> None:
    now = shapes_now()
    found = {folder.name: breaches(kept_shapes(folder), now) for folder in generations()[-SERVED:]}

    assert not any(found.values()), found


def test_the_newest_generation_has_the_tables_of_this_program() -> None:
    again = "tables changed: run python -m tests.contracts.kept_devices, and keep its folder"

    assert kept_shapes(generations()[-1]) == shapes_now(), again


def without_table(now: Shapes) -> None:
    del now["customer"]


def without_column(now: Shapes) -> None:
    del now["customer"].columns["note"]


def of_another_kind(now: Shapes) -> None:
    now["customer"].columns["note"].kind = "int"


def of_another_form(now: Shapes) -> None:
    now["customer"].columns["addresses"].form = "another"


def required(now: Shapes) -> None:
    now["customer"].columns["code"].is_nullable = False


def no_longer_required(now: Shapes) -> None:
    now["customer"].columns["note"].is_nullable = True


def with_another_value(now: Shapes) -> None:
    now["device"].columns["workspace"].values.append("drone")


def with_another_key(now: Shapes) -> None:
    now["customer"].key = ["code"]


def with_another_check(now: Shapes) -> None:
    now["variant"].checks["variant_price_not_negative"] = "price_amount > 0"


def with_a_column_of_no_default(now: Shapes) -> None:
    now["customer"].columns["fax"] = deepcopy(now["customer"].columns["note"])


@pytest.mark.parametrize(
    "sin",
    [
        without_table,
        without_column,
        of_another_kind,
        of_another_form,
        required,
        no_longer_required,
        with_another_value,
        with_another_key,
        with_another_check,
        with_a_column_of_no_default,
    ],
    ids=lambda sin: sin.__name__,
)
def test_every_way_to_leave_an_older_device_behind_is_found(sin: object) -> None:
    served, now = shapes_now(), shapes_now()
    assert callable(sin)
    sin(now)

    assert len(breaches(served, now)) == 1


def test_what_the_rules_allow_is_no_breach() -> None:
    served, now = shapes_now(), shapes_now()
    customer = now["customer"]
    customer.columns["fax"] = deepcopy(customer.columns["note"])
    customer.later.append("fax")
    customer.checks["customer_fax_is_short"] = "length(fax) < 40"
    now["gift_card"] = deepcopy(now["tax_rate"])

    assert breaches(served, now) == []
