"""The last resort: what nobody caught is shown, noted down without personal figures, or raised."""

import asyncio
import logging
import platform
import re
import sys
import threading
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any

import msgspec

from shared.kernel.clock import Clock
from shared.kernel.errors import Rejected, Unavailable

_log = logging.getLogger(__name__)

REPORTS_KEPT = 20
_NUMBERS = re.compile(r"\d{2,}")
_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"")
_MAIL = re.compile(r"\S+@\S+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What is noted of a mistake of ours: where in the program, never about whom or how much."""

    happened_at: datetime
    version: str
    system: str
    python: str
    thread: str
    kind: str
    message: str
    frames: tuple[str, ...]


@dataclass(slots=True, kw_only=True)
class LastResort:
    """Takes errors that reached nobody.

    `show_rejected` and `show_unavailable` tell the person; `show_report` says that something is
    wrong and where the report lies. All are called in the thread where the error came up and must
    hand over to the UI thread themselves. With `raises` every error goes on to `failed` as well: a
    test does not get away with it.
    """

    folder: Path
    clock: Clock
    version: str
    show_rejected: Callable[[Rejected], None]
    show_unavailable: Callable[[Unavailable], None]
    show_report: Callable[[Path | None], None]
    raises: bool = False
    failed: list[BaseException] = field(default_factory=list)

    def take(self, error: BaseException, *, thread: str | None = None) -> None:
        """Bring one error where it belongs."""
        if isinstance(error, Rejected):
            self.show_rejected(error)
        elif isinstance(error, Unavailable):
            _log.warning("unavailable: %s", error)
            self.show_unavailable(error)
        else:
            _log.critical("nobody caught this", exc_info=error)
            self.show_report(self.write(error, thread=thread))
        if self.raises:
            self.failed.append(error)

    def write(self, error: BaseException, *, thread: str | None = None) -> Path | None:
        """Write a report file and give its path; None where the disk does not take it."""
        report = self.describe(error, thread=thread)
        name = f"report-{report.happened_at:%Y%m%dT%H%M%S%f}.json"
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            path = self.folder / name
            path.write_bytes(msgspec.json.format(msgspec.json.encode(report)))
            for older in sorted(self.folder.glob("report-*.json"))[:-REPORTS_KEPT]:
                older.unlink()
        except OSError:
            _log.exception("the report could not be written")
            return None
        return path

    def describe(self, error: BaseException, *, thread: str | None = None) -> Report:
        """What is noted of an error: no values, no local variables, no file paths of the person."""
        return Report(
            happened_at=self.clock.now(),
            version=self.version,
            system=platform.platform(),
            python=platform.python_version(),
            thread=thread or threading.current_thread().name,
            kind=type(error).__qualname__,
            message=without_personal_figures(str(error)),
            frames=tuple(_frames(error)),
        )

    # -- hooks -------------------------------------------------------------------------------

    def install(self) -> Callable[[], None]:
        """Take errors of the main thread and of all others; the result puts the old hooks back."""
        before = (sys.excepthook, threading.excepthook)
        sys.excepthook = self._of_main
        threading.excepthook = self._of_thread

        def put_back() -> None:
            sys.excepthook, threading.excepthook = before

        return put_back

    def watch(self, loop: asyncio.AbstractEventLoop) -> None:
        """Take errors of an event loop that no task awaited."""
        loop.set_exception_handler(self._of_loop)

    def _of_main(
        self, kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        if issubclass(kind, KeyboardInterrupt):
            sys.__excepthook__(kind, error, trace)
            return
        self.take(error)

    def _of_thread(self, args: threading.ExceptHookArgs) -> None:
        if args.exc_value is not None and not isinstance(args.exc_value, SystemExit):
            self.take(args.exc_value, thread=None if args.thread is None else args.thread.name)

    def _of_loop(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        error = context.get("exception")
        if isinstance(error, BaseException):
            self.take(error)
        else:
            self.take(RuntimeError(str(context.get("message", "the event loop complained"))))


def without_personal_figures(text: str) -> str:
    """A message without what it says of people and money: quoted words, numbers, addresses."""
    for pattern, mark in ((_QUOTED, "'…'"), (_MAIL, "…@…"), (_NUMBERS, "#")):
        text = pattern.sub(mark, text)
    return text[:500]


def _frames(error: BaseException) -> list[str]:
    """Where it happened, with what led to it: module path, line and function only."""
    found: list[str] = []
    current: BaseException | None = error
    while current is not None:
        found.append(type(current).__qualname__)
        found += [
            f"{_inside(frame.filename)}:{frame.lineno} {frame.name}"
            for frame in traceback.extract_tb(current.__traceback__)
        ]
        current = current.__cause__ or current.__context__
    return found


def _inside(filename: str) -> str:
    """A file's place inside the program or its libraries, without the person's folders."""
    parts = Path(filename).parts
    for start in ("desktop", "shared", "site-packages"):
        if start in parts:
            return "/".join(parts[len(parts) - 1 - parts[::-1].index(start) :])
    return parts[-1] if parts else filename
