"""How far a parcel is, and what may be done with it now; pure."""

from dataclasses import dataclass

from desktop.workspaces.fulfillment.parcel.rows import LineRow, line_row, line_to_put_back
from desktop.workspaces.fulfillment.quantities import done_qty, units_of, whole_qty
from desktop.workspaces.fulfillment.verify import Step, left_of
from shared.fulfillment.commands import FulfillmentState
from shared.fulfillment.queries import Delivery, PickRow

_BEFORE_PACKING = frozenset({FulfillmentState.OPEN, FulfillmentState.PICKING})
_OVER = frozenset({FulfillmentState.SHIPPED, FulfillmentState.CANCELED})
_WITH_SLIP = frozenset({FulfillmentState.PACKED, FulfillmentState.SHIPPED})


@dataclass(frozen=True, slots=True)
class Standing:
    """A parcel as it was loaded last (None before that), and the line chosen by hand."""

    delivery: Delivery | None = None
    chosen_id: str | None = None

    @property
    def lines(self) -> tuple[PickRow, ...]:
        """The lines of the parcel."""
        return () if self.delivery is None else self.delivery.lines

    @property
    def state(self) -> FulfillmentState:
        """How far the parcel is."""
        if self.delivery is None:
            return FulfillmentState.OPEN
        return self.delivery.fulfillment.state

    @property
    def step(self) -> Step:
        """What is done with the goods now."""
        return Step.PICK if self.state in _BEFORE_PACKING else Step.PACK

    @property
    def is_canceled(self) -> bool:
        """Whether the order was called off."""
        return self.state is FulfillmentState.CANCELED

    @property
    def steps_done(self) -> int:
        """How many of the three steps are done."""
        if self.delivery is None:
            return 0
        row = self.delivery.fulfillment
        return sum(at is not None for at in (row.picked_at, row.packed_at, row.shipped_at))

    @property
    def is_to_ship(self) -> bool:
        """Whether only the hand-over is left."""
        return self.state is FulfillmentState.PACKED

    @property
    def is_empty(self) -> bool:
        """Whether all of it is missing, so that only the back office can go on."""
        return self.state is FulfillmentState.PICKED and not self.progress[1]

    @property
    def can_go_on(self) -> bool:
        """Whether nothing is left to do with this parcel, so that the next one may come."""
        return self.state in _OVER or self.is_empty

    @property
    def rows(self) -> tuple[LineRow, ...]:
        """The lines as the list shows them."""
        if self.is_canceled:
            return tuple(line_to_put_back(line) for line in self.lines)
        return tuple(line_row(line, self.step) for line in self.lines)

    @property
    def progress(self) -> tuple[int, int]:
        """Units done and units in all, of the step at hand."""
        wholes = [(line, whole_qty(line, self.step)) for line in self.lines]
        done = sum(units_of(line, done_qty(line, self.step), of=whole) for line, whole in wholes)
        return done, sum(units_of(line, whole, of=whole) for line, whole in wholes)

    @property
    def waiting(self) -> tuple[PickRow, ...]:
        """The lines that something is left to do with."""
        if self.state in _OVER:
            return ()
        return tuple(line for line in self.lines if left_of(line, self.step))

    @property
    def line(self) -> PickRow | None:
        """The line to be worked on: the one chosen while it is open, else the first open one."""
        chosen = [line for line in self.waiting if line.order_line_id == self.chosen_id]
        return next(iter(chosen or self.waiting), None)

    @property
    def can_short(self) -> bool:
        """Whether something may be reported missing."""
        return self.state is FulfillmentState.PICKING and self.line is not None

    @property
    def can_print(self) -> bool:
        """Whether there is a packing slip to print."""
        return self.state in _WITH_SLIP

    def picked_by_other(self, user_id: str | None) -> bool:
        """Whether somebody else is picking this parcel."""
        if self.delivery is None or self.state is not FulfillmentState.PICKING:
            return False
        return self.delivery.fulfillment.picker_id not in {None, user_id}
