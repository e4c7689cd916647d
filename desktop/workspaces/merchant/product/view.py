"""The page of one product."""

from collections.abc import Mapping

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from desktop.ui import i18n, tasks
from desktop.ui.actions import ActionSet
from desktop.ui.binding import connect
from desktop.ui.button import Look
from desktop.ui.card import Card
from desktop.ui.dialogs import Option, ask, show_form
from desktop.ui.facts import Fact, Facts
from desktop.ui.fields import Choice, FieldKind, FieldSpec, FieldValue
from desktop.ui.forms import Form
from desktop.ui.label import Label, Role
from desktop.ui.theme import Tone
from desktop.workspaces.merchant.parts.inputs.view import edit, small_button
from desktop.workspaces.merchant.parts.page.view import Column, Mark, TwoColumns
from desktop.workspaces.merchant.product import description
from desktop.workspaces.merchant.product.actions import ACTIONS
from desktop.workspaces.merchant.product.pictured_page.view import PicturedPage
from desktop.workspaces.merchant.product.rows import VariantLine
from desktop.workspaces.merchant.product.stock.view import StockCard, adjust_fields, count_fields
from desktop.workspaces.merchant.product.variants.view import (
    VariantsTable,
    variant_fields,
    variant_values,
)
from desktop.workspaces.merchant.product.view_model import ProductViewModel, Values
from desktop.workspaces.merchant.words import PRODUCT_BADGES, choices
from shared.catalog.queries import ProductDetail
from shared.catalog.tables import VariantRow
from shared.inventory.commands import StockReason
from shared.kernel.errors import Rejected


def main_fields() -> list[FieldSpec]:
    """What a product is called and how it is described."""
    return [
        FieldSpec(key="title", label_key="merchant.product.title", is_required=True, longest=255),
        FieldSpec(
            key="description_html",
            label_key="merchant.product.description",
            kind=FieldKind.MULTILINE,
        ),
    ]


def side_fields() -> list[FieldSpec]:
    """How a product is filed."""
    return [
        FieldSpec(
            key="status",
            label_key="merchant.product.status",
            kind=FieldKind.CHOICE,
            choices=choices(PRODUCT_BADGES),
        ),
        FieldSpec(key="vendor", label_key="merchant.product.vendor", longest=255),
        FieldSpec(key="product_type", label_key="merchant.product.type", longest=255),
        FieldSpec(key="tags", label_key="merchant.product.tags", kind=FieldKind.TAGS),
    ]


