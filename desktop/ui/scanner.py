"""Scanner: takes keyboard-wedge scans wherever the focus is, and gives typing back untouched."""

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication, QElapsedTimer, QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QWidget
from shiboken6 import isValid

from desktop.ui.binding import connect
from desktop.ui.scan_detector import Held, ScanDetector, ScanTiming, Verdict
from desktop.ui.sheet import top_sheet
from desktop.ui.sounds import Sounds, Tone

_ENDS = frozenset({Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Tab})
_MODIFIERS = frozenset(
    {Qt.Key.Key_Shift, Qt.Key.Key_Control, Qt.Key.Key_Alt, Qt.Key.Key_Meta, Qt.Key.Key_AltGr}
)
_GROUP_SEPARATOR = "\x1d"
_LINE_FEED = "\n"
# Timers may fire while key presses still wait in the queue; they are asked for once more first.
_LATE_MS = 20


@dataclass(frozen=True, slots=True)
class _Kept:
    """A key press kept back, with the widget it was for."""

    target: QObject
    key: int
    modifiers: Qt.KeyboardModifier
    text: str


class Scanner(QObject):
    """Watches all keys of the program. Signals: `code(text)`, `refused(text)`, `held(letter)`.

    `held` tells a letter that may begin a scan and reaches its field a moment later if it does
    not: who searches may begin to look.

    Screens say `scanner.route(widget, method)`; a code goes to the newest route whose widget is
    in sight, and while a sheet is open only to routes inside it. Without one it is refused with a
    buzz: it is never typed into a field and never lost silently.
    """

    code = Signal(str)
    refused = Signal(str)
    held = Signal(str)

    def __init__(
        self,
        app: QCoreApplication,
        timing: ScanTiming | None = None,
        *,
        sounds: Sounds | None = None,
        now_ms: Callable[[], int] | None = None,
    ) -> None:
        super().__init__(app)
        self._detector: ScanDetector[_Kept] = ScanDetector(timing or ScanTiming())
        self._sounds = sounds or Sounds()
        self._started = QElapsedTimer()
        self._started.start()
        self._now_ms = now_ms or self._started.elapsed
        self._trusts_stamps = now_ms is None
        self._least_delay_ms: int | None = None
        self._routes: list[tuple[QWidget, Callable[[str], None]]] = []
        self._is_replaying = False
        self._swallowed: set[int] = set()
        self._ended_at_ms = -1_000
        self._is_second_look = False
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        connect(self._timer.timeout, self.expire)
        app.installEventFilter(self)

    def close(self) -> None:
        """Stop watching; held keys are given back."""
        self._replay()
        app = QCoreApplication.instance()
        if app is not None:
            app.removeEventFilter(self)

    def route(self, widget: QWidget, method: Callable[[str], None]) -> None:
        """Send codes to `method`, a bound method, while `widget` is in sight."""
        self._routes = [pair for pair in self._routes if pair[0] is not widget]
        self._routes.append((widget, method))

    def unroute(self, widget: QWidget) -> None:
        """Send no more codes on behalf of a widget."""
        self._routes = [pair for pair in self._routes if pair[0] is not widget]

    def deliver(self, code: str) -> bool:
        """Give a code to its route, from wherever it comes; False when it was refused."""
        method = self._open_route()
        if method is None:
            self._sounds.play(Tone.REFUSE)
            self.refused.emit(code)
            return False
        self._sounds.play(Tone.ACCEPT)
        self.code.emit(code)
        method(code)
        return True

    def expire(self) -> None:
        """Decide what is held because no key came in time."""
        if not self._detector.is_holding:
            return
        late = self._now_ms() - self._detector.deadline_ms
        if late <= 0:
            self._timer.start(1 - late)
            return
        if late > _LATE_MS and not self._is_second_look:
            self._is_second_look = True
            self._timer.start(0)
            return
        self._is_second_look = False
        if self._detector.expire_verdict() is Verdict.SCAN:
            self._finish()
        else:
            self._replay()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Look at each key once, as it reaches the widget with the focus."""
        kind = event.type()
        if self._is_replaying or not isinstance(event, QKeyEvent):
            return False
        if not watched.isWidgetType():
            return False
        if kind is QEvent.Type.ShortcutOverride:
            return self._claim(event)
        if kind is QEvent.Type.KeyPress:
            return self._press(watched, event)
        if kind is QEvent.Type.KeyRelease:
            return self._release(event)
        return False

    # -- keys

    def _claim(self, event: QKeyEvent) -> bool:
        """Keep shortcuts from taking a key that may belong to a scan."""
        is_end = _is_end(event) and self._detector.is_holding
        if is_end or (_is_letter(event) and not self._detector.timing.prefix):
            event.accept()
            return True
        if self._detector.is_holding and event.key() not in _MODIFIERS:
            # An action of this key must find the letters before it where they belong.
            self._replay()
        return False

    def _press(self, target: QObject, event: QKeyEvent) -> bool:
        if event.key() in _MODIFIERS:
            return False
        now = self._when(event)
        verdict = self._judge(target, event, now)
        while verdict is Verdict.REPLAY:
            self._replay()
            verdict = self._judge(target, event, now)
        if verdict is Verdict.SCAN:
            self._swallowed.add(event.key())
            self._ended_at_ms = now
            self._finish()
            return True
        if verdict is Verdict.HOLD:
            self._swallowed.add(event.key())
            if self._detector.is_first:
                self.held.emit(event.text())
            self._is_second_look = False
            self._timer.start(max(0, self._detector.deadline_ms - now) + 1)
            return True
        return self._is_second_end(event, now)

    def _when(self, event: QKeyEvent) -> int:
        """Give when the key went down, on our clock, even if this thread was late to hear it."""
        now = self._now_ms()
        if not self._trusts_stamps or not event.timestamp():
            return now
        delay = now - event.timestamp()
        if self._least_delay_ms is None or delay < self._least_delay_ms:
            self._least_delay_ms = delay
        return now - (delay - self._least_delay_ms)

    def _judge(self, target: QObject, event: QKeyEvent, now: int) -> Verdict:
        if event.isAutoRepeat():
            return self._detector.other()
        if _is_letter(event):
            kept = _Kept(target, event.key(), event.modifiers(), event.text())
            is_written = _is_text_field(target)
            verdict = self._detector.letter(event.text(), now, kept, is_written=is_written)
            if verdict is Verdict.SCAN:
                # A scan without an end key came before; this letter begins something new.
                self._finish()
                verdict = self._detector.letter(event.text(), now, kept, is_written=is_written)
            return verdict
        if _is_end(event):
            return self._end(now)
        return self._detector.other()

    def _end(self, now: int) -> Verdict:
        if self._detector.is_holding and now > self._detector.deadline_ms:
            if self._detector.expire_verdict() is Verdict.SCAN:
                self._finish()
                return Verdict.PASS
            return Verdict.REPLAY
        return self._detector.end(now)

    def _is_second_end(self, event: QKeyEvent, now: int) -> bool:
        """Swallow the line feed that some scanners send after the return."""
        gap = now - self._ended_at_ms
        if _is_end(event) and gap <= self._detector.timing.average_ms:
            self._ended_at_ms = -1_000
            self._swallowed.add(event.key())
            return True
        return False

    def _release(self, event: QKeyEvent) -> bool:
        if event.key() in self._swallowed:
            self._swallowed.discard(event.key())
            return True
        return False

    # -- outcomes

    def _finish(self) -> None:
        self._timer.stop()
        held = self._detector.take()
        code = self._detector.code(held)
        if code:
            self.deliver(code)

    def _replay(self) -> None:
        self._timer.stop()
        held = self._detector.take()
        self._is_replaying = True
        try:
            for key in held:
                self._type(key)
        finally:
            self._is_replaying = False

    def _type(self, held: Held[_Kept]) -> None:
        kept = held.keep
        focused = QApplication.focusWidget()
        target = focused or (kept.target if isValid(kept.target) else None)
        if target is None:
            return
        for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
            QCoreApplication.sendEvent(target, QKeyEvent(kind, kept.key, kept.modifiers, kept.text))

    def _open_route(self) -> Callable[[str], None] | None:
        self._routes = [pair for pair in self._routes if isValid(pair[0])]
        for widget, method in reversed(self._routes):
            if not widget.isVisible() or not widget.isEnabled():
                continue
            sheet = top_sheet(widget)
            if sheet is None or sheet is widget or sheet.isAncestorOf(widget):
                return method
        return None


def _is_chord(event: QKeyEvent) -> bool:
    held = event.modifiers()
    chord = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier
    return bool(held & chord)


def _is_end(event: QKeyEvent) -> bool:
    """Say whether this ends a scan: Enter, Tab, or the line feed that some scanners send."""
    is_plain = event.key() in _ENDS and not _is_chord(event)
    return is_plain or event.text() == _LINE_FEED


def _is_text_field(target: QObject) -> bool:
    """Say whether people write into it, so that a letter must be seen at once."""
    attribute = Qt.WidgetAttribute.WA_InputMethodEnabled
    return isinstance(target, QWidget) and target.testAttribute(attribute)


def _is_letter(event: QKeyEvent) -> bool:
    """Say whether a scanner may have typed this: a printed sign, not from the keypad."""
    text = event.text()
    if len(text) != 1 or event.modifiers() & Qt.KeyboardModifier.KeypadModifier:
        return False
    return text == _GROUP_SEPARATOR or (text.isprintable() and not _is_chord(event))
