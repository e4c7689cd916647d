"""The desktop client: python -m desktop [--workspace NAME] [--profile NAME]."""

import argparse
import asyncio
import logging
import os
import signal
import sys
from collections.abc import Sequence

import qasync
from PySide6.QtCore import QSocketNotifier
from PySide6.QtWidgets import QApplication

from desktop.app import Options, Program
from desktop.leaving import unsent
from desktop.settings import Profile, profile_named
from desktop.ui import i18n
from desktop.ui.binding import connect
from shared.kernel.errors import CodedError
from shared.organization.commands import Workspace

_UNSENT = 3
"""What the program ends with when something was not sent: for whoever takes it off a machine."""
VNC_WARNING = (
    "VNC: anybody who reaches port {port} of this machine sees and controls the window;"
    " there is no password."
)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one window until it is closed; 1 when it could not start."""
    given = _parser().parse_args(argv)
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    if given.unsent:
        return _tell_unsent(profile_named(given.profile), given.language)
    if given.vnc is not None:
        os.environ["QT_QPA_PLATFORM"] = f"vnc:port={given.vnc}:size=1280x800"
        sys.stderr.write(VNC_WARNING.format(port=given.vnc) + "\n")
    app = QApplication(sys.argv[:1])
    app.setApplicationName("PyCommerce")
    app.setQuitOnLastWindowClosed(False)
    loop = qasync.QEventLoop(app)
    asyncio.set_event_loop(loop)
    with loop:
        code: int = loop.run_until_complete(_live(_options(given), app, loop))
    return code


def _tell_unsent(profile: Profile, language: str) -> int:
    """Say what the server does not have; 0 only when it has everything."""
    i18n.use(i18n.load(language or "en"))
    try:
        waiting = unsent(profile)
    except CodedError as error:
        sys.stderr.write(f"{i18n.error_text(error)}\n")
        return 1
    if waiting.count and waiting.oldest_at is not None:
        oldest = i18n.format_datetime(waiting.oldest_at)
        sys.stdout.write(i18n.tr("leaving.unsent", count=waiting.count, oldest=oldest) + "\n")
    if waiting.blobs:
        sys.stdout.write(i18n.tr("leaving.files", count=waiting.blobs) + "\n")
    if waiting.count or waiting.blobs:
        return _UNSENT
    sys.stdout.write(i18n.tr("leaving.nothing") + "\n")
    return 0


async def _live(options: Options, app: QApplication, loop: asyncio.AbstractEventLoop) -> int:
    """Open, wait until the person leaves or the system asks, and end in order."""
    program = Program(options, app)
    put_back = program.last_resort.install()
    program.last_resort.watch(loop)
    wakes = _SignalWakes(program)
    try:
        await program.start()
        await program.ended.wait()
    except CodedError as error:
        sys.stderr.write(f"{i18n.error_text(error)}\n")
        return 1
    finally:
        await program.stop()
        wakes.close()
        put_back()
    return 0


class _SignalWakes:
    """Turns SIGINT and SIGTERM into an orderly end, while Qt waits for events."""

    def __init__(self, program: Program) -> None:
        self._program = program
        self._read, self._write = os.pipe()
        os.set_blocking(self._write, False)
        signal.set_wakeup_fd(self._write)
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._ignore)
        self._notifier = QSocketNotifier(self._read, QSocketNotifier.Type.Read)
        connect(self._notifier.activated, self._program.close_asked)

    @staticmethod
    def _ignore(_number: int, _frame: object) -> None:
        """Python needs a handler, so that the signal reaches the pipe."""

    def close(self) -> None:
        """Listen no more."""
        self._notifier.setEnabled(False)
        signal.set_wakeup_fd(-1)
        os.close(self._read)
        os.close(self._write)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="desktop", description="The PyCommerce desktop client.")
    parser.add_argument("--workspace", choices=[each.value for each in Workspace])
    parser.add_argument("--profile", default="default", help="a device of its own on this machine")
    parser.add_argument("--language", choices=i18n.LANGUAGES, default="")
    parser.add_argument("--theme", choices=["light", "dark"], default="")
    parser.add_argument(
        "--unsent", action="store_true", help="say what was not sent yet, and show no window"
    )
    parser.add_argument("--full-screen", action="store_true")
    parser.add_argument(
        "--pair", nargs=2, metavar=("SERVER", "CODE"), help="pair an unpaired profile"
    )
    parser.add_argument(
        "--sign-in", nargs=2, metavar=("NAME", "PIN"), help="let somebody in at once, for demos"
    )
    parser.add_argument(
        "--vnc", type=int, nargs="?", const=5900, metavar="PORT", help="show the window over VNC"
    )
    return parser


def _options(given: argparse.Namespace) -> Options:
    return Options(
        profile=profile_named(given.profile),
        workspace=None if given.workspace is None else Workspace(given.workspace),
        language=given.language,
        mode=given.theme,
        is_full_screen=given.full_screen,
        pair_with=None if given.pair is None else (given.pair[0], given.pair[1]),
        sign_in_as=None if given.sign_in is None else (given.sign_in[0], given.sign_in[1]),
    )


if __name__ == "__main__":
    sys.exit(main())