class ProductPage(PicturedPage):
    """Shows one product at a time. Signals: `changed`, `stepped(±1)` to the next in the list."""

    changed = Signal()
    stepped = Signal(int)

    def __init__(self, view_model: ProductViewModel) -> None:
        super().__init__(view_model)
        self._shown: ProductDetail | None = None
        self._filled: Mapping[str, object] = {}
        self._main, self._side = Form(main_fields()), Form(side_fields())
        self._is_html = Label(i18n.tr("merchant.product.description.html"), Role.SMALL, wraps=True)
        self._facts = Facts()
        self._variants = VariantsTable(view_model.variants)
        self._stock = StockCard(view_model)
        self.actions_set: ActionSet = ActionSet(
            ACTIONS, target=self, widget=self, allowed=view_model.office.allowed
        )
        self._lay()
        self._join()

    def first_focus(self) -> QWidget | None:
        """Begin with the variants, where the prices are."""
        return self._variants

    def open(self, product_id: str, filled: Mapping[str, object], variant_id: str = "") -> None:
        """Show a product, with a variant marked; `filled` are fields to be changed right away."""
        self._filled = filled
        self._vm.open(product_id, variant_id)
        self._show()

    @property
    def product_id(self) -> str:
        """The product that is shown."""
        return self._vm.product_id

    # -- what can be done now

    @property
    def is_dirty(self) -> bool:
        """Whether something was changed and not saved."""
        return self._main.is_dirty or self._side.is_dirty

    @property
    def has_options(self) -> bool:
        """Whether the product comes in several variants."""
        return self._vm.detail is not None and bool(self._vm.detail.product.option_names)

    @property
    def has_stock(self) -> bool:
        """Whether the marked variant's stock is kept."""
        return self._vm.has_tracked_variant and bool(self._vm.office.locations)

    # -- intents

    async def save(self) -> None:
        """Save what was changed; what is refused is said at its field."""
        main, side = self._main.values(), self._side.values()
        if main is None or side is None:
            return
        try:
            await self._vm.save(self._main.changes() | self._side.changes())
        except Rejected as error:
            self._place(error)
            return
        self._main.mark_clean()
        self._side.mark_clean()
        self._vm.office.note(i18n.tr("merchant.product.saved"))

    def discard(self) -> None:
        """Go back to what is saved."""
        if self._vm.detail is not None:
            self._fill(self._vm.detail)

    def leave(self) -> None:
        """Go back to the list; ask first when something would be lost."""
        tasks.latest(self, "leave", self._leave())

    async def may_leave(self) -> bool:
        """Ask what should become of unsaved changes; False to stay."""
        if not self.is_dirty:
            return True
        answer = await ask(
            self,
            i18n.tr("merchant.unsaved"),
            i18n.tr("merchant.unsaved.text"),
            options=[
                Option("stay", i18n.tr("merchant.unsaved.stay")),
                Option("discard", i18n.tr("merchant.discard")),
                Option("save", i18n.tr("ui.save"), Look.PRIMARY),
            ],
            icon="pencil",
            tone=Tone.WARN,
        )
        if answer == "save":
            await self.save()
        elif answer == "discard":
            self.discard()
        return answer in {"save", "discard"} and not self.is_dirty

    def edit_price(self) -> None:
        """Type the price of the marked variant."""
        self._variants.edit_price()

    async def edit_variant(self) -> None:
        """Change everything else of the marked variant."""
        if self._vm.variant is not None:
            await self._show_variant(self._vm.variant)

    async def add_variant(self) -> None:
        """Add a variant."""
        await self._show_variant(None)

    async def adjust(self) -> None:
        """Enter stock that came in or went out."""
        await self._ask_stock(
            "merchant.stock.adjust",
            adjust_fields(self._locations(), self._vm.digits),
            {"reason": StockReason.RECEIVED},
        )

    async def count(self) -> None:
        """Enter what was counted."""
        await self._ask_stock(
            "merchant.stock.count", count_fields(self._locations(), self._vm.digits), {}
        )

    def open_before(self) -> None:
        """Go to the product before this one in the list."""
        self.stepped.emit(-1)

    def open_after(self) -> None:
        """Go to the next product of the list."""
        self.stepped.emit(1)

    def show_rejected(self, error: Rejected) -> None:
        """Say what was refused where there is no field for it."""
        self._place(error)

    # -- parts

    def _lay(self) -> None:
        column = Column()
        both = TwoColumns()
        details = Card(i18n.tr("merchant.product.details"))
        details.body.addWidget(self._main)
        details.body.addWidget(self._is_html)
        filing = Card(i18n.tr("merchant.product.filing"))
        filing.body.addWidget(self._side)
        variants = Card(i18n.tr("merchant.variants.title"), flush=True)
        for name in ("product.price", "product.variant", "product.add_variant"):
            variants.head.addWidget(small_button(self.actions_set, name))
        variants.body.addWidget(self._variants)
        for name in ("product.adjust", "product.count"):
            self._stock.head.addWidget(small_button(self.actions_set, name))
        for name in ("product.show_picture", "product.picture"):
            self._picture.head.addWidget(small_button(self.actions_set, name))
        about = Card(i18n.tr("merchant.product.about"))
        about.body.addWidget(self._facts)
        for card in (variants, self._stock, details):
            both.wide.addWidget(card)
        for card in (filing, self._picture, about):
            both.narrow.addWidget(card)
        for side in (both.wide, both.narrow):
            side.addStretch(1)
        column.content.addWidget(both)
        column.content.addStretch(1)
        self.set_column(column)
        for name, words in (
            ("product.before", False),
            ("product.after", False),
            ("product.discard", True),
            ("product.save", True),
        ):
            look = None if words else Look.GHOST
            self.header.add(self.actions_set.button(name, look=look, words=words))

    def _join(self) -> None:
        vm = self._vm
        connect(vm.changed, self._show)
        connect(vm.rejected, self._place)
        connect(self._variants.current_row, self._choose_variant)
        connect(self._variants.activated_row, self._open_variant)
        connect(self._variants.priced, self._change_price)
        for form in (self._main, self._side):
            connect(form.dirty_changed, self._on_dirty)
            connect(form.submitted, self._submit)

    # -- state

    def _show(self) -> None:
        detail = self._vm.detail
        if detail is None:
            self.set_title("")
            self.header.set_marks([])
            self._shown = None
            return
        product = detail.product
        self.set_title(product.title)
        badge = PRODUCT_BADGES[product.status]
        self.header.set_marks([Mark(i18n.tr(badge.text_key), badge.tone, badge.icon)])
        if detail != self._shown:
            self._show_detail(detail)
        self._stock.show_variant()
        marked = self._variants.current()
        if getattr(marked, "id", "") != self._vm.variant_id:
            self._variants.select_key(self._vm.variant_id)
        self.actions_set.refresh()

    def _show_detail(self, detail: ProductDetail) -> None:
        is_new = self._shown is None or self._shown.product.product_id != detail.product.product_id
        if is_new or not self.is_dirty:
            self._fill(detail)
        elif self._shown is not None and self._shown.product != detail.product:
            text = i18n.tr("merchant.product.changed_elsewhere")
            self.banner.show_message("changed", text, Tone.WARN)
        if is_new:
            self.banner.clear()
            self._begin_with_filled()
        self._shown = detail
        prices = ("compare_at_amount", "cost_amount")
        self._variants.hide_unused(
            [key for key in prices if all(getattr(row, key) is None for row in detail.variants)]
        )
        self._show_media(detail.product.title)
        self._facts.set_facts(_facts(detail))

    def _fill(self, detail: ProductDetail) -> None:
        product = detail.product
        words = description.read(product.description_html)
        self._main.set_values({"title": product.title, "description_html": words.text})
        self._is_html.setVisible(words.is_html)
        self._side.set_values(
            {
                "status": product.status.value,
                "vendor": product.vendor,
                "product_type": product.product_type,
                "tags": product.tags,
            }
        )
        self.banner.clear("changed")

    def _begin_with_filled(self) -> None:
        for form in (self._main, self._side):
            known = form.values_as_typed()
            edit(form, {key: each for key, each in self._filled.items() if key in known})
        self._filled = {}

    def _place(self, error: Rejected) -> None:
        for form in (self._main, self._side):
            if error.field in form.values_as_typed():
                form.show_rejected(error)
                return
        self.show_refusal(error)

    def _on_dirty(self, _is_dirty: bool) -> None:  # noqa: FBT001 - a Qt slot
        self.actions_set.refresh()

    def _submit(self) -> None:
        tasks.latest(self, "save", self.save())

    async def _leave(self) -> None:
        if await self.may_leave():
            super().leave()

    # -- variants and stock

    def _choose_variant(self, row: object) -> None:
        if isinstance(row, VariantLine):
            self._vm.choose(row.id)

    def _open_variant(self, _row: object) -> None:
        tasks.latest(self, "variant", self.edit_variant())

    def _change_price(self, variant_id: str, amount: int) -> None:
        self._vm.run(self._vm.change_price(variant_id, amount))

    def _locations(self) -> list[Choice]:
        return [Choice(row.location_id, row.name) for row in self._vm.office.locations]

    async def _show_variant(self, variant: VariantRow | None) -> None:
        office = self._vm.office
        names = self._vm.loaded.product.option_names
        rates = [Choice(rate.code, rate.name) for rate in office.rates]
        codes = () if variant is None else self._vm.barcodes_of(variant.variant_id)

        async def submit(values: Values) -> None:
            await self._vm.save_variant(variant, values)

        await show_form(
            self,
            i18n.tr("merchant.variant.add" if variant is None else "merchant.variant.edit"),
            variant_fields(names, rates, office.currency),
            values=variant_values(variant, codes, tax_code=rates[0].value if rates else "standard"),
            submit=submit,
        )

    async def _ask_stock(
        self, title_key: str, fields: list[FieldSpec], values: Mapping[str, FieldValue]
    ) -> None:
        level = self._stock.levels.current()
        location_id = getattr(level, "id", "") or self._vm.office.location_id or ""
        submit = self._vm.adjust if title_key == "merchant.stock.adjust" else self._vm.count
        await show_form(
            self,
            i18n.tr(title_key),
            fields,
            values={"location_id": location_id, **values},
            submit=submit,
        )


def _facts(detail: ProductDetail) -> list[Fact]:
    product = detail.product
    facts = [
        Fact(i18n.tr("merchant.product.created"), i18n.format_datetime(product.created_at)),
        Fact(i18n.tr("merchant.product.updated"), i18n.format_datetime(product.updated_at)),
        Fact(i18n.tr("merchant.product.handle"), product.handle),
    ]
    return [*facts, *(Fact(name, value) for name, value in sorted(product.extra.items()) if value)]
