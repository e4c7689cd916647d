"""The run file: explains itself, starts at once, ends what it started, and the lock it installs."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path

import psutil
import pytest

ROOT = Path(__file__).resolve().parents[1]
RUN = str(ROOT / "run")
LOCKS = {path.stem: path.read_text() for path in sorted((ROOT / "lock").glob("*.txt"))}
ENDING_SECONDS = 20.0

# Loads ./run as a module and lets it run a child that starts a stubborn grandchild.
# Ctrl-C is ignored at first, as a shell script has it for what it starts in the background.
STUBBORN = """
import importlib.machinery, importlib.util, signal, sys
loader = importlib.machinery.SourceFileLoader("run", sys.argv[1])
run = importlib.util.module_from_spec(importlib.util.spec_from_loader("run", loader))
loader.exec_module(run)
signal.signal(signal.SIGINT, signal.SIG_IGN)
run.heed_signals()
run.ENDING_SECONDS = 0.3
child = '''
import signal, subprocess, sys
signal.signal(signal.SIGINT, signal.SIG_IGN)
grandchild = (
    "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
    "print(1, flush=True); signal.pause()"
)
subprocess.Popen([sys.executable, "-c", grandchild])
signal.pause()
'''
sys.exit(run.run(sys.executable, "-c", child))
"""

# Loads ./run as a module and plays the demo of another folder in this environment.
START_DEMO = """
import importlib.machinery, importlib.util, signal, sys
loader = importlib.machinery.SourceFileLoader("run", {run!r})
run = importlib.util.module_from_spec(importlib.util.spec_from_loader("run", loader))
loader.exec_module(run)
signal.signal(signal.SIGINT, signal.SIG_IGN)
run.heed_signals()
run.ROOT = run.Path({checkout!r})
sys.exit(run.run(sys.executable, "-m", "demo"))
"""
SEATS = ("merchant", "fulfillment", "kiosk")
DEMO_SECONDS = 60.0


def is_set_up() -> bool:
    """Whether ./run made this environment and would find nothing to do."""
    loader = SourceFileLoader("run", RUN)
    spec = spec_from_loader("run", loader)
    assert spec is not None
    run = module_from_spec(spec)
    loader.exec_module(run)
    return bool(run.stamp() == run.wanted_stamp())


def ask(*arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    """What ./run says to a command, without any display."""
    kept = {k: v for k, v in os.environ.items() if "DISPLAY" not in k and "QT_" not in k}
    return subprocess.run(
        [sys.executable, RUN, *arguments],
        env=kept | environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_run_alone_explains_every_command() -> None:
    said = ask()

    assert said.returncode == 0
    for command in ("demo", "test", "check", "bench", "server", "desktop", "import", "setup"):
        assert f"./run {command}" in said.stdout


def test_unknown_command_is_one_clear_sentence() -> None:
    said = ask("tset")

    assert said.returncode == 1
    assert said.stderr == "run: There is no command 'tset'; ./run lists them.\n"


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux lacks a display")
@pytest.mark.parametrize("command", ["demo", "desktop"])
def test_without_a_display_it_names_the_ways_on(command: str) -> None:
    said = ask(command)

    assert said.returncode == 1
    for way in ("./run demo --story", "./run demo --vnc", "UNPROTECTED", "./run server"):
        assert way in said.stderr


@pytest.mark.skipif(not is_set_up(), reason="this environment was not made by ./run")
@pytest.mark.parametrize("command", ["demo", "desktop"])
def test_help_needs_no_display(command: str) -> None:
    said = ask(command, "--help")

    assert said.returncode == 0
    assert said.stdout.startswith("usage: ")


@pytest.mark.timing
@pytest.mark.skipif(not is_set_up(), reason="this environment was not made by ./run")
def test_a_second_start_costs_less_than_a_second() -> None:
    started = time.monotonic()
    said = ask("setup")
    seconds = time.monotonic() - started

    assert said.stderr == ""
    assert seconds < 1.0


@pytest.fixture
def stubborn() -> Iterator["subprocess.Popen[bytes]"]:
    """A ./run whose child ignores Ctrl-C and whose grandchild ignores SIGTERM."""
    with subprocess.Popen(
        [sys.executable, "-c", STUBBORN, RUN], stdout=subprocess.PIPE, start_new_session=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"1\n"
        yield process
        process.kill()


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such signals")
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_being_stopped_leaves_no_process_behind(
    stubborn: "subprocess.Popen[bytes]", how: signal.Signals
) -> None:
    family = psutil.Process(stubborn.pid).children(recursive=True)

    stubborn.send_signal(how)

    assert stubborn.wait(ENDING_SECONDS) == 128 + signal.SIGINT
    _, alive = psutil.wait_procs(family, timeout=ENDING_SECONDS)
    assert len(family) == 2
    assert alive == []


@pytest.fixture
def playing(tmp_path: Path) -> Iterator["subprocess.Popen[str]"]:
    """A demo whose windows are drawn nowhere, in a checkout's place of its own."""
    kept = {k: v for k, v in os.environ.items() if k not in {"DATABASE_URL", "PYCOMMERCE_DATA"}}
    checkout = tmp_path / "checkout"
    checkout.mkdir()
    for name in ("demo.py", "desktop", "migrations", "resources", "shared", "sync_server"):
        (checkout / name).symlink_to(ROOT / name)
    starter = START_DEMO.format(run=RUN, checkout=str(checkout))
    with subprocess.Popen(
        [sys.executable, "-c", starter],
        env=kept | {"QT_QPA_PLATFORM": "offscreen"},
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        yield process
        process.kill()


def told(process: "subprocess.Popen[str]", words: str) -> str:
    """What the demo says up to some words."""
    assert process.stderr is not None
    said = ""
    while words not in said:
        line = process.stderr.readline()
        assert line, said
        said += line
    return said


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.skipif(os.name == "nt", reason="Windows has no such signals")
def test_a_demo_ends_as_a_whole_and_one_window_does_not_end_the_others(
    playing: "subprocess.Popen[str]",
) -> None:
    said = told(playing, "ends everything")
    family = psutil.Process(playing.pid).children(recursive=True)
    has_postgres = any(process.name().startswith("postgres") for process in family)
    windows = {w: p for p in family for w in SEATS if f"--workspace {w} " in " ".join(p.cmdline())}

    windows["kiosk"].kill()
    after_kill = told(playing, "The others go on.")
    is_going_on = all(windows[w].is_running() for w in ("merchant", "fulfillment"))
    playing.send_signal(signal.SIGINT)
    code = playing.wait(DEMO_SECONDS)

    for words in ("Olive Hart    PIN 1111", "http://127.0.0.1:", "Ctrl-C"):
        assert words in said
    assert "Till ended by itself (code -9)" in after_kill
    assert is_going_on
    assert has_postgres
    assert code == 128 + signal.SIGINT
    _, alive = psutil.wait_procs(family, timeout=ENDING_SECONDS)
    assert alive == []


@pytest.mark.parametrize("name", LOCKS)
def test_lock_names_no_host_and_hashes_every_package(name: str) -> None:
    packages = re.split(r"\n(?=\S)", LOCKS[name].strip())

    assert len(packages) > 40
    assert "://" not in LOCKS[name]
    assert not re.search(r"^\s*-(?!-hash=sha256:)", LOCKS[name], re.MULTILINE)
    assert all(re.match(r"[\w.-]+==\S+ .*\\\n", p) and "--hash=sha256:" in p for p in packages)


def test_parts_of_the_lock_agree_with_the_whole() -> None:
    pins = {name: set(re.findall(r"^\S+==\S+", text, re.MULTILINE)) for name, text in LOCKS.items()}

    assert pins["desktop"] < pins["all"]
    assert pins["server"] < pins["all"]
