"""Starts long jobs as processes of the command line: one after the other, each once."""

import logging
import os
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Mapping, Sequence

from shared.kernel.ids import TenantId
from sync_server.settings import Settings

_log = logging.getLogger(__name__)
_LONGEST_SECONDS = 1800
EVERY_SECONDS = 24 * 3600.0
"""How often logs are made short; the first time when a server has run for so long."""

_Words = tuple[str, ...]


class JobQueue:
    """Jobs that wait for their turn; each is a process of its own, so that nobody waits for it.

    Two servers that do the same job at once do no harm: the database lets one of them do it.
    """

    def __init__(self, settings: Settings) -> None:
        self._environment = {**os.environ, **_environment(settings)}
        self._is_owner = settings.database_url is not None
        self._waiting: deque[_Words] = deque()
        self._changed = threading.Condition()
        self._is_closed = False
        self._current: subprocess.Popen[bytes] | None = None
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin to work, in a thread of its own."""
        self._thread = threading.Thread(target=self._work, name="jobs", daemon=True)
        self._thread.start()

    def ask_for_file(self, tenant_id: TenantId, scopes: Sequence[str]) -> None:
        """Have a bootstrap file made, unless that was asked for already. Returns at once."""
        self._ask("bootstrap", "--tenant-id", tenant_id, *(f"--scope={each}" for each in scopes))

    def _ask(self, *words: str) -> None:
        with self._changed:
            if not self._is_closed and words not in self._waiting:
                self._waiting.append(words)
                self._changed.notify()

    def close(self) -> None:
        """Stop what is under way and do nothing more."""
        with self._changed:
            self._is_closed = True
            if self._current is not None:
                self._current.terminate()
            self._changed.notify()
        if self._thread is not None:
            self._thread.join()

    def _work(self) -> None:
        while (words := self._next()) is not None:
            self._run(words)
            with self._changed:
                # Only now: whoever asks meanwhile is content with what is under way.
                self._waiting.popleft()

    def _next(self) -> _Words | None:
        """The job whose turn it is, once there is one; None at the end."""
        with self._changed:
            while not self._is_closed:
                if self._waiting:
                    return self._waiting[0]
                if not self._changed.wait(EVERY_SECONDS) and self._is_owner:
                    self._waiting.append(("compact",))
        return None

    def _run(self, words: _Words) -> None:
        with self._changed:
            if self._is_closed:
                return
            self._current = subprocess.Popen(
                [sys.executable, "-m", "sync_server", *words],
                env=self._environment,
                stdout=subprocess.DEVNULL,
            )
        try:
            code = self._current.wait(_LONGEST_SECONDS)
        except subprocess.TimeoutExpired:
            self._current.kill()
            code = self._current.wait()
        if code and not self._is_closed:
            _log.error("a job failed with exit %s: %s", code, " ".join(words))


def _environment(settings: Settings) -> Mapping[str, str]:
    """How the process of a job finds the same database and folder."""
    known = {
        "PYCOMMERCE_DATA": str(settings.data_folder),
        "DATABASE_URL": settings.database_url,
        "PYCOMMERCE_APP_DATABASE_URL": settings.app_database_url,
    }
    return {name: value for name, value in known.items() if value is not None}
