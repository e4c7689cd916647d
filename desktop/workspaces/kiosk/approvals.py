"""Who allowed what in an open cart: each discount and each price has an approval of its own."""

from dataclasses import dataclass
from enum import StrEnum

from shared.kernel.ids import UserId


class Given(StrEnum):
    """What somebody may have to allow."""

    LINE_DISCOUNT = "line_discount"
    ORDER_DISCOUNT = "order_discount"
    PRICE = "price"


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """Who allowed what; `line_id` is empty for a discount on everything."""

    given: Given
    line_id: str = ""
    approver_id: UserId


def renewed(
    approvals: tuple[Approval, ...],
    given: Given,
    *,
    approver_id: UserId | None,
    line_id: str = "",
) -> tuple[Approval, ...]:
    """The approvals with who allows this now; who allowed what stood there before is let go."""
    kept = tuple(each for each in approvals if (each.given, each.line_id) != (given, line_id))
    if approver_id is None:
        return kept
    return (*kept, Approval(given=given, line_id=line_id, approver_id=approver_id))
