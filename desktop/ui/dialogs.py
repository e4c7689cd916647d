"""Questions to a person, awaited: ask, confirm, show_message, show_form; no nested loops."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from desktop.ui import i18n, tasks, theme
from desktop.ui.binding import connect
from desktop.ui.button import Button, Look
from desktop.ui.empty_state import RoundIcon
from desktop.ui.fields import FieldSpec, FieldValue, Section
from desktop.ui.forms import Form
from desktop.ui.label import Label, Role
from desktop.ui.sheet import Sheet, present
from desktop.ui.theme import Tone
from shared.kernel.errors import Rejected

Values = dict[str, FieldValue]


@dataclass(frozen=True, slots=True)
class Option:
    """One answer to a question; `value` is what `ask` gives. Texts are already translated."""

    value: str
    text: str
    look: Look = Look.PLAIN


class _OptionButton(Button):
    chosen = Signal(str)

    def __init__(self, option: Option) -> None:
        super().__init__(option.text, look=option.look)
        self._value = option.value
        connect(self.clicked, self._choose)

    def _choose(self) -> None:
        self.chosen.emit(self._value)


class QuestionSheet(Sheet):
    """An icon, a title, a sentence, and one button per answer."""

    def __init__(
        self,
        anchor: QWidget,
        title: str,
        text: str,
        *,
        options: Sequence[Option],
        icon: str = "",
        tone: Tone = Tone.NEUTRAL,
    ) -> None:
        super().__init__(anchor, width=theme.current().density.type.base * 34)
        head = QHBoxLayout()
        head.setSpacing(theme.S4)
        if icon:
            head.addWidget(RoundIcon(icon, tone), 0, Qt.AlignmentFlag.AlignTop)
        words = QVBoxLayout()
        words.setSpacing(theme.S1)
        words.addWidget(Label(title, Role.HEADING, wraps=True))
        if text:
            words.addWidget(Label(text, Role.MUTED, wraps=True))
        words.addStretch()
        head.addLayout(words, 1)
        self.body.addLayout(head)
        self.body.addSpacing(theme.S3)
        row = QHBoxLayout()
        row.setSpacing(theme.S2)
        row.addStretch()
        self._buttons = [_OptionButton(option) for option in options]
        for button in self._buttons:
            connect(button.chosen, self.finish)
            row.addWidget(button)
        self.body.addLayout(row)
        self.setAccessibleName(title)

    def focus_option(self, place: int) -> None:
        """Set the focus on one of the answers; Enter chooses it."""
        self._buttons[place].setFocus(Qt.FocusReason.TabFocusReason)


async def ask(
    anchor: QWidget,
    title: str,
    text: str = "",
    *,
    options: Sequence[Option],
    icon: str = "circle-help",
    tone: Tone = Tone.NEUTRAL,
) -> str | None:
    """Ask; gives the chosen option's value, or None for Esc. The last option has the focus."""
    sheet = QuestionSheet(anchor, title, text, options=options, icon=icon, tone=tone)
    sheet.focus_option(len(options) - 1)
    answer = await present(sheet)
    return answer if isinstance(answer, str) else None


async def confirm(
    anchor: QWidget, title: str, text: str = "", *, action: str = "", danger: bool = False
) -> bool:
    """Ask for a yes; `action` is the word on its button. With `danger` Enter means no."""
    options = [
        Option("", i18n.tr("ui.cancel")),
        Option("yes", action or i18n.tr("ui.ok"), Look.DANGER if danger else Look.PRIMARY),
    ]
    icon, tone = ("triangle-alert", Tone.DANGER) if danger else ("circle-help", Tone.ACCENT)
    sheet = QuestionSheet(anchor, title, text, options=options, icon=icon, tone=tone)
    sheet.focus_option(0 if danger else 1)
    return await present(sheet) == "yes"


async def show_message(
    anchor: QWidget, title: str, text: str = "", *, tone: Tone = Tone.ACCENT
) -> None:
    """Tell something that must be read before going on."""
    icon = {Tone.OK: "circle-check", Tone.WARN: "triangle-alert", Tone.DANGER: "circle-alert"}
    options = [Option("", i18n.tr("ui.close"), Look.PRIMARY)]
    sheet = QuestionSheet(
        anchor, title, text, options=options, icon=icon.get(tone, "info"), tone=tone
    )
    sheet.focus_option(0)
    await present(sheet)


