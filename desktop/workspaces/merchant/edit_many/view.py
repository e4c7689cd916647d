"""The sheet in which many products are changed at once, with what comes of it before it is done."""

from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QWidget

from desktop.ui import i18n, theme
from desktop.ui.binding import connect
from desktop.ui.button import Button, Look
from desktop.ui.card import Card
from desktop.ui.editors import connect_edited
from desktop.ui.fields import Choice, FieldKind, FieldSpec
from desktop.ui.figure_field import FigureField
from desktop.ui.forms import Form
from desktop.ui.key_hint import key_words
from desktop.ui.label import Label, Role
from desktop.ui.sheet import Sheet
from desktop.ui.theme import Tone
from desktop.workspaces.merchant.edit_many.rows import PERCENT_WAYS, Aim, Way, aims, roundings
from desktop.workspaces.merchant.edit_many.view_model import EditManyViewModel
from desktop.workspaces.merchant.parts.lists.view import ShortTable
from desktop.workspaces.merchant.words import PRODUCT_BADGES
from shared.catalog.commands import ProductStatus
from shared.kernel.errors import Rejected

_SHOWN = 4
_PRICE_FIELDS = ("way", "by", "rounding", "keeps_old_price")
_FIELDS: dict[Aim, tuple[str, ...]] = {
    Aim.PRICE: _PRICE_FIELDS,
    Aim.STATUS: ("status",),
    Aim.TAX: ("tax",),
    Aim.VENDOR: ("vendor",),
    Aim.TYPE: ("type",),
    Aim.TAGS_ADDED: ("tags",),
    Aim.TAGS_REMOVED: ("tags",),
}


