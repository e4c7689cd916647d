"""Devices find each other by multicast, and name nothing of the shop."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from desktop.hub.finder import hub_name

ROOT = Path(__file__).parents[3]


@contextmanager
def _found_by(name: str, port: int) -> Iterator[subprocess.Popen[str]]:
    argv = [sys.executable, "-m", "tests.desktop.hub.finding_child", name, str(port)]
    with subprocess.Popen(
        argv, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as child:
        try:
            yield child
        finally:
            if child.stdin is not None and not child.stdin.closed:
                child.stdin.close()
            child.wait(timeout=20)


def _next_line(child: subprocess.Popen[str]) -> str:
    assert child.stdout is not None
    return child.stdout.readline().strip()


def test_two_programs_find_each_other_and_notice_that_one_has_ended() -> None:
    with _found_by("tenone", 4001) as one:
        with _found_by("tentwo", 4002) as two:
            assert _next_line(one) == "tentwo@4002"
            assert _next_line(two) == "tenone@4001"
        assert _next_line(one) == ""
        assert two.returncode == 0


def test_a_name_is_the_same_each_day_and_another_one_for_each_device_and_shop() -> None:
    names = {hub_name(tenant, device) for tenant in ("a", "b") for device in ("c", "d")}
    assert len(names) == 4
    assert hub_name("a", "c") in names
