"""State of a bulk edit: what is to change, what comes of it, how far it is, and how to undo it."""

from collections.abc import Callable, Mapping, Sequence

from PySide6.QtCore import QObject

from desktop.ui import i18n, tasks
from desktop.ui.fields import FieldValue
from desktop.ui.table_model import TableModel
from desktop.ui.view_model import ViewModel
from desktop.workspaces.merchant.edit_many.rows import (
    COLUMNS,
    PERCENT_WAYS,
    Aim,
    Way,
    price_line,
)
from desktop.workspaces.merchant.office import Offer, Office
from shared.catalog.commands import EditProducts, ProductStatus, ProductValues
from shared.catalog.editing import BulkEdit, EditPlan, planned_edits
from shared.catalog.model import PriceMove, PriceRule
from shared.kernel.errors import Rejected

_AT_ONCE = 4_000
"""Products in one question, so that other screens are answered in between."""


class EditManyViewModel(ViewModel):
    """A bulk edit on its way: `plan` is None while nothing sensible has been said yet."""

    def __init__(
        self, office: Office, product_ids: Sequence[str], parent: QObject | None = None
    ) -> None:
        super().__init__(None, parent)
        self.office = office
        self._product_ids = list(product_ids)
        self.aim = Aim.PRICE
        self.plan: EditPlan | None = None
        self.is_planning = False
        self.made: EditMade | None = None
        self.progress = 0
        self.examples = TableModel(COLUMNS, self)

    @property
    def count(self) -> int:
        """How many products were chosen."""
        return len(self._product_ids)

    @property
    def can_apply(self) -> bool:
        """Whether there is anything to be done."""
        return self.plan is not None and self.plan.edits > 0 and not self.busy

    # -- words

    @property
    def effect_text(self) -> str:
        """What will change, in words."""
        if self.is_planning:
            return i18n.tr("merchant.edit_many.planning")
        if self.plan is None:
            return i18n.tr(f"merchant.edit_many.ask.{self.aim}")
        kind = "variants" if self.aim in {Aim.PRICE, Aim.TAX} else "products"
        changed = i18n.tr(f"merchant.edit_many.change.{kind}", count=self.plan.edits)
        if not self.plan.unchanged:
            return changed
        return f"{changed} {i18n.tr('merchant.edit_many.unchanged', count=self.plan.unchanged)}"

    @property
    def impossible_text(self) -> str:
        """What cannot be done and why, or nothing."""
        found = {} if self.plan is None else self.plan.impossible
        return "\n".join(
            i18n.tr(
                "merchant.edit_many.impossible",
                count=count,
                reason=i18n.tr(f"case.word.{code}"),
            )
            for code, count in sorted(found.items())
        )

    # -- intents

    def show(self, aim: Aim, values: Mapping[str, FieldValue]) -> None:
        """Work out what the values in the form would change."""
        self.aim = aim
        edit = bulk_edit(aim, values)
        self.is_planning, self.plan = edit is not None, None
        self.examples.set_rows(())
        self.changed.emit()
        if edit is not None:
            tasks.latest(self, "plan", self._plan(edit))
        else:
            tasks.cancel(self)

    def apply(self) -> None:
        """Do it."""
        if self.can_apply:
            self.run(self._apply())

    # -- inside

    async def _plan(self, edit: BulkEdit) -> None:
        plan = EditPlan()
        for first in range(0, len(self._product_ids), _AT_ONCE):
            part = self._product_ids[first : first + _AT_ONCE]
            plan += await self.office.desk.fetch(planned_edits, part, edit)
        self.plan, self.is_planning = plan, False
        currency = self.office.currency
        self.examples.set_rows(
            [price_line(place, each, currency) for place, each in enumerate(plan.examples)]
        )
        self.changed.emit()

    async def _apply(self) -> None:
        plan = self.plan
        if plan is None:
            return
        made = EditMade(self.office, plan)
        await made.make(self._tell)
        self.made = made
        self.changed.emit()

    def _tell(self, done: int, of: int) -> None:
        self.progress = done * 1000 // of
        self.changed.emit()