@dataclass(frozen=True, slots=True)
class Buttons:
    """The words on a form's two buttons; `stop` where "cancel" could be misunderstood."""

    action: str
    stop: str = ""
    look: Look = Look.PRIMARY


class FormSheet(Sheet):
    """A form in a sheet. It stays open, with the error in place, while `submit` is rejected."""

    def __init__(
        self,
        anchor: QWidget,
        title: str,
        sections: Sequence[Section | FieldSpec],
        *,
        buttons: Buttons,
        submit: Callable[[Values], Awaitable[object]] | None,
    ) -> None:
        super().__init__(anchor, width=theme.current().density.type.base * 40)
        self._submit = submit
        self.form = Form(sections)
        self._go = Button(buttons.action, look=buttons.look)
        self._stop = Button(buttons.stop or i18n.tr("ui.cancel"))
        self.body.addWidget(Label(title, Role.HEADING, wraps=True))
        self.body.addSpacing(theme.S1)
        self.body.addWidget(_Scrolled(self.form), 1)
        self.body.addSpacing(theme.S2)
        row = QHBoxLayout()
        row.setSpacing(theme.S2)
        row.addStretch()
        row.addWidget(self._stop)
        row.addWidget(self._go)
        self.body.addLayout(row)
        self.setAccessibleName(title)
        connect(self._go.clicked, self._try)
        connect(self._stop.clicked, self.cancel)
        connect(self.form.submitted, self._try)
        connect(self.form.cancelled, self.cancel)

    def show_rejected(self, error: Rejected) -> None:
        """Show what was refused, at its field."""
        self.form.show_rejected(error)

    def _try(self) -> None:
        values = self.form.values()
        if values is None:
            return
        if self._submit is None:
            self.finish(values)
            return
        self._go.setEnabled(False)
        tasks.latest(self, "submit", self._send(self._submit, values))

    async def _send(self, submit: Callable[[Values], Awaitable[object]], values: Values) -> None:
        try:
            await submit(values)
        finally:
            self._go.setEnabled(True)
        self.finish(values)


async def show_form(
    anchor: QWidget,
    title: str,
    sections: Sequence[Section | FieldSpec],
    *,
    values: Mapping[str, FieldValue] | None = None,
    action: str | Buttons = "",
    submit: Callable[[Values], Awaitable[object]] | None = None,
) -> Values | None:
    """Ask for the fields; gives their values, or None when cancelled.

    With `submit` the sheet closes only after it has succeeded; a Rejected is shown at its field.
    """
    buttons = action if isinstance(action, Buttons) else Buttons(action or i18n.tr("ui.save"))
    sheet = FormSheet(anchor, title, sections, buttons=buttons, submit=submit)
    if values is not None:
        sheet.form.set_values(values)
    sheet.form.focus_first()
    answer = await present(sheet)
    return answer if isinstance(answer, dict) else None


class _Scrolled(QScrollArea):
    """A form that is as high as its fields, and scrolls where the window is too low for them."""

    def __init__(self, form: Form) -> None:
        super().__init__()
        self._form = form
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        form.setProperty("role", "scrolled")
        form.setContentsMargins(2, 2, 2, 2)
        self.setWidget(form)

    def sizeHint(self) -> QSize:
        """Give the height that the fields need at this width."""
        form = self._form
        width = self.width() if self.testAttribute(Qt.WidgetAttribute.WA_Resized) else 0
        height = form.heightForWidth(width) if width and form.hasHeightForWidth() else -1
        return QSize(form.sizeHint().width(), height if height > 0 else form.sizeHint().height())

    def minimumSizeHint(self) -> QSize:
        """Give room for a field or two."""
        return QSize(0, min(3 * theme.current().density.control, self.sizeHint().height()))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another width asks for another height."""
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self.updateGeometry()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Grow with the fields, for example when one says what is wrong."""
        if event.type() is QEvent.Type.LayoutRequest and watched is self._form:
            self.updateGeometry()
        return super().eventFilter(watched, event)
