"""Starts the processes that make bootstrap files: one at a time, each file once."""

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

_Order = tuple[TenantId, tuple[str, ...]]


class Builders:
    """A queue of files to be made; a process of its own makes them, so that nobody waits for it.

    Two servers that make the same file at once do no harm: the database lets one of them do it.
    """

    def __init__(self, settings: Settings) -> None:
        self._environment = {**os.environ, **_environment(settings)}
        self._orders: deque[_Order] = deque()
        self._lock = threading.Lock()
        self._is_closed = False
        self._current: subprocess.Popen[bytes] | None = None
        self._thread: threading.Thread | None = None

    def ask(self, tenant_id: TenantId, scopes: Sequence[str]) -> None:
        """Have a file made, unless that was asked for already. Returns at once."""
        order = (tenant_id, tuple(scopes))
        with self._lock:
            if self._is_closed or order in self._orders:
                return
            self._orders.append(order)
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="builders", daemon=True)
                self._thread.start()

    def close(self) -> None:
        """Stop what is under way and take no more orders."""
        with self._lock:
            self._is_closed = True
            self._orders.clear()
            thread, current = self._thread, self._current
        if current is not None:
            current.terminate()
        if thread is not None:
            thread.join()

    def _work(self) -> None:
        while True:
            with self._lock:
                if not self._orders:
                    self._thread = None
                    return
                order = self._orders[0]
            self._make(order)
            with self._lock:
                if self._orders and self._orders[0] == order:
                    self._orders.popleft()

    def _make(self, order: _Order) -> None:
        tenant_id, scopes = order
        words = [sys.executable, "-m", "sync_server", "bootstrap", "--tenant-id", tenant_id]
        with self._lock:
            if self._is_closed:
                return
            self._current = subprocess.Popen(
                [*words, *(f"--scope={scope}" for scope in scopes)],
                env=self._environment,
                stdout=subprocess.DEVNULL,
            )
        try:
            code = self._current.wait(_LONGEST_SECONDS)
        except subprocess.TimeoutExpired:
            self._current.kill()
            code = self._current.wait()
        if code and not self._is_closed:
            _log.error("no bootstrap file of %s could be made: exit %s", tenant_id, code)


def _environment(settings: Settings) -> Mapping[str, str]:
    """How the process that makes a file finds the same database and folder."""
    known = {
        "PYCOMMERCE_DATA": str(settings.data_folder),
        "DATABASE_URL": settings.database_url,
        "PYCOMMERCE_APP_DATABASE_URL": settings.app_database_url,
    }
    return {name: value for name, value in known.items() if value is not None}
