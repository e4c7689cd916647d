"""Pairing codes become devices: once, in time, and again for the same device only."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from shared.kernel.ids import DeviceId, new_id
from shared.organization.commands import RevokeDevice, Workspace
from shared.organization.tables import DeviceRow
from shared.storage.reader import Reader
from shared.sync.protocol.enrol import EnrolReply
from sync_server.app import ATTEMPTS_PER_CALLER
from sync_server.auth.pairing import VALID_FOR
from sync_server.schema import PAIRING_CODES
from tests.sync_server.devices import Device, Site, customer, read, refusal

pytestmark = pytest.mark.storage


@pytest.fixture
def device(site: Site) -> Device:
    """A device that is not enrolled yet."""
    return Device(site.client, site.server.clock, actor_id=site.owner_id)


def test_till_is_told_who_and_where_it_is(site: Site, device: Device) -> None:
    reply = device.enrol(site.code(Workspace.KIOSK, till=1))

    assert (reply.tenant_id, reply.tenant_name) == (site.tenant_id, site.tenant.name)
    assert (reply.location_id, reply.register_id) == (site.location_ids[1], site.register_ids[1])
    assert reply.scopes == (
        "tenant",
        f"location:{site.location_ids[1]}",
        f"register:{site.register_ids[1]}",
    )
    assert (reply.incarnation, reply.last_receipt_no, reply.last_z_no) == (1, 0, 0)
    assert reply.server_time == site.server.clock.now()


def test_device_becomes_a_row_that_all_devices_see(site: Site, device: Device) -> None:
    device.enrol(site.code())

    with site.server.database.tenant_snapshot(site.tenant_id) as connection:
        row = Reader(connection).require(DeviceRow, device.device_id)
    assert (row.name, row.workspace, row.revoked_at) == ("PC", Workspace.MERCHANT, None)


def test_lost_reply_is_given_again_even_after_the_code_has_expired(
    site: Site, device: Device
) -> None:
    code = site.code()
    first = device.enrol(code)
    site.server.clock.advance(2 * VALID_FOR)

    second = device.enrol(code)

    assert second.incarnation == first.incarnation == 1
    assert second.device_id == first.device_id


def test_second_device_cannot_use_the_same_code(site: Site, device: Device) -> None:
    code = site.code()
    device.enrol(code)
    other = Device(site.client, site.server.clock, actor_id=None)

    assert refusal(other.ask_to_enrol(code)) == (422, "pairing_code_used")


def test_same_device_id_with_another_key_is_another_device(site: Site, device: Device) -> None:
    device.enrol(site.code())
    thief = Device(site.client, site.server.clock, actor_id=None, device_id=device.device_id)

    assert refusal(thief.ask_to_enrol(site.code())) == (409, "device_id_taken")


def test_code_expires(site: Site, device: Device) -> None:
    code = site.code()
    site.server.clock.advance(VALID_FOR)

    assert refusal(device.ask_to_enrol(code)) == (422, "pairing_code_expired")


def test_code_is_read_however_it_is_typed(site: Site, device: Device) -> None:
    typed = site.code().lower().replace("-", " ").replace("0", "o").replace("1", "l")

    assert device.enrol(typed).device_id == device.device_id


def test_code_is_kept_as_a_hash_only(site: Site) -> None:
    code = site.code()

    with site.server.database.control() as connection:
        kept = connection.execute(sa.select(PAIRING_CODES)).all()
    assert code not in str(kept)
    assert code.replace("-", "") not in str(kept)


def test_guessing_codes_is_stopped_and_may_go_on_later(site: Site, device: Device) -> None:
    code = site.code()
    for _ in range(ATTEMPTS_PER_CALLER):
        assert refusal(device.ask_to_enrol("AAAAA-AAAAA")) == (422, "pairing_code_unknown")

    stopped = device.ask_to_enrol(code)
    assert refusal(stopped) == (429, "too_many_attempts")
    assert stopped.headers["retry-after"] == "60"

    site.server.clock.advance(timedelta(minutes=1))
    assert read(device.ask_to_enrol(code), EnrolReply).incarnation == 1


def test_till_has_one_device(site: Site, device: Device) -> None:
    first = site.device(Workspace.KIOSK, name="Old till")

    answer = device.ask_to_enrol(site.code(Workspace.KIOSK))

    assert refusal(answer) == (409, "register_has_device")
    assert answer.json()["params"] == {"device": "Old till"}
    assert first.ask_to_pull().status_code == 200


def test_replacing_a_till_shuts_out_the_old_device(site: Site, device: Device) -> None:
    first = site.device(Workspace.KIOSK)

    device.enrol(site.code(Workspace.KIOSK, does_replace=True))

    assert refusal(first.ask_to_pull()) == (403, "device_revoked")


def test_device_that_is_paired_anew_begins_a_new_incarnation(site: Site) -> None:
    device = site.device()
    device.push(customer())

    reply = device.enrol(site.code())

    assert reply.incarnation == 2
    device.journal.clear()
    pushed = device.push(customer("Bob"))
    assert (pushed.state, pushed.expected_seq) == ("accepted", 2)


def test_device_is_not_paired_anew_for_another_place(site: Site) -> None:
    device = site.device(Workspace.KIOSK, till=0)

    answer = device.ask_to_enrol(site.code(Workspace.KIOSK, till=1))

    assert refusal(answer) == (409, "device_placed_elsewhere")


def test_revoked_device_is_not_paired_anew_under_its_old_identity(site: Site) -> None:
    device = site.device()
    site.run(RevokeDevice(device_id=device.device_id))

    assert refusal(device.ask_to_enrol(site.code())) == (403, "device_revoked")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"device_id": DeviceId("42")}, "id_malformed"),
        ({"name": "  "}, "name_missing"),
    ],
)
def test_device_must_be_sound(
    site: Site, device: Device, *, changes: dict[str, str], code: str
) -> None:
    for name, value in changes.items():
        setattr(device, name, value)

    assert refusal(device.ask_to_enrol(site.code())) == (422, code)


def test_device_may_correct_itself_with_the_same_code(site: Site, device: Device) -> None:
    code = site.code()
    device.name = " "
    assert device.ask_to_enrol(code).status_code == 422

    device.name = "Desk"

    assert device.enrol(code).device_id == device.device_id


def test_public_key_must_be_one(site: Site, device: Device) -> None:
    body = {
        "pairing_code": site.code(),
        "device_id": new_id(),
        "public_key": "AAAA",
        "name": "x",
        "client_version": "1",
    }

    assert refusal(site.client.post("/sync/v1/enrol", json=body)) == (422, "public_key_malformed")
