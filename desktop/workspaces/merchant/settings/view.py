"""The settings of the shop and of this device."""

from collections.abc import Awaitable, Callable, Mapping, Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from desktop.ui import i18n, tasks
from desktop.ui.actions import Action, ActionSet
from desktop.ui.binding import connect
from desktop.ui.card import Card
from desktop.ui.dialogs import Values as Given
from desktop.ui.dialogs import show_form
from desktop.ui.editors import ChoiceField
from desktop.ui.facts import Fact, Facts
from desktop.ui.fields import Choice, FieldKind, FieldSpec, FieldValue
from desktop.ui.forms import Form
from desktop.ui.theme import Mode
from desktop.workspaces.merchant.parts.inputs.view import small_button
from desktop.workspaces.merchant.parts.lists.view import ShortTable
from desktop.workspaces.merchant.parts.page.view import Column, Page, TwoColumns
from desktop.workspaces.merchant.settings.rows import ROLES, RateLine
from desktop.workspaces.merchant.settings.view_model import SettingsViewModel
from desktop.workspaces.merchant.words import choices
from shared.kernel.permissions import Permission, Role
from shared.organization.tables import StoreRow

_MOST_ROWS = 10
_PERCENT_DIGITS = 4
LANGUAGE_NAMES = {"en": "English", "de": "Deutsch", "ar": "العربية"}


def _action(name: str, icon: str, keys: str, *, when: str = "") -> Action:
    return Action(
        id=f"settings.{name}",
        text_key=f"merchant.settings.{name}",
        intent=name,
        icon=icon,
        keys=(keys,),
        permission=Permission.ORGANIZATION,
        enabled_when=when,
    )


ACTIONS = (
    _action("open_store", "store", "Ctrl+Shift+S", when="needs_store"),
    _action("add_user", "user-plus", "Ctrl+Shift+U"),
    _action("set_rate", "percent", "Ctrl+Shift+R"),
    _action("add_location", "map-pin", "Ctrl+Shift+N", when="has_store"),
    _action("add_register", "calculator", "Ctrl+Shift+K", when="has_place"),
)


class SettingsPage(Page):
    """Signal: `changed` when other things can be done."""

    changed = Signal()

    def __init__(self, view_model: SettingsViewModel) -> None:
        super().__init__(i18n.tr("merchant.settings"))
        self._vm = view_model
        view_model.setParent(self)
        self._staff = ShortTable(view_model.staff, name=i18n.tr("merchant.staff"), most=_MOST_ROWS)
        self._rates = ShortTable(view_model.rates, name=i18n.tr("merchant.rates"), most=_MOST_ROWS)
        self._places = ShortTable(
            view_model.places, name=i18n.tr("merchant.places"), most=_MOST_ROWS
        )
        self._store = Facts()
        self._device = Form(_device_fields())
        self.actions_set: ActionSet = ActionSet(
            ACTIONS, target=self, widget=self, allowed=view_model.office.allowed
        )
        self._lay()
        connect(view_model.changed, self._show)
        connect(self._rates.activated_row, self._edit_rate)
        connect(self._device.field("language").edited, self._choose_language)
        connect(self._device.field("theme").edited, self._choose_theme)
        self._show()

    def first_focus(self) -> QWidget | None:
        """Begin with the staff."""
        return self._staff

    # -- what can be done now

    @property
    def has_store(self) -> bool:
        """Whether the store has been set up."""
        return self._vm.office.has_store

    @property
    def needs_store(self) -> bool:
        """Whether the store is still to be set up."""
        return not self._vm.office.has_store

    @property
    def has_place(self) -> bool:
        """Whether there is a location for a till."""
        return bool(self._vm.office.locations)

    # -- intents

    async def open_store(self) -> None:
        """Set the store up."""
        values: dict[str, FieldValue] = {"language": i18n.language().code, "is_tax_inclusive": True}
        await self._ask("open_store", _store_fields(), values=values, submit=self._vm.open_store)

    async def add_user(self) -> None:
        """Add a member of the staff."""
        values: dict[str, FieldValue] = {"role": Role.CASHIER.value}
        await self._ask("add_user", _user_fields(), values=values, submit=self._vm.add_user)

    async def set_rate(self) -> None:
        """Add a tax rate."""
        await self._ask("set_rate", _rate_fields(), values={}, submit=self._vm.set_rate)

    async def edit_rate(self, rate: RateLine) -> None:
        """Change a tax rate; orders keep the rate they were placed with."""
        values: dict[str, FieldValue] = {
            "code": rate.code,
            "name": rate.name,
            "rate": rate.rate * 100,
        }
        await self._ask("set_rate", _rate_fields(), values=values, submit=self._vm.set_rate)

    async def add_location(self) -> None:
        """Add a place where stock is kept."""
        fields = [
            _text("name", "merchant.customer.name", is_required=True),
            _text("code", "merchant.place.code", is_required=True, longest=8),
            FieldSpec(key="address", label_key="merchant.place.address", kind=FieldKind.MULTILINE),
        ]
        await self._ask("add_location", fields, values={}, submit=self._vm.add_location)

    async def add_register(self) -> None:
        """Add a till to a location."""
        places = [Choice(row.location_id, row.name) for row in self._vm.office.locations]
        fields = [
            FieldSpec(
                key="location_id",
                label_key="merchant.stock.location",
                kind=FieldKind.CHOICE,
                choices=places,
            ),
            _text("name", "merchant.customer.name", is_required=True),
            FieldSpec(
                key="code",
                label_key="merchant.register.code",
                help_key="merchant.register.code.help",
                is_required=True,
                longest=8,
            ),
        ]
        await self._ask("add_register", fields, values={}, submit=self._vm.add_register)

    # -- parts

    def _lay(self) -> None:
        column, both = Column(), TwoColumns(shares=(3, 2))
        for title_key, table, names in (
            ("merchant.staff", self._staff, ("add_user",)),
            ("merchant.rates", self._rates, ("set_rate",)),
            ("merchant.places", self._places, ("add_location", "add_register")),
        ):
            card = Card(i18n.tr(title_key), flush=True)
            for name in names:
                card.head.addWidget(small_button(self.actions_set, f"settings.{name}"))
            card.body.addWidget(table)
            both.wide.addWidget(card)
        both.wide.addStretch(1)
        self._staff.set_empty("users", i18n.tr("merchant.staff.empty"))
        self._rates.set_empty("percent", i18n.tr("merchant.rates.empty"))
        self._places.set_empty("map-pin", i18n.tr("merchant.places.empty"))
        store = Card(i18n.tr("merchant.store"))
        store.head.addWidget(small_button(self.actions_set, "settings.open_store"))
        store.body.addWidget(self._store)
        device = Card(i18n.tr("merchant.this_device"))
        device.body.addWidget(self._device)
        both.narrow.addWidget(store)
        both.narrow.addWidget(device)
        both.narrow.addStretch(1)
        column.content.addWidget(both)
        column.content.addStretch(1)
        self.set_column(column)

    def _show(self) -> None:
        self.actions_set.refresh()
        office, settings = self._vm.office, self._vm.settings
        if office.has_store:
            self._store.set_facts(_store_facts(office.store))
        else:
            self._store.set_facts([Fact(i18n.tr("merchant.store.missing"), "")])
        self._device.set_values(
            {"language": i18n.language().code, "theme": settings.theme or "system"}
        )

    async def _ask(
        self,
        name: str,
        fields: Sequence[FieldSpec],
        *,
        values: Mapping[str, FieldValue],
        submit: Callable[[Given], Awaitable[object]],
    ) -> None:
        title = i18n.tr(f"merchant.settings.{name}")
        await show_form(self, title, fields, values=values, submit=submit)

    def _edit_rate(self, row: object) -> None:
        if isinstance(row, RateLine) and self._vm.office.allowed(Permission.ORGANIZATION):
            tasks.latest(self, "rate", self.edit_rate(row))

    def _choose_language(self) -> None:
        editor = self._device.field("language").editor
        if isinstance(editor, ChoiceField):
            self._vm.choose_language(editor.value())

    def _choose_theme(self) -> None:
        editor = self._device.field("theme").editor
        if isinstance(editor, ChoiceField):
            self._vm.choose_theme(editor.value())