class EditMade(Offer):
    """A bulk edit that was made. It can be undone once: by the note about it, or as the latest."""

    def __init__(self, office: Office, plan: EditPlan) -> None:
        super().__init__(office)
        self._office = office
        self._plan = plan
        self._is_taken = False
        self._is_shown = False
        self._is_latest = True

    @property
    def can_be_undone(self) -> bool:
        """Whether nobody has undone it yet."""
        return not self._is_taken

    async def make(self, tell: Callable[[int, int], None]) -> None:
        """Make all the edits, and offer to undo them."""
        left_out = await _submitted(self._office, self._plan.commands(), tell)
        edits = self._plan.edits
        text = i18n.tr("merchant.edit_many.done", count=edits - left_out)
        if left_out:
            text = f"{text} {i18n.tr('merchant.edit_many.left_out', count=left_out)}"
        self._is_shown = edits > left_out
        self._is_taken = not self._is_shown
        if self._is_shown:
            self._office.offer(text, i18n.tr("merchant.edit_many.undo"), self)
        else:
            self._office.note(text)

    def take(self) -> None:
        """Take back what nobody has changed since."""
        if not self._is_taken:
            self._is_taken = True
            tasks.spawn(self, self._undo())

    def lapse(self) -> None:
        """The note is gone."""
        self._is_shown = False
        self._let_go()

    def give_way(self) -> None:
        """Another one is the latest now."""
        self._is_latest = False
        self._let_go()

    def _let_go(self) -> None:
        if not (self._is_shown or self._is_latest):
            self.deleteLater()

    async def _undo(self) -> None:
        commands = self._plan.undo_commands()
        left_out = await _submitted(self._office, commands, self._tell_nobody)
        text = i18n.tr("merchant.edit_many.undone", count=self._plan.edits - left_out)
        if left_out:
            text = f"{text} {i18n.tr('merchant.edit_many.undone.left_out', count=left_out)}"
        self._office.note(text)

    def _tell_nobody(self, done: int, of: int) -> None:
        del done, of


async def _submitted(
    office: Office, commands: Sequence[EditProducts], tell: Callable[[int, int], None]
) -> int:
    """Make the commands true one after the other; how many of their edits were left out."""
    left_out = 0
    for done, command in enumerate(commands):
        tell(done, len(commands))
        try:
            receipt = await office.desk.submit(command)
        except Rejected as refusal:
            if refusal.code != "edits_left_out":
                raise
            left_out += int(refusal.params["left_out"])
            continue
        left_out += int(receipt.outcome.params.get("left_out", 0))
    return left_out


def bulk_edit(aim: Aim, values: Mapping[str, FieldValue]) -> BulkEdit | None:
    """The edit that a form describes; None while something is missing."""
    if aim is Aim.PRICE:
        rule = _price_rule(values)
        keeps = bool(values["keeps_old_price"])
        return None if rule is None else BulkEdit(price=rule, keeps_old_price=keeps)
    value = values["tags" if aim in {Aim.TAGS_ADDED, Aim.TAGS_REMOVED} else aim.value]
    if isinstance(value, tuple):
        if not value:
            return None
        is_added = aim is Aim.TAGS_ADDED
        return BulkEdit(tags_added=value) if is_added else BulkEdit(tags_removed=value)
    text = str(value or "")
    match aim:
        case Aim.STATUS if text:
            return BulkEdit(to=ProductValues(status=ProductStatus(text)))
        case Aim.TAX if text:
            return BulkEdit(tax_code=text)
        case Aim.VENDOR:
            return BulkEdit(to=ProductValues(vendor=text))
        case Aim.TYPE:
            return BulkEdit(to=ProductValues(product_type=text))
    return None


def _price_rule(values: Mapping[str, FieldValue]) -> PriceRule | None:
    way = Way(str(values["way"]))
    by = values["by"]
    if not isinstance(by, int) or (by == 0 and way is not Way.SET):
        return None
    if way is Way.SET:
        return PriceRule(move=PriceMove.SET, by=by)
    step, _, ending = str(values["rounding"]).partition("+")
    return PriceRule(
        move=PriceMove.BY_PERCENT if way in PERCENT_WAYS else PriceMove.BY_AMOUNT,
        by=-by if way in {Way.DOWN_PERCENT, Way.DOWN_AMOUNT} else by,
        step_amount=int(step),
        ending_amount=int(ending),
    )
