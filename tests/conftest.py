"""Gates that every test passes: loopback only, and nothing left behind."""

import contextlib
import gc
import os
import shutil
import sys
import tempfile
import threading
from collections.abc import Container, Iterator
from ipaddress import ip_address
from pathlib import Path
from typing import ClassVar

import psutil
import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QThread
from PySide6.QtWidgets import QApplication
from shiboken6 import getCppPointer, isValid

from sync_server import embedded

# Before any test makes a QApplication or looks for the user's own folders and keys.
_HOME = tempfile.mkdtemp(prefix="pycommerce-tests-")
os.environ |= {
    "HYPOTHESIS_STORAGE_DIRECTORY": f"{_HOME}/hypothesis",
    "QT_QPA_PLATFORM": "offscreen",
    "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring",
    "XDG_CACHE_HOME": f"{_HOME}/cache",
    "XDG_CONFIG_HOME": f"{_HOME}/config",
    "XDG_DATA_HOME": f"{_HOME}/data",
    "XDG_STATE_HOME": f"{_HOME}/state",
}

ENDING_SECONDS = 5.0
"""What a thread or child process that was told to end gets for it."""
_SPAWNING = frozenset({"os.fork", "os.posix_spawn", "subprocess.Popen"})
_SPEAKING = frozenset({"socket.bind", "socket.connect", "socket.getaddrinfo", "socket.sendto"})


class _Gate:
    """What the audit hook saw, and the child processes of fixtures that live longer than a test."""

    has_spawned = False
    children: ClassVar[dict[int, str]] = {}


class NetworkUsed(Exception):
    """A test reached for a host other than this machine's loopback."""


def _audit(event: str, args: tuple[object, ...]) -> None:
    if event in _SPAWNING:
        _Gate.has_spawned = True
    elif event in _SPEAKING:
        host = args[0] if event == "socket.getaddrinfo" else args[1]
        if isinstance(host, tuple):
            host = host[0]
        elif event != "socket.getaddrinfo":
            return  # a path of a Unix socket
        if not _is_loopback(host):
            raise NetworkUsed(f"{event} {host!r}: tests speak to loopback only")


def _is_loopback(host: object) -> bool:
    name = host.decode() if isinstance(host, bytes) else host
    if name in {None, "localhost"}:
        return True
    try:
        return ip_address(str(name)).is_loopback
    except ValueError:
        return False


sys.addaudithook(_audit)


def pytest_unconfigure() -> None:
    """Remove the folders that stood in for the user's own."""
    shutil.rmtree(_HOME, ignore_errors=True)


@pytest.fixture(autouse=True)
def nothing_left_behind(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail a test that leaves a thread, a child process or a window behind, and name it."""
    uses_qt = "qapp" in request.fixturenames
    threads = set(threading.enumerate())
    windows = _windows() if uses_qt else {}
    qthreads = _running_qthreads() if uses_qt else []
    if _Gate.has_spawned:
        _Gate.children = _children()
        _Gate.has_spawned = False

    yield

    left = _threads_left(threads)
    if uses_qt:
        left += _windows_left(windows)
        left += [name for name in _running_qthreads() if name not in qthreads]
    if _Gate.has_spawned:
        left += _children_left(_Gate.children)
    if left:
        pytest.fail(f"left behind: {', '.join(left)}", pytrace=False)


def _threads_left(before: set[threading.Thread]) -> list[str]:
    for thread in set(threading.enumerate()) - before:
        if not _is_foreign(thread):
            thread.join(ENDING_SECONDS)
    left = set(threading.enumerate()) - before
    return [f"thread {thread.name}" for thread in left if not _is_foreign(thread)]


def _is_foreign(thread: threading.Thread) -> bool:
    """Whether Python only met it, as it does Qt's: such entries stay when the thread has gone."""
    return type(thread).__name__ == "_DummyThread"


def _children(kept: Container[int] = ()) -> dict[int, str]:
    """Command lines by process id of all descendants, except those of `kept` processes."""
    found = {}
    for child in psutil.Process().children(recursive=True):
        try:
            family = {child.pid, *(parent.pid for parent in child.parents())}
            if not any(pid in kept for pid in family):
                found[child.pid] = " ".join(child.cmdline()[:3]) or child.name()
        except psutil.Error:
            continue
    return found


def _children_left(kept: Container[int]) -> list[str]:
    ending = []
    for pid in _children(kept):
        with contextlib.suppress(psutil.NoSuchProcess):
            ending.append(psutil.Process(pid))
    psutil.wait_procs(ending, timeout=ENDING_SECONDS)
    return [f"process {pid} ({line})" for pid, line in _children(kept).items()]


def _windows() -> dict[int, str]:
    """Top-level widgets by the address of the C++ object."""
    return {
        getCppPointer(widget)[0]: f"{type(widget).__name__} {widget.objectName()}".strip()
        for widget in QApplication.topLevelWidgets()
    }


def _windows_left(before: dict[int, str]) -> list[str]:
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    if _windows().keys() - before.keys():
        gc.collect()
    return [f"window {name}" for key, name in _windows().items() if key not in before]


def _running_qthreads() -> list[str]:
    found = [each for each in gc.get_objects() if issubclass(type(each), QThread)]
    return [
        f"QThread {each.objectName() or type(each).__name__}"
        for each in found
        if isValid(each) and each.isRunning()
    ]


@pytest.fixture
def reachable_folder() -> Iterator[Path]:
    """An empty folder that other accounts can pass through, as PostgreSQL's needs to be."""
    folder = Path(tempfile.mkdtemp(prefix="pycommerce-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A superuser's SQLAlchemy URL: DATABASE_URL, or one throw-away cluster for the session."""
    given = os.environ.get("DATABASE_URL")
    if given:
        yield given
        return
    folder = Path(tempfile.mkdtemp(prefix="pycommerce-"))
    folder.chmod(0o755)
    with embedded.running(folder, durable=False) as server:
        yield server.url
    shutil.rmtree(folder)
