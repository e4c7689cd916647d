"""The product list, and the pages that open from it: one product, or a new one."""

from collections.abc import Mapping

from PySide6.QtCore import Qt

from desktop.ui import i18n, picks, tasks
from desktop.ui.actions import Action, ActionSet
from desktop.ui.binding import connect
from desktop.ui.button import Look
from desktop.ui.sheet import present
from desktop.workspaces.merchant.edit_many.rows import aims
from desktop.workspaces.merchant.edit_many.view import EditManySheet
from desktop.workspaces.merchant.edit_many.view_model import EditMade, EditManyViewModel
from desktop.workspaces.merchant.new_product.view import NewProductPage
from desktop.workspaces.merchant.new_product.view_model import NewProductViewModel
from desktop.workspaces.merchant.office import Office
from desktop.workspaces.merchant.parts.lists.view import SEARCH, ListPage, Segment, Segments
from desktop.workspaces.merchant.parts.page.view import Pages
from desktop.workspaces.merchant.places import NEW, Place, Screen
from desktop.workspaces.merchant.product.view import ProductPage
from desktop.workspaces.merchant.product.view_model import ProductViewModel
from desktop.workspaces.merchant.products.rows import ListedProduct
from desktop.workspaces.merchant.products.view_model import ProductsViewModel
from desktop.workspaces.merchant.words import PRODUCT_BADGES
from shared.catalog.commands import ProductStatus
from shared.kernel.permissions import Permission

_SEGMENTS = (ProductStatus.ACTIVE, ProductStatus.DRAFT, ProductStatus.ARCHIVED)
ACTIONS = (
    Action(
        id="products.new",
        text_key="merchant.product.new",
        intent="add",
        icon="plus",
        keys=("Ctrl+N",),
        permission=Permission.CATALOG_EDIT,
        look=Look.PRIMARY,
    ),
    Action(
        id="products.import",
        text_key="merchant.products.import",
        intent="start_import",
        icon="import",
        keys=("Ctrl+I",),
        permission=Permission.IMPORT,
    ),
    Action(
        id="products.edit_many",
        text_key="merchant.products.edit_many",
        intent="edit_many",
        icon="pencil",
        keys=("Ctrl+E",),
        enabled_when="can_edit_many",
    ),
    Action(
        id="products.pick_all",
        text_key="merchant.products.pick_all",
        intent="pick_all",
        icon="list-checks",
        keys=("Ctrl+Shift+A",),
    ),
    Action(
        id="products.undo_edit",
        text_key="merchant.products.undo_edit",
        intent="undo_edit",
        icon="undo-2",
        keys=("Ctrl+Z",),
        enabled_when="can_undo_edit",
    ),
    SEARCH,
)


