"""The last resort: errors that nobody caught reach a person, and a report without figures."""

import asyncio
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from desktop.errors import REPORTS_KEPT, LastResort, Report, without_personal_figures
from shared.kernel.clock import FixedClock
from shared.kernel.errors import Bug, PyCommerceError, Rejected, Unavailable
from tests.support.world import OPENING


class Shown:
    """Remembers what a person was shown."""

    def __init__(self) -> None:
        self.rejected: list[str] = []
        self.unavailable: list[str] = []
        self.reports: list[Path | None] = []

    def show_rejected(self, error: Rejected) -> None:
        self.rejected.append(error.code)

    def show_unavailable(self, error: Unavailable) -> None:
        self.unavailable.append(error.code)

    def show_report(self, path: Path | None) -> None:
        self.reports.append(path)


@pytest.fixture
def shown() -> Shown:
    return Shown()


@pytest.fixture
def last_resort(shown: Shown, tmp_path: Path) -> Iterator[LastResort]:
    made = LastResort(
        folder=tmp_path / "reports",
        clock=FixedClock(OPENING),
        version="2026.11",
        show_rejected=shown.show_rejected,
        show_unavailable=shown.show_unavailable,
        show_report=shown.show_report,
    )
    put_back = made.install()
    yield made
    put_back()


def _stumble() -> None:
    raise Bug("no price for 'Erika Mustermann' of 1234 EUR")


def _caught() -> BaseException:
    try:
        _stumble()
    except Bug as error:
        return error
    return AssertionError("it did not stumble")


def test_each_family_of_errors_goes_where_it_belongs(last_resort: LastResort, shown: Shown) -> None:
    for error in (Rejected("code_taken"), Unavailable("disk_full"), _caught()):
        last_resort.take(error)
    assert shown.rejected == ["code_taken"]
    assert shown.unavailable == ["disk_full"]
    assert len(shown.reports) == 1


def test_a_report_says_where_and_never_whom_or_how_much(
    last_resort: LastResort, shown: Shown
) -> None:
    last_resort.take(_caught())
    (path,) = shown.reports
    assert path is not None
    text = path.read_text()
    assert "Mustermann" not in text
    assert "1234" not in text
    report = msgspec.json.decode(text, type=Report)
    assert report.kind == "Bug"
    assert any("_stumble" in frame for frame in report.frames)
    assert not any(str(Path.home()) in frame for frame in report.frames)


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("no user 'Erika'", "no user '…'"),
        ('"Main Street 5" unknown', "'…' unknown"),
        ("mail to a.b@shop.example failed", "mail to …@… failed"),
        ("amount 129900 of 3 lines", "amount # of 3 lines"),
    ],
)
def test_messages_lose_words_numbers_and_addresses(said: str, kept: str) -> None:
    assert without_personal_figures(said) == kept


def test_only_the_latest_reports_stay(last_resort: LastResort) -> None:
    last_resort.folder.mkdir()
    for number in range(REPORTS_KEPT + 5):
        (last_resort.folder / f"report-2026010{number:03}.json").write_text("{}")
    last_resort.take(_caught())
    assert len(list(last_resort.folder.iterdir())) == REPORTS_KEPT


def test_a_report_that_cannot_be_written_does_not_hide_the_error(
    last_resort: LastResort, shown: Shown
) -> None:
    last_resort.folder.write_text("in the way")
    last_resort.take(_caught())
    assert shown.reports == [None]


def test_errors_of_the_main_thread_and_of_others_are_taken(
    last_resort: LastResort, shown: Shown
) -> None:
    error = _caught()
    sys.excepthook(type(error), error, error.__traceback__)

    def fail() -> None:
        raise PyCommerceError("lost in a thread")

    thread = threading.Thread(target=fail, name="lonely")
    thread.start()
    thread.join()
    assert len(shown.reports) == 2
    reports = [
        msgspec.json.decode(path.read_bytes(), type=Report) for path in shown.reports if path
    ]
    assert "lonely" in {report.thread for report in reports}


def test_errors_of_an_event_loop_are_taken(last_resort: LastResort, shown: Shown) -> None:
    async def story() -> None:
        loop = asyncio.get_running_loop()
        last_resort.watch(loop)
        loop.call_soon(_fail_with, Unavailable("disk_full"))
        loop.call_exception_handler({"message": "the loop is unwell"})
        await asyncio.sleep(0)
        await asyncio.sleep(0)

    asyncio.run(story())
    assert shown.unavailable == ["disk_full"]
    assert len(shown.reports) == 1


def _fail_with(error: BaseException) -> None:
    raise error


def test_hooks_are_put_back() -> None:
    before = (sys.excepthook, threading.excepthook)
    shown = Shown()
    last_resort = LastResort(
        folder=Path("unused"),
        clock=FixedClock(OPENING),
        version="1",
        show_rejected=shown.show_rejected,
        show_unavailable=shown.show_unavailable,
        show_report=shown.show_report,
    )
    put_back = last_resort.install()
    assert (sys.excepthook, threading.excepthook) != before
    put_back()
    assert (sys.excepthook, threading.excepthook) == before


def test_in_tests_no_error_gets_away(last_resort: LastResort) -> None:
    last_resort.raises = True
    error = Rejected("code_taken")
    last_resort.take(error)
    assert last_resort.failed == [error]
