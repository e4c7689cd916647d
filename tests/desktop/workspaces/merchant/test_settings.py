"""Settings: staff with PINs, tax rates, places and tills, and how this device speaks and looks."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from desktop.session import Session
from desktop.ui import i18n, theme
from desktop.workspaces.merchant.places import Screen
from shared.kernel.permissions import Role
from shared.organization.queries import locations, registers, users
from shared.pricing.queries import tax_rates
from tests.desktop.workspaces.merchant.back_office import BackOffice, OfficeMaker


@pytest.fixture(autouse=True)
def as_it_was(qapp: QApplication) -> Iterator[None]:
    """Language, direction and theme are the program's: what a test changes is put back."""
    yield
    qapp.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
    theme.apply(qapp, theme.Theme())


def test_somebody_new_signs_in_with_the_pin_that_was_given(office: OfficeMaker) -> None:
    async def story(at: BackOffice) -> None:
        await at.go(Screen.SETTINGS)
        await at.press("Ctrl+Shift+U")
        await at.fill("Name", "Nadia")
        await at.choose("Role", Role.SUPERVISOR)
        await at.choose("PIN", "482913")
        await at.press("Ctrl+S")
        assert "Nadia" in at.column("Name", "Staff")
        made = next(user for user in await at.fetch(users) if user.name == "Nadia")
        assert made.role is Role.SUPERVISOR
        assert made.pin_hash.startswith("$argon2id$")
        assert "482913" not in made.pin_hash
        session = Session(at.opened.work, at.device.clock)
        await session.sign_in(made.user_id, "482913")
        assert session.user_name == "Nadia"

    office.run(story)


def test_a_short_pin_is_refused_at_its_field_and_the_rest_stays(office: OfficeMaker) -> None:
    async def story(at: BackOffice) -> None:
        await at.go(Screen.SETTINGS)
        await at.press("Ctrl+Shift+U")
        await at.fill("Name", "Nadia")
        await at.choose("PIN", "12")
        await at.press("Ctrl+S")
        assert "4" in at.field("PIN").error()
        assert at.value("Name") == "Nadia"

    office.run(story)


def test_a_tax_rate_is_added_and_changed_to_the_hundredth_of_a_percent(
    office: OfficeMaker,
) -> None:
    async def rates(at: BackOffice) -> dict[str, int]:
        return {rate.code: rate.rate_ppm for rate in await at.fetch(tax_rates)}

    async def story(at: BackOffice) -> None:
        await at.go(Screen.SETTINGS)
        await at.press("Ctrl+Shift+R")
        await at.fill("Code", "books")
        await at.fill("Name", "Books")
        await at.fill("Rate", "7.25")
        await at.press("Ctrl+S")
        assert (await rates(at))["books"] == 72_500
        place = at.column("Code", "Tax rates").index("books")
        at.table("Tax rates").setFocus()
        await at.press("Home", *["Down"] * place, "Return")
        assert at.value("Rate") == 72_500
        await at.fill("Rate", "7")
        await at.press("Ctrl+S")
        assert (await rates(at))["books"] == 70_000

    office.run(story)


def test_a_location_gets_its_till_and_a_taken_code_is_refused(office: OfficeMaker) -> None:
    async def story(at: BackOffice) -> None:
        await at.go(Screen.SETTINGS)
        await at.press("Ctrl+Shift+N")
        await at.fill("Name", "Harbour")
        await at.fill("Code", "HB")
        await at.press("Ctrl+S")
        assert not at.has_sheet()
        found = {row.name: row.location_id for row in await at.fetch(locations)}
        await at.press("Ctrl+Shift+K")
        await at.choose("Location", found["Harbour"])
        await at.fill("Name", "Pier")
        taken = at.window.office.registers[0].code
        await at.fill("Code", taken)
        await at.press("Ctrl+S")
        assert at.field("Code").error()
        await at.fill("Code", "P1")
        await at.press("Ctrl+S")
        made = {(row.name, row.location_id) for row in await at.fetch(registers)}
        assert ("Pier", found["Harbour"]) in made
        assert any("Pier (P1)" in text for text in at.column("Tills", "Locations and tills"))

    office.run(story)


def test_tills_of_a_place_are_told_to_keep_copies_and_to_stop(office: OfficeMaker) -> None:
    async def sharing(at: BackOffice) -> list[bool]:
        return [row.is_sharing for row in await at.fetch(locations)]

    async def story(at: BackOffice) -> None:
        await at.go(Screen.SETTINGS)
        title = i18n.tr("merchant.place.sharing.switch")
        await at.press("Ctrl+Shift+H")
        assert at.value(title) is False
        await at.choose(title, True)
        await at.press("Ctrl+S")
        assert (await sharing(at))[0]
        assert at.column("Copies", "Locations and tills")[0] == "Kept"
        at.table("Locations and tills").setFocus()
        await at.press("Home", "Return")
        assert at.value(title) is True
        await at.choose(title, False)
        await at.press("Ctrl+S")
        assert not any(await sharing(at))

    office.run(story)


def test_another_language_is_spoken_at_once_in_its_direction_and_kept(
    office: OfficeMaker, qapp: QApplication
) -> None:
    async def story(at: BackOffice) -> None:
        await at.go(Screen.SETTINGS)
        await at.choose("Language", "ar")
        assert at.preferences.settings.language == "ar"
        assert i18n.language().code == "ar"
        assert qapp.layoutDirection() is Qt.LayoutDirection.RightToLeft
        assert at.page().title() == "الإعدادات"
        await at.choose(i18n.tr("merchant.device.language"), "de")
        assert at.page().title() == "Einstellungen"
        assert qapp.layoutDirection() is Qt.LayoutDirection.LeftToRight

    office.run(story)


def test_another_look_is_taken_at_once_and_kept(office: OfficeMaker) -> None:
    async def story(at: BackOffice) -> None:
        await at.go(Screen.SETTINGS)
        await at.choose("Look", "dark")
        assert theme.current().mode is theme.Mode.DARK
        assert at.preferences.settings.theme == "dark"
        await at.click("Switch light and dark")
        assert theme.current().mode is theme.Mode.LIGHT
        assert at.preferences.settings.theme == "light"

    office.run(story)
