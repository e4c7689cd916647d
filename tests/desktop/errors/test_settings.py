"""Where a profile lies, and the settings of a machine."""

from pathlib import Path

import pytest

from desktop.settings import (
    DeviceSettings,
    Profile,
    load_settings,
    make_folder,
    profile_named,
    save_settings,
)
from shared.kernel.errors import Bug, Unavailable


def test_a_profile_lies_in_the_persons_data_folder() -> None:
    found = profile_named("till-1", {"HOME": "/home/kim", "XDG_DATA_HOME": "/data"})
    assert found.folder == Path("/data/pycommerce/profiles/till-1")
    found = profile_named(environ={"HOME": "/home/kim"})
    assert found.folder == Path("/home/kim/.local/share/pycommerce/profiles/default")


def test_one_variable_puts_it_anywhere() -> None:
    found = profile_named("till-1", {"PYCOMMERCE_DATA": "/mnt/till"})
    assert found.folder == Path("/mnt/till")
    assert found.journal == Path("/mnt/till/journal.db")


@pytest.mark.parametrize("name", ["", "..", "a/b", "Till", "a b"])
def test_a_name_cannot_lead_out_of_the_folder(name: str) -> None:
    with pytest.raises(Bug, match="not the name of a profile"):
        profile_named(name, {"HOME": "/home/kim"})


def test_settings_come_back_as_they_were_saved(tmp_path: Path) -> None:
    profile = Profile(tmp_path / "profile")
    assert load_settings(profile) == DeviceSettings()
    chosen = DeviceSettings(language="ar", theme="dark", hardware={"printer": "usb"})
    save_settings(profile, chosen)
    assert load_settings(profile) == chosen


def test_damaged_settings_cost_a_choice_and_no_start(tmp_path: Path) -> None:
    profile = Profile(tmp_path)
    profile.settings.write_bytes(b"{broken")
    assert load_settings(profile) == DeviceSettings()


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(Unavailable, match="folder_unusable"):
        make_folder(tmp_path / "file" / "profile")
    with pytest.raises(Unavailable, match="folder_unusable"):
        save_settings(Profile(tmp_path / "file" / "profile"), DeviceSettings())
