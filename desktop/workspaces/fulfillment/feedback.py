"""What the station says about a scan: a headline to be read from a step away, and what to do."""

from dataclasses import dataclass
from pathlib import Path

from desktop.ui.i18n import has_text, tr
from desktop.ui.tokens import Tone
from desktop.workspaces.fulfillment.quantities import qty_words, whole_qty
from desktop.workspaces.fulfillment.verify import Finding, Step, Verdict
from shared.fulfillment.commands import FulfillmentState
from shared.fulfillment.queries import PickRow
from shared.kernel.errors import Rejected


@dataclass(frozen=True, slots=True)
class Message:
    """The last thing that happened; shown large until the next scan."""

    head: str
    text: str
    tone: Tone
    icon: str


NOTHING = Message("", "", Tone.NEUTRAL, "")


def ready(state: FulfillmentState) -> Message:
    """What to scan now."""
    step = {FulfillmentState.PICKED: "pack", FulfillmentState.PACKED: "ship"}.get(state, "pick")
    return Message(
        tr(f"fulfillment.ready.{step}"),
        tr(f"fulfillment.ready.{step}.text"),
        Tone.ACCENT,
        "scan-barcode",
    )


def counted(verdict: Verdict, line: PickRow, step: Step) -> Message:
    """Units were counted."""
    left = verdict.left_qty - verdict.qty
    whole = whole_qty(line, step)
    key = "fulfillment.counted.last" if left == 0 else "fulfillment.counted"
    text = tr(
        key,
        done=qty_words(line, whole - left, has_unit=False),
        whole=qty_words(line, whole),
        left=qty_words(line, left),
    )
    if verdict.qty > 1 and not line.is_weighed:
        text = f"{tr('fulfillment.counted.many', qty=verdict.qty)} {text}"
    return Message(line.title, text, Tone.OK, "circle-check")


def refused(verdict: Verdict, *, scanned_title: str, expected: PickRow | None) -> Message:
    """Nothing was counted, and why; `scanned_title` is what the code stands for, if known."""
    wanted = "" if expected is None else expected.title
    line = verdict.line
    if verdict.finding is Finding.WRONG or line is None:
        head = tr("fulfillment.wrong")
        if scanned_title:
            text = tr("fulfillment.wrong.known", scanned=scanned_title, expected=wanted)
        else:
            text = tr("fulfillment.wrong.unknown", code=verdict.code, expected=wanted)
    elif verdict.finding is Finding.COMPLETE:
        head = tr("fulfillment.complete", title=line.title)
        text = tr("fulfillment.complete.text", expected=wanted)
    elif verdict.finding is Finding.UNEVEN:
        decimals, unit = line.qty_exponent, line.unit_code
        return rejected(Rejected("quantity_too_precise", unit=unit, decimals=decimals))
    else:
        head = tr(
            "fulfillment.too_many",
            qty=qty_words(line, verdict.qty),
            left=qty_words(line, verdict.left_qty),
        )
        is_case = verdict.case_qty > 1
        key = "fulfillment.too_many.case" if is_case else "fulfillment.too_many.text"
        text = tr(key, case=verdict.case_qty)
    return Message(head, text, Tone.DANGER, "circle-x")


def not_a_label(code: str) -> Message:
    """Goods or a packing slip were scanned where a carrier's label is wanted."""
    return _no("fulfillment.not_a_label", code=code)


def label_used(order_number: str) -> Message:
    """The label is on another parcel already."""
    return _no("fulfillment.label_used", number=order_number)


def carrier_first(code: str) -> Message:
    """A label was scanned before anybody said whose it is; it is kept."""
    return Message(
        tr("fulfillment.carrier_first"),
        tr("fulfillment.carrier_first.text", code=code),
        Tone.WARN,
        "truck",
    )


def no_command(word: str) -> Message:
    """A command barcode that this station does not know."""
    return _no("fulfillment.no_command", code=word)


def not_now() -> Message:
    """A command that cannot be followed at this step."""
    return _no("fulfillment.not_now")


def nothing_to_scan() -> Message:
    """The parcel takes no more scans."""
    return _no("fulfillment.nothing_to_scan")


def rejected(error: Rejected) -> Message:
    """The business refused a step."""
    cure = f"error.{error.code}.cure"
    return Message(
        tr(f"error.{error.code}", **error.params),
        tr(cure, **error.params) if has_text(cure) else "",
        Tone.DANGER,
        "circle-x",
    )


def all_picked() -> Message:
    """Picking is done."""
    return _said("fulfillment.all_picked", Tone.OK, "package-open")


def all_packed() -> Message:
    """Packing is done."""
    return _said("fulfillment.all_packed", Tone.OK, "package-check")


def nothing_picked() -> Message:
    """All units of the parcel are missing."""
    return _said("fulfillment.nothing_picked", Tone.WARN, "triangle-alert")


def short_noted(line: PickRow) -> Message:
    """Missing units were reported."""
    return Message(
        tr("fulfillment.short_noted", title=line.title),
        tr("fulfillment.short_noted.text"),
        Tone.WARN,
        "triangle-alert",
    )


def canceled() -> Message:
    """The back office called the order off."""
    return _said("fulfillment.canceled", Tone.WARN, "ban")


def taken(picker_name: str) -> Message:
    """Somebody else began this parcel."""
    return Message(
        tr("fulfillment.taken", name=picker_name),
        tr("fulfillment.taken.text"),
        Tone.WARN,
        "users",
    )


def shipped(order_number: str) -> Message:
    """The parcel is gone."""
    return Message(
        tr("fulfillment.shipped", number=order_number),
        tr("fulfillment.shipped.text"),
        Tone.OK,
        "truck",
    )


def slip_saved(path: Path) -> Message:
    """The packing slip lies ready to be printed."""
    return Message(
        tr("fulfillment.slip_saved"),
        tr("fulfillment.slip_saved.text", path=path_words(path)),
        Tone.OK,
        "file-text",
    )


def path_words(path: Path) -> str:
    """A path that reads from left to right in every language."""
    return f"\u2066{path}\u2069"


def _said(key: str, tone: Tone, icon: str) -> Message:
    return Message(tr(key), tr(f"{key}.text"), tone, icon)


def _no(key: str, **params: str | int) -> Message:
    return Message(tr(key, **params), tr(f"{key}.text", **params), Tone.DANGER, "circle-x")
