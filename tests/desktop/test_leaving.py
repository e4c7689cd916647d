"""A device is only taken away when its server has everything, and that can be proved."""

from pathlib import Path

import pytest

from desktop.__main__ import main
from desktop.leaving import unsent
from desktop.secrets import JOURNAL_KEY, REPLICA_KEY, open_secrets
from desktop.settings import Profile, profile_named
from desktop.workbench import Workbench
from shared.customers.commands import SaveCustomer
from shared.kernel.blobs import BlobRef
from shared.kernel.errors import Unavailable
from shared.kernel.ids import CustomerId, new_id
from tests.support.desk import KEYS, ShopOnDevice
from tests.support.pictures import picture, ref_of
from tests.support.shop import OPENING


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the profile `till` of this user lies."""
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    return profile_named("till").folder


@pytest.fixture
def device(folder: Path) -> ShopOnDevice:
    """A paired device whose keys lie where the program looks for them."""
    made = ShopOnDevice(folder)
    store = open_secrets(made.profile, backends=list, is_chosen_anew=True)
    store.put(JOURNAL_KEY, KEYS.journal)
    store.put(REPLICA_KEY, KEYS.replica)
    return made


def test_what_waits_is_counted_and_keeps_the_device(
    device: ShopOnDevice, capsys: pytest.CaptureFixture[str]
) -> None:
    opened = device.open()
    command = SaveCustomer(customer_id=CustomerId(new_id()), name="Ada")
    opened.work.submit(command, actor_id=device.shop.owner_id).result()
    opened.close()

    assert unsent(device.profile).count == 1
    assert main(["--profile", "till", "--unsent"]) == 3
    assert "Not sent yet: 1 change" in capsys.readouterr().out


def test_a_picture_that_waits_keeps_the_device(
    device: ShopOnDevice, capsys: pytest.CaptureFixture[str]
) -> None:
    opened = device.open()
    blob = ref_of(picture())
    opened.work.ask(lambda bench: _queue(bench, blob)).result()
    opened.close()

    assert unsent(device.profile).blobs == 1
    assert main(["--profile", "till", "--unsent"]) == 3
    assert "Not sent yet: 1 file" in capsys.readouterr().out
    assert main(["--profile", "till", "--unsent", "--language", "de"]) == 3
    assert "Noch nicht gesendet: 1 Datei" in capsys.readouterr().out


def _queue(bench: Workbench, blob: BlobRef) -> None:
    with bench.journal.writing():
        bench.journal.uploads.add(blob, OPENING)


def test_a_device_that_has_sent_all_may_go(
    device: ShopOnDevice, capsys: pytest.CaptureFixture[str]
) -> None:
    assert unsent(device.profile).count == 0
    assert main(["--profile", "till", "--unsent", "--language", "de"]) == 0
    assert "Der Server hat alles" in capsys.readouterr().out


def test_nobody_is_asked_while_its_window_is_open(
    device: ShopOnDevice, capsys: pytest.CaptureFixture[str]
) -> None:
    opened = device.open()
    with pytest.raises(Unavailable, match="profile_in_use"):
        unsent(device.profile)
    assert main(["--profile", "till", "--unsent"]) == 1
    assert capsys.readouterr().err
    opened.close()


def test_a_machine_on_which_nobody_worked_has_nothing_and_gets_nothing(tmp_path: Path) -> None:
    profile = Profile(tmp_path / "new")

    assert unsent(profile).count == 0
    assert not profile.folder.exists()
