"""The rows of one handle become one product, whole or not at all."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from shared.kernel.errors import Rejected
from shared.plugins.builtin.csv_table import TableRow
from shared.plugins.builtin.import_reasons import refusal, remark
from shared.plugins.builtin.import_values import shown
from shared.plugins.builtin.shopify_rows import (
    MAX_DESCRIPTION_CHARS,
    MAX_TAGS_CHARS,
    RowReader,
)
from shared.plugins.points.importer import (
    MediaDraft,
    ProductDraft,
    ProductState,
    Refusal,
    Remark,
    VariantDraft,
)

_PLAIN_NAME = "title"
_PLAIN_VALUE = "default title"
_STATES: Mapping[str, ProductState] = {
    "active": "active",
    "draft": "draft",
    "archived": "archived",
    "unlisted": "draft",
}


@dataclass(slots=True)
class ProductRows:
    """The rows of one handle as they come in, each with its exact price (None: not readable)."""

    handle: str
    first_row: int
    rows: list[TableRow] = field(default_factory=list)
    prices: list[Decimal | None] = field(default_factory=list)
    earlier_row: int | None = None
    is_too_long: bool = False
    remarks: list[Remark] = field(default_factory=list)


class ProductReader:
    """Makes a product of its rows; one instance serves one product and is then done with."""

    def __init__(self, block: ProductRows, rows: RowReader) -> None:
        self._block = block
        self._rows = rows
        self._names: dict[int, str] = {}
        self._variants: dict[tuple[str, ...], VariantDraft] = {}
        self._pictures: dict[str, MediaDraft] = {}
        self._extra: dict[str, str] = {}
        self.refusals: dict[int, Refusal] = {}

    def read(self) -> ProductDraft | None:
        """The product, or None with the reasons in `refusals` (by row)."""
        first = self._block.rows[0]
        self._read_row(first, is_first=True)
        for found in self._block.rows[1:]:
            self._read_row(found, is_first=False)
        try:
            draft = self._product(first)
        except Rejected as error:
            self._refuse(first, error)
            return None
        return None if self.refusals else draft

    def _refuse(self, found: TableRow, error: Rejected) -> None:
        self.refusals.setdefault(found.row, refusal(found.row, error.code, **error.params))

    def _read_row(self, found: TableRow, *, is_first: bool) -> None:
        if found.problem is not None:
            self.refusals[found.row] = found.problem
            return
        try:
            picture = self._rows.picture(found)
            if picture is not None:
                self._pictures.setdefault(picture.url, picture)
            if is_first:
                self._names = self._option_names(found)
                self._extra = self._rows.product_extra(found)
            if is_first or self._rows.is_variant(found):
                self._add_variant(found, is_first=is_first)
                return
        except Rejected as error:
            self._refuse(found, error)
            return
        more = self._rows.product_extra(found)
        self._extra = more | self._extra
        if picture is None and not more:
            self._rows.remarks.append(remark(found.row, "import_row_without_content"))

    def _add_variant(self, found: TableRow, *, is_first: bool) -> None:
        values = self._option_values(found)
        twin = self._variants.get(values)
        if twin is not None:
            raise Rejected(
                "import_variant_repeated",
                variant=shown(" / ".join(values) or self._rows.cell(found, "option1_value")),
                first_row=twin.source_row,
            )
        self._variants[values] = self._rows.variant(found, values, is_first=is_first)

    def _option_names(self, first: TableRow) -> dict[int, str]:
        """Option number -> name; empty for a product with one plain variant."""
        names = {number: self._rows.text(first, name) for number, name, _ in self._rows.options}
        names = {number: name for number, name in names.items() if name}
        is_plain = set(names) <= {1} and names.get(1, _PLAIN_NAME).casefold() == _PLAIN_NAME
        value = self._rows.cell(first, "option1_value").casefold()
        return {} if is_plain and value in {"", _PLAIN_VALUE} else names

    def _option_values(self, found: TableRow) -> tuple[str, ...]:
        values: list[str] = []
        for number, name_field, value_field in self._rows.options:
            value = self._rows.text(found, value_field)
            name = self._names.get(number)
            told = self._rows.text(found, name_field)
            if name is None:
                if value and (number > 1 or value.casefold() != _PLAIN_VALUE):
                    raise Rejected("import_option_name_missing", number=number)
                continue
            if told and told.casefold() != name.casefold():
                raise Rejected("import_option_name_changed", option=name, other=told)
            if not value:
                raise Rejected("import_option_value_missing", option=name)
            values.append(value)
        return tuple(values)

    def _product(self, first: TableRow) -> ProductDraft:
        rows = self._rows
        title = rows.text(first, "title")
        if not title:
            raise Rejected("import_title_missing", handle=shown(self._block.handle))
        tags = rows.text(first, "tags", MAX_TAGS_CHARS).split(",")
        return ProductDraft(
            handle=self._block.handle,
            title=title,
            description_html=rows.text(first, "description", MAX_DESCRIPTION_CHARS),
            vendor=rows.text(first, "vendor"),
            product_type=rows.text(first, "product_type"),
            tags=tuple(dict.fromkeys(tag.strip() for tag in tags if tag.strip())),
            status=self._state(first),
            option_names=tuple(self._names.values()),
            variants=tuple(self._variants.values()),
            media=self._media(),
            extra=self._extra,
            source_rows=tuple(found.row for found in self._block.rows),
        )

    def _state(self, first: TableRow) -> ProductState:
        """The file's own status; in files older than that column, what is hidden is a draft."""
        text = self._rows.cell(first, "status")
        is_published = self._rows.is_published(first)
        if not text:
            hidden = not self._rows.has("status") and not is_published
            return "draft" if hidden else "active"
        state = _STATES.get(text.casefold())
        if state is None:
            raise Rejected(
                "import_choice_unknown",
                value=shown(text),
                column=self._rows.column("status"),
                allowed="active, draft, archived",
            )
        if state != text.casefold():
            told = remark(first.row, "import_status_mapped", value=shown(text))
            self._rows.remarks.append(told)
        return state

    def _media(self) -> tuple[MediaDraft, ...]:
        """The pictures by position, those without one last, numbered without gaps."""
        pictures = list(self._pictures.values())
        pictures.sort(key=lambda picture: (picture.position == 0, picture.position))
        return tuple(
            MediaDraft(picture.url, position, picture.alt_text)
            for position, picture in enumerate(pictures, start=1)
        )