class ProductsPage(ListPage):
    """The list with its segments and search."""

    def __init__(self, view_model: ProductsViewModel) -> None:
        super().__init__(
            i18n.tr("merchant.products"),
            view_model.table,
            search=i18n.tr("merchant.products.search"),
            many=True,
        )
        self._vm = view_model
        view_model.setParent(self)
        self._made: EditMade | None = None
        self._segments = Segments(_segments(), name=i18n.tr("merchant.product.status"))
        self.add_to_bar(self._segments)
        self.table.set_pictures(view_model.pictures)
        self.actions_set = ActionSet(
            ACTIONS, target=self, widget=self, allowed=view_model.office.allowed
        )
        if self._may_edit:
            self.header.add(self.actions_set.button("products.edit_many"))
        self.header.add(self.actions_set.button("products.import"))
        self.header.add(self.actions_set.button("products.new"))
        connect(self.searched, view_model.search)
        connect(self._segments.chosen, view_model.show_status)
        connect(self.table.empty_acted, self._act_on_empty)
        connect(self.table.selectionModel().selectionChanged, self._on_picked)
        connect(view_model.changed, self._show)
        connect(view_model.pictures_changed, self._show_pictures)
        view_model.start()
        self._show()

    # -- intents

    def add(self) -> None:
        """Make a new product."""
        self._vm.office.go(Place(screen=Screen.PRODUCTS, key=NEW))

    def start_import(self) -> None:
        """Import products from a file."""
        self._vm.office.go(Place(screen=Screen.IMPORTS, key=NEW))

    @property
    def can_edit_many(self) -> bool:
        """Whether there are products that somebody who may has chosen."""
        return self._may_edit and picks.count(self.table.selectionModel()) > 0

    async def edit_many(self) -> None:
        """Change all the chosen products at once."""
        picked = picks.keys(self.table.selectionModel(), self._vm.table)
        ids = [str(key) for key in picked]
        if ids:
            made = await present(EditManySheet(self, EditManyViewModel(self._vm.office, ids)))
            if isinstance(made, EditMade):
                if self._made is not None:
                    self._made.give_way()
                self._made = made
                self._refresh_actions()

    @property
    def can_undo_edit(self) -> bool:
        """Whether the latest edit of many products can still be taken back."""
        return self._made is not None and self._made.can_be_undone

    def undo_edit(self) -> None:
        """Take back the latest edit of many products."""
        if self._made is not None:
            self._made.take()
            self._refresh_actions()

    def pick_all(self) -> None:
        """Choose all products of the list."""
        self.table.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.table.selectAll()

    def narrow(self, status: str) -> None:
        """Show the products of one status."""
        self._segments.mark(status)
        self._vm.show_status(status)

    def neighbour(self, key: str, step: int) -> str:
        """Give the id of the product before or after another in the list, or nothing."""
        place = self._vm.table.place_of(key)
        found = self._vm.table.key_at(place + step) if place >= 0 else None
        return "" if found is None else str(found)

    # -- state

    def _show(self) -> None:
        self._show_note()
        counts = self._vm.counts
        if counts:
            self._segments.set_count("", i18n.format_number(sum(counts.values())))
            for status in ProductStatus:
                self._segments.set_count(status, i18n.format_number(counts.get(status, 0)))
        self._say_empty()

    @property
    def _may_edit(self) -> bool:
        return bool(aims(self._vm.office.allowed))

    def _on_picked(self, _selected: object, _deselected: object) -> None:
        self._refresh_actions()
        self._show_note()

    def _refresh_actions(self) -> None:
        if self.actions_set is not None:
            self.actions_set.refresh()

    def _show_note(self) -> None:
        picked = picks.count(self.table.selectionModel())
        chosen = i18n.tr("ui.selected", count=picked) if picked > 1 else ""
        self.header.set_note(" · ".join(part for part in (self._vm.count_text, chosen) if part))

    def _say_empty(self) -> None:
        is_searching = bool(self._vm.text or self._vm.status)
        if is_searching == self._is_empty_search:
            return
        self._is_empty_search = is_searching
        if is_searching:
            self.table.set_empty(
                "package-search",
                i18n.tr("merchant.products.none"),
                i18n.tr("merchant.products.none.text"),
                action=i18n.tr("merchant.products.none.action"),
            )
            return
        self.table.set_empty(
            "package",
            i18n.tr("merchant.products.empty"),
            i18n.tr("merchant.products.empty.text"),
            action=i18n.tr("merchant.products.import"),
        )

    _is_empty_search: bool | None = None

    def _act_on_empty(self) -> None:
        if not self._is_empty_search:
            self.start_import()
            return
        self.search.clear()
        self._segments.mark("")
        self._vm.show_status("")

    def _show_pictures(self) -> None:
        self.table.set_pictures(self._vm.pictures)


class ProductsScreen(Pages):
    """All pages about products."""

    def __init__(self, office: Office) -> None:
        super().__init__()
        self._office = office
        self._list = ProductsPage(ProductsViewModel(office))
        self._product: ProductPage | None = None
        self._new: NewProductPage | None = None
        self.add_page(self._list)
        connect(self._list.opened_row, self._open_row)

    def visit(self, place: Place) -> None:
        """Show a product, a new one, or the list."""
        if place.key == NEW:
            self._begin(place.filled)
        elif place.key:
            self._open(place.key, place.filled, place.part)
        elif place.show:
            self._list.narrow(place.show)
            self.show_page(self._list)

    def has_unsaved(self) -> bool:
        """Whether a product was changed and not saved."""
        return self._product is not None and self._product.is_dirty

    # -- inside

    def _open_row(self, row: object) -> None:
        if isinstance(row, ListedProduct):
            self._open(row.id, {})

    def _open(self, product_id: str, filled: Mapping[str, object], variant_id: str = "") -> None:
        tasks.latest(self, "open", self._open_when_free(product_id, filled, variant_id))

    async def _open_when_free(
        self, product_id: str, filled: Mapping[str, object], variant_id: str
    ) -> None:
        page = self._product
        if page is None:
            page = self._product = ProductPage(ProductViewModel(self._office))
            connect(page.back_asked, self._show_list)
            connect(page.stepped, self._step)
            self.add_page(page)
        elif page.product_id != product_id and not await page.may_leave():
            return
        page.open(product_id, filled, variant_id)
        self.show_page(page)

    def _begin(self, filled: Mapping[str, object]) -> None:
        if self._new is not None:
            self.drop_page(self._new)
        # Made anew each time, because tax rates and currency may have changed.
        self._new = NewProductPage(NewProductViewModel(self._office))
        connect(self._new.back_asked, self._show_list)
        connect(self._new.created, self._show_created)
        self.add_page(self._new)
        self._new.begin(filled)
        self.show_page(self._new)

    def _show_created(self, product_id: str) -> None:
        self._open(product_id, {})

    def _show_list(self) -> None:
        if self._product is not None:
            self._list.table.select_key(self._product.product_id)
        self.show_page(self._list)

    def _step(self, step: int) -> None:
        if self._product is not None:
            following = self._list.neighbour(self._product.product_id, step)
            if following:
                self._open(following, {})


def _segments() -> list[Segment]:
    return [
        Segment("", i18n.tr("merchant.all")),
        *(Segment(status, i18n.tr(PRODUCT_BADGES[status].text_key)) for status in _SEGMENTS),
    ]
