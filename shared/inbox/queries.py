"""Read models of the inbox."""

from collections.abc import Sequence

import sqlalchemy as sa

from shared.inbox.model import GOODS_CODES, GOODS_COMMANDS, PARCEL_CODES, Viewer
from shared.inbox.tables import CASE, CaseRow, CaseState
from shared.kernel.ids import CaseId
from shared.organization.commands import Workspace
from shared.organization.tables import DEVICE
from shared.storage.reader import Reader


def open_cases(reader: Reader, *, limit: int = 500) -> tuple[CaseRow, ...]:
    """Cases that wait for a person, oldest first."""
    return tuple(
        reader.find(
            CaseRow,
            CASE.c.state == CaseState.OPEN,
            order_by=(CASE.c.opened_at, CASE.c.case_id),
            limit=limit,
        )
    )


def settled_cases(reader: Reader, *, limit: int = 200) -> tuple[CaseRow, ...]:
    """Cases that somebody settled, latest first."""
    return tuple(
        reader.find(
            CaseRow,
            CASE.c.state == CaseState.SETTLED,
            order_by=(CASE.c.settled_at.desc(), CASE.c.case_id),
            limit=limit,
        )
    )


def cases_for(reader: Reader, viewer: Viewer) -> list[CaseId]:
    """The ids of open cases that concern a viewer, oldest first; rows come by `case_list`.

    The back office sees all. A till shows what it or its register brought about and, to whoever may
    settle, what other tills of its location did; a packing station shows its own and what concerns
    goods at its location. What a person was made responsible for is shown wherever they work.
    """
    is_for = sa.or_(*_concerning(viewer))
    wanted = sa.select(CASE.c.case_id).where(CASE.c.state == CaseState.OPEN, is_for)
    return reader.column(wanted.order_by(CASE.c.opened_at, CASE.c.case_id))


def case_list(reader: Reader, case_ids: Sequence[str]) -> tuple[CaseRow, ...]:
    """The cases with those ids, in no order; those that are gone are left out."""
    return tuple(reader.find(CaseRow, CASE.c.case_id.in_(case_ids)))


def _concerning(viewer: Viewer) -> list[sa.ColumnElement[bool]]:
    """What makes a case one for a viewer; any of these is enough."""
    if viewer.workspace is Workspace.MERCHANT:
        return [sa.true()]
    reasons = [CASE.c.device_id == viewer.device_id]
    if viewer.user_id is not None:
        reasons.append(CASE.c.owner_id == viewer.user_id)
    if viewer.workspace is Workspace.KIOSK:
        return [*reasons, *_at_tills(viewer)]
    return [*reasons, *_about_goods(viewer)]


def _at_tills(viewer: Viewer) -> list[sa.ColumnElement[bool]]:
    """A register outlives its machines, and whoever may settle looks after all tills of a shop."""
    reasons: list[sa.ColumnElement[bool]] = []
    if viewer.register_id is not None:
        same_till = sa.select(DEVICE.c.device_id).where(DEVICE.c.register_id == viewer.register_id)
        reasons.append(CASE.c.device_id.in_(same_till))
    if viewer.may_settle and viewer.location_id is not None:
        tills = sa.select(DEVICE.c.device_id).where(
            DEVICE.c.location_id == viewer.location_id, DEVICE.c.workspace == Workspace.KIOSK
        )
        reasons.append(CASE.c.device_id.in_(tills))
    return reasons


def _about_goods(viewer: Viewer) -> list[sa.ColumnElement[bool]]:
    placeless = sa.and_(CASE.c.location_id.is_(None), CASE.c.code.in_(sorted(PARCEL_CODES)))
    if viewer.location_id is None:
        return [placeless]
    is_goods = sa.or_(
        CASE.c.code.in_(sorted(GOODS_CODES)), CASE.c.command_name.in_(sorted(GOODS_COMMANDS))
    )
    return [placeless, sa.and_(CASE.c.location_id == viewer.location_id, is_goods)]
