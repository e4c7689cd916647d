"""The gates of tests/conftest.py: each planted sin fails its test by name, clean tests pass."""

import pytest

pytest_plugins = ["pytester"]

PLANTED = """
import logging, subprocess, socket, sys, threading
import pytest
from PySide6.QtCore import QThread, qWarning
from PySide6.QtWidgets import QWidget

import tests.conftest

tests.conftest.ENDING_SECONDS = 0.5
KEPT = []

def test_clean(qtbot):
    widget = QWidget()
    qtbot.addWidget(widget)
    thread = threading.Thread(target=print)
    thread.start()
    subprocess.run([sys.executable, "-c", ""], check=True)
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(server.getsockname()).close()

def test_thread():
    ending = threading.Event()
    KEPT.append(ending)
    threading.Thread(target=ending.wait, name="forgotten-thread").start()

def test_child():
    KEPT.append(subprocess.Popen(["sleep", "30"]))

def test_window(qapp):
    KEPT.append(QWidget(objectName="forgotten-window"))

def test_qthread(qapp):
    KEPT.append(QThread(objectName="forgotten-qthread"))
    KEPT[-1].start()

def test_network():
    with socket.socket() as client, pytest.raises(OSError):
        client.connect(("192.0.2.1", 80))

def test_open_door():
    with socket.socket() as server:
        server.bind(("0.0.0.0", 0))

def test_qt_warning(qapp):
    qWarning("a Qt warning")

def test_warning():
    import warnings
    warnings.warn("an old habit")

@pytest.fixture(scope="session", autouse=True)
def ended():
    yield
    for each in KEPT:
        if isinstance(each, threading.Event):
            each.set()
        elif isinstance(each, QThread):
            each.quit()
            each.wait()
        elif isinstance(each, subprocess.Popen):
            each.kill()
            each.wait()
"""

SINS = {
    "thread": "left behind: thread forgotten-thread",
    "child": "left behind: process * (sleep 30)",
    "window": "left behind: window QWidget forgotten-window",
    "qthread": "left behind: QThread forgotten-qthread",
    "network": "*NetworkUsed: socket.connect '192.0.2.1': tests speak to loopback only",
    "open_door": "*NetworkUsed: socket.bind '0.0.0.0': tests speak to loopback only",
    "qt_warning": "*a Qt warning*",
    "warning": "*UserWarning: an old habit",
}


def test_each_sin_is_caught_and_named(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(PLANTED)
    pytester.makeini("[pytest]\nfilterwarnings = error\nqt_log_level_fail = WARNING\n")

    result = pytester.runpytest_subprocess("-p", "tests.conftest", "-p", "no:randomly")

    result.assert_outcomes(passed=5, failed=4, errors=4)
    result.stdout.fnmatch_lines_random(list(SINS.values()))
