"""The page on which a product is made."""

from collections.abc import Mapping

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from desktop.ui import i18n, tasks
from desktop.ui.actions import Action, ActionSet
from desktop.ui.binding import connect
from desktop.ui.button import Look
from desktop.ui.card import Card
from desktop.ui.dialogs import confirm
from desktop.ui.fields import Choice, FieldKind, FieldSpec, FieldValue, Section
from desktop.ui.forms import Form
from desktop.ui.label import Label, Role
from desktop.workspaces.merchant.new_product.view_model import (
    OPTIONS,
    NewProductViewModel,
    variant_count,
)
from desktop.workspaces.merchant.parts.inputs.view import edit
from desktop.workspaces.merchant.parts.page.view import Column, Page, TwoColumns
from desktop.workspaces.merchant.product.variants.view import variant_fields, variant_values
from desktop.workspaces.merchant.product.view import main_fields, side_fields
from shared.kernel.errors import Rejected
from shared.kernel.permissions import Permission

ACTIONS = (
    Action(
        id="new_product.create",
        text_key="merchant.product.create",
        intent="make",
        icon="check",
        keys=("Ctrl+S",),
        permission=Permission.CATALOG_EDIT,
        group_key="merchant.product",
        look=Look.PRIMARY,
    ),
    Action(
        id="new_product.back",
        text_key="merchant.back",
        intent="leave",
        icon="arrow-left",
        keys=("Esc", "Alt+Left"),
        group_key="merchant.product",
    ),
)


class NewProductPage(Page):
    """A form for one new product. Signal: `created(product_id)`."""

    created = Signal(str)

    def __init__(self, view_model: NewProductViewModel) -> None:
        super().__init__(i18n.tr("merchant.product.new"), can_go_back=True)
        self._vm = view_model
        view_model.setParent(self)
        office = view_model.office
        self._rates = [Choice(rate.code, rate.name) for rate in office.rates]
        self._main = Form(main_fields())
        self._side = Form(side_fields())
        self._selling = Form(variant_fields((), self._rates, office.currency))
        self._options = Form(_option_sections())
        self._count = Label("", Role.MUTED, wraps=True)
        self.actions_set: ActionSet = ActionSet(
            ACTIONS, target=self, widget=self, allowed=office.allowed
        )
        self._lay()
        for form in self._forms():
            connect(form.submitted, self._submit)
            connect(form.dirty_changed, self._show_count)
        for place in range(OPTIONS):
            connect(self._options.field(f"option_values_{place}").edited, self._show_count)

    def first_focus(self) -> QWidget | None:
        """Begin with the title."""
        return self._main.field("title").editor

    def begin(self, filled: Mapping[str, object]) -> None:
        """Start with an empty form, or with these fields."""
        self._main.set_values({"title": "", "description_html": ""})
        self._side.set_values({"status": "active", "vendor": "", "product_type": "", "tags": ()})
        usual = variant_values(None, (), tax_code=self._vm.office.usual_tax_code)
        empty: dict[str, FieldValue] = {"sku": "", "barcodes": (), "price_amount": None}
        empty |= {"compare_at_amount": None, "cost_amount": None}
        self._selling.set_values(empty | usual)
        self._options.set_values(
            {f"option_name_{place}": "" for place in range(OPTIONS)}
            | {f"option_values_{place}": () for place in range(OPTIONS)}
        )
        for form in self._forms():
            known = form.values_as_typed()
            edit(form, {key: each for key, each in filled.items() if key in known})
        self._show_count()

    # -- intents

    async def make(self) -> None:
        """Make the product and open it."""
        values: dict[str, FieldValue] = {}
        for form in self._forms():
            found = form.values()
            if found is None:
                return
            values |= found
        try:
            product_id = await self._vm.create(values)
        except Rejected as error:
            self._place(error)
            return
        for form in self._forms():
            form.mark_clean()
        self._vm.office.note(i18n.tr("merchant.product.created.note"))
        self.created.emit(product_id)

    def leave(self) -> None:
        """Go back to the list; ask first when something would be lost."""
        tasks.latest(self, "leave", self._leave())

    # -- inside

    def _forms(self) -> tuple[Form, ...]:
        return (self._main, self._selling, self._options, self._side)

    def _lay(self) -> None:
        column, both = Column(), TwoColumns()
        cards = (
            ("merchant.product.details", self._main, both.wide),
            ("merchant.product.selling", self._selling, both.wide),
            ("merchant.product.options", self._options, both.wide),
            ("merchant.product.filing", self._side, both.narrow),
        )
        for title_key, form, place in cards:
            card = Card(i18n.tr(title_key))
            if form is self._options:
                card.body.addWidget(self._count)
            card.body.addWidget(form)
            place.addWidget(card)
        both.narrow.addStretch(1)
        column.content.addWidget(both)
        column.content.addStretch(1)
        self.set_column(column)
        self.header.add(self.actions_set.button("new_product.create"))

    def _show_count(self) -> None:
        count = variant_count(self._options.values_as_typed())
        key = "merchant.product.options.text" if count == 1 else "merchant.product.options.many"
        self._count.setText(i18n.tr(key, amount=i18n.format_number(count)))

    def _place(self, error: Rejected) -> None:
        for form in self._forms():
            if error.field in form.values_as_typed():
                form.show_rejected(error)
                return
        self.show_refusal(error)

    def _submit(self) -> None:
        tasks.latest(self, "make", self.make())

    async def _leave(self) -> None:
        is_dirty = any(form.is_dirty for form in self._forms())
        if is_dirty and not await confirm(
            self,
            i18n.tr("merchant.unsaved"),
            i18n.tr("merchant.unsaved.new"),
            action=i18n.tr("merchant.discard"),
            danger=True,
        ):
            return
        super().leave()


def _option_sections() -> list[Section]:
    fields = []
    for place in range(OPTIONS):
        fields += [
            FieldSpec(
                key=f"option_name_{place}",
                label_key="merchant.product.option_name",
                placeholder_key=f"merchant.product.option_name.{place}",
                is_half=True,
                longest=60,
            ),
            FieldSpec(
                key=f"option_values_{place}",
                label_key="merchant.product.option_values",
                kind=FieldKind.TAGS,
                is_half=True,
            ),
        ]
    return [Section("", tuple(fields))]