class EditManySheet(Sheet):
    """Asks what to change, shows what will, and does it; closes once it is done."""

    def __init__(self, anchor: QWidget, view_model: EditManyViewModel) -> None:
        super().__init__(anchor, width=theme.current().density.type.base * 44)
        self._vm = view_model
        view_model.setParent(self)
        title = i18n.tr("merchant.edit_many.title", count=view_model.count)
        self.setAccessibleName(title)
        self.form = Form(_fields(view_model))
        self._effect = Label("", Role.STRONG, wraps=True)
        self._impossible = Label("", Role.BODY, wraps=True)
        self._impossible.set_tone(Tone.WARN)
        examples = i18n.tr("merchant.edit_many.examples")
        self._examples = ShortTable(view_model.examples, name=examples, most=_SHOWN)
        self._card = Card(flush=True)
        self._bar = QProgressBar()
        self._stop = Button(i18n.tr("ui.cancel"), name=_with_keys(i18n.tr("ui.cancel"), "Esc"))
        self._go = Button(look=Look.PRIMARY)
        self._lay(title)
        self._join()
        self._replan()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Ctrl+S does it, wherever the focus is."""
        if event.matches(QKeySequence.StandardKey.Save):
            self._vm.apply()
        super().keyPressEvent(event)

    def cancel(self) -> None:
        """Close, unless the edits are being made."""
        if not self._vm.busy:
            super().cancel()

    def show_rejected(self, error: Rejected) -> None:
        """Show a refusal at its field, or above the form."""
        self.form.show_rejected(error)

    # -- inside

    def _lay(self, title: str) -> None:
        self._bar.setTextVisible(False)
        self._bar.setRange(0, 1000)
        self._bar.setAccessibleName(i18n.tr("merchant.edit_many.progress"))
        self.body.addWidget(Label(title, Role.HEADING, wraps=True))
        self.body.addSpacing(theme.S1)
        self._card.body.addWidget(self._examples)
        for part in (self.form, self._effect, self._impossible, self._card, self._bar):
            self.body.addWidget(part)
        self.body.addSpacing(theme.S1)
        row = QHBoxLayout()
        row.setSpacing(theme.S2)
        row.addStretch()
        row.addWidget(self._stop)
        row.addWidget(self._go)
        self.body.addLayout(row)

    def _join(self) -> None:
        for key in ("aim", *_PRICE_FIELDS, "status", "tax", "vendor", "type", "tags"):
            connect_edited(self.form.field(key).editor, self._replan)
        connect(self.form.submitted, self._vm.apply)
        connect(self.form.cancelled, self.cancel)
        connect(self._stop.clicked, self.cancel)
        connect(self._go.clicked, self._vm.apply)
        connect(self._vm.changed, self._show)
        connect(self._vm.rejected, self.show_rejected)

    def _replan(self) -> None:
        values = self.form.values_as_typed()
        aim, way = Aim(str(values["aim"])), Way(str(values["way"]))
        shown = set(_FIELDS[aim])
        if way is Way.SET:
            shown -= {"rounding"}
        for key in {key for keys in _FIELDS.values() for key in keys}:
            self.form.field(key).setVisible(key in shown)
        self._use_unit(way)
        self._vm.show(aim, self.form.values_as_typed())

    def _use_unit(self, way: Way) -> None:
        editor = self.form.field("by").editor
        if isinstance(editor, FigureField):
            currency = self._vm.office.currency
            if way in PERCENT_WAYS:
                editor.set_unit(2, "%")
            else:
                editor.set_unit(i18n.minor_digits(currency), i18n.currency_sign(currency))

    def _show(self) -> None:
        vm = self._vm
        if vm.made is not None:
            self.finish(vm.made)
            return
        self._effect.setText(vm.effect_text)
        self._impossible.setText(vm.impossible_text)
        self._impossible.setVisible(bool(vm.impossible_text))
        self._card.setVisible(vm.examples.rowCount() > 0)
        self._bar.setVisible(vm.busy)
        self._bar.setValue(vm.progress)
        edits = 0 if vm.plan is None else vm.plan.edits
        words = i18n.tr("merchant.edit_many.apply", count=edits)
        self._go.setText(words.replace("&", "&&"))
        self._go.setAccessibleName(words)
        self._go.setToolTip(_with_keys(words, "Ctrl+S"))
        self._go.setEnabled(vm.can_apply)
        self.form.setEnabled(not vm.busy)
        self._stop.setEnabled(not vm.busy)


def _fields(vm: EditManyViewModel) -> list[FieldSpec]:
    office, label = vm.office, "merchant.edit_many"
    aim_choices = [Choice(aim, i18n.tr(f"{label}.aim.{aim}")) for aim in aims(office.allowed)]
    ways = [Choice(way, i18n.tr(f"{label}.way.{way}")) for way in Way]
    statuses = [Choice(each, i18n.tr(PRODUCT_BADGES[each].text_key)) for each in ProductStatus]
    rates = [Choice(rate.code, rate.name) for rate in office.rates]
    return [
        _choice("aim", f"{label}.aim", aim_choices),
        _choice("way", f"{label}.way", ways),
        FieldSpec(
            key="by", label_key=f"{label}.by", kind=FieldKind.QUANTITY, unit="%", is_half=True
        ),
        _choice("rounding", f"{label}.rounding", roundings(office.currency)),
        FieldSpec(
            key="keeps_old_price", label_key=f"{label}.keeps_old_price", kind=FieldKind.SWITCH
        ),
        _choice("status", "merchant.product.status", statuses),
        _choice("tax", "merchant.variant.tax_code", rates),
        FieldSpec(key="vendor", label_key="merchant.product.vendor", longest=120),
        FieldSpec(key="type", label_key="merchant.product.type", longest=120),
        FieldSpec(key="tags", label_key="merchant.product.tags", kind=FieldKind.TAGS),
    ]


def _choice(key: str, label_key: str, choices: list[Choice]) -> FieldSpec:
    return FieldSpec(
        key=key,
        label_key=label_key,
        kind=FieldKind.CHOICE,
        choices=choices,
        is_half=key == "way",
    )


def _with_keys(words: str, keys: str) -> str:
    return f"{words}  ({'+'.join(key_words(keys))})"
