"""The print queue: order, restart, a printer that is out of reach, and one that comes back."""

import socket
import threading
from pathlib import Path

import pytest

from desktop.hardware.printers import FilePrinter, NetworkPrinter, printer_of
from desktop.hardware.worker import PrinterState, PrintQueue, QueueStatus
from shared.kernel.errors import Rejected, Unavailable

PATIENCE_S = 10.0


class Heard:
    """Statuses as they are told, and a way to wait for one."""

    def __init__(self) -> None:
        self._told: list[QueueStatus] = []
        self._news = threading.Condition()

    def tell(self, status: QueueStatus) -> None:
        with self._news:
            self._told.append(status)
            self._news.notify_all()

    def wait_for(self, state: PrinterState, *, waiting: int) -> bool:
        def is_there() -> bool:
            return any(s.state is state and s.waiting == waiting for s in self._told)

        with self._news:
            return self._news.wait_for(is_there, PATIENCE_S)


class Paper:
    """A printer that can be switched off; wakes whoever waits for so many jobs."""

    name = "paper"

    def __init__(self) -> None:
        self.is_on = True
        self.jobs: list[bytes] = []
        self._news = threading.Condition()

    def send(self, data: bytes) -> None:
        if not self.is_on:
            raise Unavailable("printer_unreachable", printer=self.name)
        with self._news:
            self.jobs.append(data)
            self._news.notify_all()

    def wait_for(self, count: int) -> bool:
        with self._news:
            return self._news.wait_for(lambda: len(self.jobs) >= count, PATIENCE_S)


def test_jobs_are_printed_in_order(tmp_path: Path) -> None:
    paper, heard = Paper(), Heard()
    queue = PrintQueue(paper, tmp_path, heard.tell)

    for number in range(20):
        queue.add(b"%d" % number)

    assert paper.wait_for(20)
    queue.close()
    assert paper.jobs == [b"%d" % number for number in range(20)]
    assert list(tmp_path.glob("*.job")) == []


def test_a_job_waits_over_a_restart_until_the_printer_is_back(tmp_path: Path) -> None:
    paper, heard = Paper(), Heard()
    paper.is_on = False
    queue = PrintQueue(paper, tmp_path, heard.tell)
    queue.add(b"receipt")
    assert heard.wait_for(PrinterState.UNREACHABLE, waiting=1)
    queue.close()

    paper.is_on = True
    again = PrintQueue(paper, tmp_path, heard.tell)

    assert paper.wait_for(1)
    again.close()
    assert paper.jobs == [b"receipt"]


def test_without_a_printer_nothing_piles_up(tmp_path: Path) -> None:
    queue = PrintQueue(None, tmp_path, Heard().tell)

    queue.add(b"receipt")

    queue.close()
    assert queue.status.state is PrinterState.NONE
    assert list(tmp_path.iterdir()) == []


def test_a_network_printer_gets_every_byte() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        got: list[bytes] = []

        def take() -> None:
            line, _ = server.accept()
            with line:
                while part := line.recv(4096):
                    got.append(part)

        taker = threading.Thread(target=take)
        taker.start()

        NetworkPrinter("127.0.0.1", server.getsockname()[1]).send(b"x" * 100_000)
        taker.join(PATIENCE_S)

    assert b"".join(got) == b"x" * 100_000


def test_a_printer_that_is_not_there_says_so_at_once() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]

    with pytest.raises(Unavailable) as missing:
        NetworkPrinter("127.0.0.1", port).send(b"x")

    assert missing.value.code == "printer_unreachable"


def test_a_setting_names_the_printer(tmp_path: Path) -> None:
    assert printer_of("") is None
    assert printer_of("tcp://till-printer:9101") == NetworkPrinter("till-printer", 9101)
    assert printer_of("tcp://till-printer") == NetworkPrinter("till-printer", 9100)
    assert printer_of(f"file:{tmp_path}/out.bin") == FilePrinter(tmp_path / "out.bin")
    with pytest.raises(Rejected):
        printer_of("carrier pigeon")