def _text(key: str, label_key: str, *, is_required: bool = False, longest: int = 120) -> FieldSpec:
    return FieldSpec(key=key, label_key=label_key, is_required=is_required, longest=longest)


def _user_fields() -> list[FieldSpec]:
    return [
        _text("name", "merchant.customer.name", is_required=True),
        FieldSpec(
            key="role",
            label_key="merchant.staff.role",
            kind=FieldKind.CHOICE,
            choices=choices({key.value: badge for key, badge in ROLES.items()}),
        ),
        FieldSpec(
            key="pin",
            label_key="merchant.staff.pin",
            help_key="merchant.staff.pin.help",
            kind=FieldKind.PIN,
            is_required=True,
        ),
    ]


def _rate_fields() -> list[FieldSpec]:
    return [
        FieldSpec(
            key="code",
            label_key="merchant.rate.code",
            help_key="merchant.rate.code.help",
            is_required=True,
            longest=40,
        ),
        _text("name", "merchant.customer.name", is_required=True),
        FieldSpec(
            key="rate",
            label_key="merchant.rate.percent",
            kind=FieldKind.QUANTITY,
            digits=_PERCENT_DIGITS,
            unit="%",
            is_required=True,
        ),
    ]


def _store_fields() -> list[FieldSpec]:
    label = "merchant.store"
    languages = [Choice(code, name) for code, name in LANGUAGE_NAMES.items()]
    return [
        _text("name", f"{label}.name", is_required=True),
        _text("currency", f"{label}.currency", is_required=True, longest=3),
        _text("country", f"{label}.country", is_required=True, longest=2),
        _text("timezone", f"{label}.timezone", is_required=True),
        FieldSpec(
            key="language",
            label_key=f"{label}.language",
            kind=FieldKind.CHOICE,
            choices=languages,
        ),
        FieldSpec(
            key="is_tax_inclusive",
            label_key=f"{label}.tax_inclusive",
            kind=FieldKind.SWITCH,
        ),
    ]


def _device_fields() -> list[FieldSpec]:
    looks = [Choice("system", i18n.tr("merchant.theme.system"))]
    looks += [Choice(mode.value, i18n.tr(f"merchant.theme.{mode}")) for mode in Mode]
    languages = [Choice(code, name) for code, name in LANGUAGE_NAMES.items()]
    return [
        FieldSpec(
            key="language",
            label_key="merchant.device.language",
            kind=FieldKind.CHOICE,
            choices=languages,
        ),
        FieldSpec(
            key="theme",
            label_key="merchant.device.theme",
            kind=FieldKind.CHOICE,
            choices=looks,
        ),
    ]


def _store_facts(store: StoreRow) -> list[Fact]:
    label = "merchant.store"
    prices = "inclusive" if store.is_tax_inclusive else "exclusive"
    return [
        Fact(i18n.tr(f"{label}.name"), store.name),
        Fact(i18n.tr(f"{label}.currency"), store.currency),
        Fact(i18n.tr(f"{label}.country"), store.country),
        Fact(i18n.tr(f"{label}.timezone"), store.timezone),
        Fact(i18n.tr(f"{label}.prices"), i18n.tr(f"{label}.prices.{prices}")),
    ]
