"""Read models of the inbox."""

from shared.inbox.tables import CASE, CaseRow, CaseState
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
