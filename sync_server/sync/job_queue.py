"""Starts long jobs as processes of the command line: files for devices, short logs once a day."""

import logging
import os
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

from shared.kernel.clock import Clock
from shared.kernel.ids import TenantId
from sync_server.settings import Settings

_log = logging.getLogger(__name__)
LONGEST_SECONDS = 1800
MOST_WAITING = 8
"""With more files than that ahead, a device is filled by pages sooner."""
FORGIVEN_SECONDS = 600.0
"""After so long a file that could not be made is tried again."""
_A_DAY = timedelta(days=1)
_LOOK_SECONDS = 900.0
_DONE_AT = "compacted.at"

_Words = tuple[str, ...]


class JobQueue:
    """Two lanes: files that devices wait for, one after the other, and logs to be made short.

    Each job is a process of its own, so that no request waits for it. Two servers that do the same
    job at once do no harm: the database lets one of them do it.
    """

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self._clock = clock
        self._environment = {**os.environ, **_environment(settings)}
        self._compacts = settings.database_url is not None
        self._done_at = settings.data_folder / _DONE_AT
        self._waiting: deque[_Words] = deque()
        self._failed: dict[_Words, float] = {}
        self._changed = threading.Condition()
        self._is_closed = False
        self._running: set[subprocess.Popen[bytes]] = set()
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        """Begin to work, in threads of its own."""
        lanes: list[Callable[[], None]] = [self._make_files]
        if self._compacts:
            lanes.append(self._compact_daily)
        for lane in lanes:
            thread = threading.Thread(target=lane, name="jobs", daemon=True)
            thread.start()
            self._threads.append(thread)

    def ask_for_file(self, tenant_id: TenantId, scopes: Sequence[str]) -> bool:
        """Have a bootstrap file made, unless that was asked for already; returns at once.

        Whether it can be expected soon: not while many others are ahead, or when it could not be
        made a short while ago.
        """
        words = ("bootstrap", "--tenant-id", tenant_id, *(f"--scope={each}" for each in scopes))
        with self._changed:
            failed_at = self._failed.get(words)
            if failed_at is not None and time.monotonic() - failed_at < FORGIVEN_SECONDS:
                return False
            self._failed.pop(words, None)
            if words in self._waiting:
                return self._waiting.index(words) < MOST_WAITING
            if self._is_closed or len(self._waiting) >= MOST_WAITING:
                return False
            self._waiting.append(words)
            self._changed.notify_all()
            return True

    def until_idle(self) -> None:
        """Wait until no file is being made or waited for."""
        with self._changed:
            self._changed.wait_for(lambda: not self._waiting or self._is_closed)

    def close(self) -> None:
        """Stop what is under way and do nothing more."""
        with self._changed:
            self._is_closed = True
            for process in self._running:
                process.terminate()
            self._changed.notify_all()
        for thread in self._threads:
            thread.join()

    def _make_files(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._waiting or self._is_closed)
                if self._is_closed:
                    return
                words = self._waiting[0]
            is_done = self._run(words)
            with self._changed:
                # Only now: whoever asks meanwhile is content with what is under way.
                self._waiting.popleft()
                if not is_done:
                    self._failed[words] = time.monotonic()
                self._changed.notify_all()

    def _compact_daily(self) -> None:
        """Look now and then, over restarts too, whether a day has gone by."""
        while True:
            with self._changed:
                if self._changed.wait_for(lambda: self._is_closed, _LOOK_SECONDS):
                    return
            if self._is_due():
                self._run(("compact",))
                # Also when that failed: what went wrong is in the log, and tomorrow is another day.
                self._done_at.parent.mkdir(parents=True, exist_ok=True)
                self._done_at.write_text(self._clock.now().isoformat())

    def _is_due(self) -> bool:
        """Whether logs were last made short more than a day ago, or never."""
        try:
            done_at = datetime.fromisoformat(self._done_at.read_text())
        except (FileNotFoundError, ValueError):
            return True
        return abs(self._clock.now() - done_at) >= _A_DAY

    def _run(self, words: _Words) -> bool:
        """Run a job to its end; whether it did what it should."""
        try:
            with self._changed:
                if self._is_closed:
                    return False
                process = subprocess.Popen(
                    [sys.executable, "-m", "sync_server", *words],
                    env=self._environment,
                    stdout=subprocess.DEVNULL,
                )
                self._running.add(process)
        except OSError:
            _log.exception("a job could not be started: %s", " ".join(words))
            return False
        try:
            code = process.wait(LONGEST_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            code = process.wait()
        with self._changed:
            self._running.discard(process)
            if code and not self._is_closed:
                _log.error("a job failed with exit %s: %s", code, " ".join(words))
        return code == 0


def _environment(settings: Settings) -> Mapping[str, str]:
    """How the process of a job finds the same database, folder and bucket."""
    known = {
        "PYCOMMERCE_DATA": str(settings.data_folder),
        "DATABASE_URL": settings.database_url,
        "PYCOMMERCE_APP_DATABASE_URL": settings.app_database_url,
        "PYCOMMERCE_OBJECTS": settings.objects_url,
        "PYCOMMERCE_OBJECTS_ENDPOINT": settings.objects_endpoint,
        "PYCOMMERCE_OBJECTS_REGION": settings.objects_region,
    }
    return {name: value for name, value in known.items() if value is not None}
