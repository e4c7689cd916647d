"""Samples for the gallery: rows, chips, moments, fields; made up, in plain words per language."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from desktop.ui.columns import Badge, Column, Kind, fixed, stretch
from desktop.ui.fields import Choice, FieldKind, FieldSpec, Section
from desktop.ui.status_strip import Chip, Severity
from desktop.ui.theme import Tone
from desktop.ui.timeline import Moment

NOW = datetime(2026, 11, 23, 10, 24, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class SampleRow:
    """A product as a list shows it."""

    id: str
    name: str
    sku: str
    state: str
    on_hand_qty: int
    digits: int
    unit: str
    price_amount: int
    currency: str
    changed_on: date


_NAMES = (
    "Organic green tea",
    "Merino crew-neck sweater",
    "Ceramic pour-over coffee dripper, matt white",
    "Olivenöl extra vergine aus erster Kaltpressung, Sonderabfüllung 2026",
    "قميص قطني بأكمام طويلة",
    "Ελαιόλαδο εξαιρετικό παρθένο",
    "Рубашка льняная белая",
    "Oat flakes, loose",
    "Linen tea towel",
    "Beeswax candle",
)
# Which of the names is sold by weight.
_LOOSE = 7
_STATES = ("active", "active", "draft", "active", "out", "active", "low")


def sample_rows(count: int) -> list[SampleRow]:
    """Make some products."""
    return [
        SampleRow(
            id=f"row-{at}",
            name=_NAMES[at % len(_NAMES)],
            sku=f"SKU-{10_000 + at * 37}",
            state=_STATES[at % len(_STATES)],
            on_hand_qty=1250 * at if at % 10 == _LOOSE else (at * 13) % 240,
            digits=3 if at % 10 == _LOOSE else 0,
            unit="kg" if at % 10 == _LOOSE else "",
            price_amount=399 + (at * 7919) % 180_000,
            currency="EUR",
            changed_on=(NOW - timedelta(days=at)).date(),
        )
        for at in range(count)
    ]


def sample_columns() -> tuple[Column, ...]:
    """Give the columns of the products."""
    badges = {
        "active": Badge("gallery.active", Tone.OK, "circle-check"),
        "draft": Badge("gallery.draft", Tone.NEUTRAL, "pencil"),
        "low": Badge("gallery.low", Tone.WARN, "triangle-alert"),
        "out": Badge("gallery.out", Tone.DANGER, "circle-alert"),
    }
    return (
        Column(key="sku", title_key="", kind=Kind.IMAGE, width=fixed(4), value=_no_picture),
        Column(
            key="name",
            title_key="gallery.product",
            width=stretch(2),
            strong=True,
            detail="sku",
            sort="name",
        ),
        Column(key="state", title_key="gallery.state", kind=Kind.BADGE, badges=badges),
        Column(
            key="on_hand_qty",
            title_key="gallery.on_hand",
            kind=Kind.QTY,
            digits=".digits",
            unit=".unit",
            sort="qty",
        ),
        Column(key="changed_on", title_key="gallery.changed", kind=Kind.DATE, muted=True),
        Column(key="price_amount", title_key="gallery.price", kind=Kind.MONEY, sort="price"),
    )


def _no_picture(_row: SampleRow) -> str:
    return "none"


_FIELDS = (
    FieldSpec(key="name", label_key="gallery.product", is_required=True, longest=80),
    FieldSpec(
        key="price",
        label_key="gallery.price",
        kind=FieldKind.MONEY,
        currency="EUR",
        help_key="gallery.price.help",
        is_half=True,
    ),
    FieldSpec(
        key="weight",
        label_key="gallery.weight",
        kind=FieldKind.QUANTITY,
        digits=3,
        unit="kg",
        is_half=True,
    ),
    FieldSpec(
        key="tax",
        label_key="gallery.tax",
        kind=FieldKind.CHOICE,
        choices=(Choice("std", "19 %"), Choice("low", "7 %")),
        is_half=True,
    ),
    FieldSpec(key="from", label_key="gallery.from", kind=FieldKind.DATE, is_half=True),
    FieldSpec(key="tags", label_key="gallery.tags", kind=FieldKind.TAGS),
    FieldSpec(key="text", label_key="gallery.text", kind=FieldKind.MULTILINE),
    FieldSpec(key="picture", label_key="ui.image", kind=FieldKind.IMAGE),
    FieldSpec(
        key="online",
        label_key="gallery.online",
        kind=FieldKind.SWITCH,
        help_key="gallery.online.help",
    ),
    FieldSpec(key="secret", label_key="gallery.secret", kind=FieldKind.SECRET, is_half=True),
    FieldSpec(key="pin", label_key="gallery.pin", kind=FieldKind.PIN, is_half=True),
)


def sample_fields() -> list[Section]:
    """Give a form with every kind of field."""
    return [Section("gallery.form.main", _FIELDS)]


def sample_chips(words: dict[str, str]) -> list[Chip]:
    """Give the chips of a till's status strip."""
    return [
        Chip("cashier", "users", words["cashier"]),
        Chip("network", "cloud-off", words["offline"], Severity.DEGRADED),
        Chip("unsynced", "cloud-upload", words["unsynced"], Severity.DEGRADED, "12"),
        Chip("printer", "printer", words["printer"], Severity.DANGER),
        Chip("terminal", "credit-card", words["terminal"]),
    ]


def sample_moments(words: dict[str, str]) -> list[Moment]:
    """Give the history of an order."""
    return [
        Moment(words["shipped"], "10:24", "DHL 0034 0434 1234", "truck", Tone.OK),
        Moment(words["packed"], "09:58", "", "package", Tone.ACCENT),
        Moment(words["refused"], "09:12", words["refused_text"], "circle-x", Tone.DANGER),
        Moment(words["placed"], "08:41", "", "shopping-cart"),
    ]
