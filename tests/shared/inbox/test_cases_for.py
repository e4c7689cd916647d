"""Whom a case concerns: tills, stations, people; and settling what others settled or never had."""

from dataclasses import dataclass, replace

import pytest

from shared.inbox.commands import AssignCase, Resolution, SettleCase
from shared.inbox.model import GOODS_COMMANDS, Viewer
from shared.inbox.queries import case_list, cases_for, open_cases
from shared.inbox.tables import CaseRow, CaseState
from shared.kernel.ids import CaseId, CommandId, DeviceId, LocationId, RegisterId, UserId, new_id
from shared.kernel.messages import OutcomeState
from shared.organization.commands import (
    AddLocation,
    AddRegister,
    RegisterDevice,
    Workspace,
)
from shared.runtime.registry import COMMANDS
from shared.storage.unit_of_work import UnitOfWork
from tests.support.shop import Shop, empty_sqlite


@dataclass(frozen=True)
class Place:
    """A device where it stands."""

    device_id: DeviceId
    location_id: LocationId
    register_id: RegisterId | None


class Chain:
    """A shop with two tills and a table in Main Street, a till and a table elsewhere, an office."""

    def __init__(self) -> None:
        self.shop = Shop(empty_sqlite())
        self.here = self.shop.location_id
        self.there = LocationId(new_id())
        self.shop.do(
            AddLocation(
                location_id=self.there, store_id=self.shop.store_id, name="Harbour", code="HB"
            )
        )
        self.till = self._device(Workspace.KIOSK, self.here, self.shop.register_id)
        self.second = self._device(Workspace.KIOSK, self.here, self._register("K2", self.here))
        self.far = self._device(Workspace.KIOSK, self.there, self._register("K3", self.there))
        self.table = self._device(Workspace.FULFILLMENT, self.here, None)
        self.far_table = self._device(Workspace.FULFILLMENT, self.there, None)
        self._count = 0

    def _register(self, code: str, location_id: LocationId) -> RegisterId:
        register_id = RegisterId(new_id())
        self.shop.do(
            AddRegister(register_id=register_id, location_id=location_id, name=code, code=code)
        )
        return register_id

    def _device(
        self, workspace: Workspace, location_id: LocationId, register_id: RegisterId | None
    ) -> Place:
        device_id = DeviceId(new_id())
        self.shop.do(
            RegisterDevice(
                device_id=device_id,
                name=workspace.value,
                workspace=workspace,
                location_id=location_id,
                register_id=register_id,
            )
        )
        return Place(device_id, location_id, register_id)

    def case(
        self,
        code: str,
        command: str,
        at: Place | None,
        *,
        owner_id: UserId | None = None,
    ) -> str:
        """An open case of a device; without a place it is the back office's."""
        self._count += 1
        row = CaseRow(
            case_id=CaseId(new_id()),
            code=code,
            field=None,
            params={},
            command_id=CommandId(new_id()),
            command_name=command,
            is_fact=True,
            device_id=None if at is None else at.device_id,
            location_id=None if at is None else at.location_id,
            actor_id=self.shop.cashier_id,
            opened_at=self.shop.clock.now(),
            state=CaseState.OPEN,
            owner_id=owner_id,
            resolution=None,
            settled_at=None,
            settled_by=None,
            note="",
        )
        with self.shop.connection.begin():
            work = UnitOfWork(self.shop.connection)
            work.insert(row)
            work.flush()
        return row.case_id

    def seen(self, viewer: Viewer) -> set[str]:
        """The cases that a viewer is shown."""
        return set(self.shop.fetch(cases_for, viewer))

    def at_till(self, place: Place, user_id: UserId, *, may_settle: bool = False) -> Viewer:
        """Somebody at a till."""
        return Viewer(
            workspace=Workspace.KIOSK,
            device_id=place.device_id,
            location_id=place.location_id,
            register_id=place.register_id,
            user_id=user_id,
            may_settle=may_settle,
        )

    def at_table(self, place: Place, user_id: UserId) -> Viewer:
        """Somebody at a packing table."""
        return Viewer(
            workspace=Workspace.FULFILLMENT,
            device_id=place.device_id,
            location_id=place.location_id,
            user_id=user_id,
        )


@pytest.fixture
def chain() -> Chain:
    return Chain()


