"""Rows of a parcel's lines and how they are shown."""

from dataclasses import dataclass

from desktop.ui.columns import Badge, Column, Kind, fixed, stretch
from desktop.ui.tokens import Tone
from desktop.workspaces.fulfillment.quantities import (
    done_qty,
    done_words,
    qty_words,
    whole_qty,
)
from desktop.workspaces.fulfillment.verify import Step, left_of
from shared.fulfillment.queries import PickRow


@dataclass(frozen=True, slots=True)
class LineRow:
    """One line of the parcel as the list shows it."""

    id: str
    title: str
    sku: str
    count: str
    state: str


def line_row(line: PickRow, step: Step) -> LineRow:
    """What the list shows of a line while picking or packing."""
    done = done_qty(line, step)
    whole = line.qty if step is Step.PICK else whole_qty(line, step)
    return LineRow(
        id=line.order_line_id,
        title=line.title,
        sku=line.sku or "",
        count=done_words(line, done, whole),
        state=_state(line, step, done),
    )


def line_to_put_back(line: PickRow) -> LineRow:
    """What the list shows of a line once the order is canceled: what goes back to the shelf."""
    return LineRow(
        id=line.order_line_id,
        title=line.title,
        sku=line.sku or "",
        count=qty_words(line, line.picked_qty),
        state="back" if line.picked_qty else "none",
    )


def _state(line: PickRow, step: Step, done: int) -> str:
    if left_of(line, step):
        return "begun" if done else "open"
    return "short" if line.short_qty else "done"


COLUMNS = (
    Column(
        key="title", title_key="fulfillment.line", width=stretch(3, 16), detail="sku", strong=True
    ),
    Column(key="count", title_key="fulfillment.units", kind=Kind.NUMBER, width=fixed(13)),
    Column(
        key="state",
        title_key="fulfillment.state",
        kind=Kind.BADGE,
        width=fixed(12),
        badges={
            "open": Badge("fulfillment.line.open", Tone.NEUTRAL, "circle"),
            "begun": Badge("fulfillment.line.begun", Tone.ACCENT, "circle-dot"),
            "back": Badge("fulfillment.line.back", Tone.WARN, "undo-2"),
            "none": Badge("fulfillment.line.none", Tone.NEUTRAL, "ban"),
            "done": Badge("fulfillment.line.done", Tone.OK, "circle-check"),
            "short": Badge("fulfillment.line.short", Tone.WARN, "triangle-alert"),
        },
    ),
)
