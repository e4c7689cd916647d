"""Pairing a new machine: what is asked first, what is refused, and what is said meanwhile."""

import pytest
from PySide6.QtWidgets import QApplication, QLabel

from desktop.ui.i18n import tr
from desktop.workspaces.pairing.view import PairingView
from desktop.workspaces.pairing.view_model import Fill, PairingViewModel
from shared.kernel.errors import Rejected, Unavailable
from tests.support.qt_loop import UiLoop


class Server:
    """Answers as it is told to; `asked` holds what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, str]] = []
        self.problem: Rejected | None = None

    async def pair(self, server_url: str, pairing_code: str, name: str) -> None:
        """Pair, or refuse."""
        self.asked.append((server_url, pairing_code, name))
        if self.problem is not None:
            raise self.problem


def shown(ui: UiLoop, server: Server, *, server_url: str = "") -> PairingView:
    """The view in front."""
    view = PairingView(PairingViewModel(server.pair), server_url=server_url, name="till-1")

    async def story() -> None:
        ui.show(view)
        await ui.until(view.isActiveWindow)
        await ui.settle()

    ui.run(story())
    return view


def words(view: PairingView) -> list[str]:
    """What is to be read."""
    return [each.text() for each in view.findChildren(QLabel) if each.isVisibleTo(view)]


@pytest.mark.parametrize(
    ("server_url", "first"), [("", "server_url"), ("https://shop", "pairing_code")]
)
def test_the_first_field_to_be_filled_has_the_focus(
    ui: UiLoop, server_url: str, first: str
) -> None:
    view = shown(ui, Server(), server_url=server_url)

    assert QApplication.focusWidget() is view.form.field(first).editor
    assert view.windowTitle() == "Pair this machine"


def test_a_refused_code_is_said_at_its_field_and_stays(ui: UiLoop) -> None:
    server = Server()
    server.problem = Rejected("pairing_code_expired", field="pairing_code")
    view = shown(ui, server, server_url="https://shop")

    async def story() -> None:
        view.form.set_values({"pairing_code": "ABCD-EFGH"})
        view.form.submitted.emit()
        await ui.settle()

    ui.run(story())

    assert server.asked == [("https://shop", "ABCD-EFGH", "till-1")]
    assert "expired" in view.form.field("pairing_code").error()
    assert view.form.values_as_typed()["pairing_code"] == "ABCD-EFGH"


def test_what_is_out_of_reach_is_said_until_the_machine_is_paired(ui: UiLoop) -> None:
    view = shown(ui, Server(), server_url="https://shop")

    view.show_unavailable(Unavailable("server_unreachable"))
    assert any("Check the address" in each for each in words(view))

    async def story() -> None:
        view.form.set_values({"pairing_code": "ABCD-EFGH"})
        view.form.submitted.emit()
        await ui.settle()

    ui.run(story())
    assert not any("Check the address" in each for each in words(view))


def test_the_rows_that_came_are_counted_once_the_machine_is_paired(ui: UiLoop) -> None:
    server = Server()
    model = PairingViewModel(server.pair)
    view = PairingView(model, server_url="", name="till-1")

    model.resume()
    model.show_fill(Fill(48_211, is_done=False))

    assert any("48,211" in each for each in words(view))
    assert not view.form.isVisibleTo(view)
    assert "good for 15 minutes" not in " ".join(words(view))


def test_a_file_on_its_way_shows_how_much_is_here(ui: UiLoop) -> None:
    view_model = PairingViewModel(Server().pair)
    view = PairingView(view_model, server_url="https://shop", name="till-1")

    async def story() -> None:
        ui.show(view)
        view_model.resume()
        view_model.show_fill(Fill(0, is_done=False, here_bytes=12_000_000, file_bytes=57_000_000))
        await ui.settle()

    ui.run(story())

    assert "Paired. Fetching the shop: 21%." in words(view)
    assert view_model.seconds_left is None
    assert view_model.fill.percent == 21


@pytest.mark.parametrize(("seconds", "words_left"), [(1, "1 second left"), (6, "6 seconds left")])
def test_the_time_that_is_left_is_said_in_good_grammar(seconds: int, words_left: str) -> None:
    said = tr("pairing.fetching_left", percent="36%", count=seconds)

    assert said.endswith(f"about {words_left}.")