def test_a_cashier_sees_what_this_till_brought_about_and_what_is_theirs(chain: Chain) -> None:
    carl = chain.shop.cashier_id
    mine = chain.case("stock_oversold", "complete_sale", chain.till)
    chain.case("stock_oversold", "complete_sale", chain.second)
    chain.case("picked_short", "report_short", chain.table)
    chain.case("price_negative", "change_price", None)
    given = chain.case("receipt_number_gap", "complete_sale", chain.far, owner_id=carl)

    assert chain.seen(chain.at_till(chain.till, carl)) == {mine, given}
    assert chain.seen(chain.at_till(chain.till, chain.shop.picker_id)) == {mine}


def test_a_new_machine_at_a_register_shows_what_the_one_before_left(chain: Chain) -> None:
    left = chain.case("stock_oversold", "complete_sale", chain.till)
    successor = replace(chain.till, device_id=DeviceId(new_id()))

    assert chain.seen(chain.at_till(successor, chain.shop.cashier_id)) == {left}


def test_whoever_may_settle_sees_all_tills_of_the_shop_but_of_no_other(chain: Chain) -> None:
    cases = [
        chain.case("stock_oversold", "complete_sale", till)
        for till in (chain.till, chain.second, chain.far)
    ]
    chain.case("picked_short", "report_short", chain.table)

    olga = chain.at_till(chain.till, chain.shop.owner_id, may_settle=True)
    assert chain.seen(olga) == set(cases[:2])


def test_a_table_shows_what_concerns_goods_at_its_location(chain: Chain) -> None:
    oversold = chain.case("stock_oversold", "complete_sale", chain.till)
    short = chain.case("picked_short", "report_short", chain.table)
    crashed = chain.case("command_crashed", "count_stock", chain.second)
    recalled = chain.case("fulfillment_canceled_underway", "cancel_order", None)
    chain.case("receipt_number_gap", "complete_sale", chain.till)
    chain.case("picked_short", "report_short", chain.far_table)
    chain.case("price_negative", "change_price", None)

    pia = chain.at_table(chain.table, chain.shop.picker_id)
    assert chain.seen(pia) == {oversold, short, crashed, recalled}


def test_the_back_office_sees_all_and_nobody_sees_what_is_settled(chain: Chain) -> None:
    first = chain.case("stock_oversold", "complete_sale", chain.till)
    second = chain.case("price_negative", "change_price", None)
    office = Viewer(workspace=Workspace.MERCHANT, device_id=DeviceId(new_id()))
    assert chain.shop.fetch(cases_for, office) == [first, second]

    chain.shop.do(SettleCase(case_id=CaseId(first), resolution=Resolution.ACCEPTED))
    assert chain.seen(office) == {second}
    assert chain.seen(chain.at_till(chain.till, chain.shop.cashier_id)) == set()


def test_rows_come_for_the_ids_that_are_still_there(chain: Chain) -> None:
    case_id = chain.case("stock_oversold", "complete_sale", chain.till)
    (found,) = chain.shop.fetch(case_list, [case_id, new_id()])
    assert found.case_id == case_id


def test_every_command_about_goods_is_one() -> None:
    assert {command.NAME for command in COMMANDS} >= GOODS_COMMANDS


# -- the same case, settled in two places or opened in one only


def test_settling_what_the_server_never_opened_leaves_nothing_to_do(chain: Chain) -> None:
    gone = CaseId(new_id())
    for command in (
        SettleCase(case_id=gone, resolution=Resolution.ACCEPTED),
        AssignCase(case_id=gone, owner_id=chain.shop.owner_id),
    ):
        assert chain.shop.decide(command).state is OutcomeState.APPLIED
    assert chain.shop.fetch(open_cases) == ()


def test_two_people_who_settle_alike_make_no_new_case(chain: Chain) -> None:
    case_id = CaseId(chain.case("stock_oversold", "complete_sale", chain.till))
    accept = SettleCase(case_id=case_id, resolution=Resolution.ACCEPTED)
    chain.shop.decide(accept)

    assert chain.shop.decide(accept).state is OutcomeState.APPLIED
    assert chain.shop.fetch(open_cases) == ()


def test_who_settles_otherwise_or_with_other_words_is_told(chain: Chain) -> None:
    case_id = CaseId(chain.case("stock_oversold", "complete_sale", chain.till))
    chain.shop.decide(SettleCase(case_id=case_id, resolution=Resolution.ACCEPTED))

    for other in (
        SettleCase(case_id=case_id, resolution=Resolution.REVERSED),
        SettleCase(case_id=case_id, resolution=Resolution.ACCEPTED, note="Counted"),
    ):
        outcome = chain.shop.decide(other)
        assert (outcome.state, outcome.code) == (OutcomeState.REJECTED, "case_settled_already")
