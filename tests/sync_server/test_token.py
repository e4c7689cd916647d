"""Access tokens: only for a proven key, only for a while, only for one device of one tenant."""

import base64
from dataclasses import replace
from datetime import timedelta
from typing import Any

import jwt
import msgspec
import pytest
import sqlalchemy as sa

from shared.kernel.ids import DeviceId, TenantId, new_id
from shared.organization.commands import RevokeDevice
from shared.sync.endpoint import CERTIFICATE_PATH
from shared.sync.protocol.verify import RangeSum, VerifyRequest
from sync_server.schema import TOKEN_KEYS, TOKEN_NONCE
from sync_server.sync.token import CLOCK_TOLERANCE
from tests.sync_server.devices import Device, Site, customer, refusal

pytestmark = pytest.mark.storage


@pytest.fixture
def device(site: Site) -> Device:
    """An enrolled device with a token."""
    return site.device()


_BLOB = f"/sync/v1/blob/{64 * '0'}"
_QUESTION = msgspec.json.encode(
    VerifyRequest(
        protocol=1,
        cursor="1.1",
        table="customer",
        scope="tenant",
        ranges=(RangeSum(range=0, row_count=0, digest_sum=0),),
    )
)


def all_endpoints(device: Device) -> list[tuple[int, str]]:
    """What every address that needs a token answers to this device."""
    wait = device.client.get("/sync/v1/wait", headers=device.headers)
    verify = device.client.post("/sync/v1/verify", content=_QUESTION, headers=device.headers)
    certificate = device.client.post(CERTIFICATE_PATH, headers=device.headers)
    relay = device.bring(device.copies(device.journal or device.add(customer())))
    blob = device.client.get(_BLOB, headers=device.headers)
    piece = device.client.put(_BLOB, params={"size": 1}, headers=device.headers)
    answers = (device.send([]), device.ask_to_pull(), wait, verify, certificate, relay, blob, piece)
    return [refusal(answer) for answer in answers]


def test_token_lives_ten_minutes_at_most(site: Site, device: Device) -> None:
    reply = device.sign_in()

    assert reply.expires_at - site.server.clock.now() <= timedelta(minutes=10)
    site.server.clock.advance(timedelta(minutes=10))
    assert all_endpoints(device) == [(401, "token_expired")] * 8


def test_expired_token_uses_up_no_command(site: Site, device: Device) -> None:
    waiting = device.add(customer())
    site.server.clock.advance(timedelta(minutes=11))
    assert refusal(device.send(waiting)) == (401, "token_expired")

    device.sign_in()

    assert device.push().state == "accepted"


def test_request_without_a_token_is_told_so(device: Device) -> None:
    device.token = ""
    assert all_endpoints(device) == [(401, "token_missing")] * 8

    answer = device.client.get("/sync/v1/pull")
    assert refusal(answer) == (401, "token_missing")
    assert answer.headers["www-authenticate"] == "Bearer"


def test_signature_of_another_key_is_refused(site: Site, device: Device) -> None:
    thief = Device(site.client, site.server.clock, actor_id=None)
    thief.tenant_id, thief.device_id = device.tenant_id, device.device_id

    assert refusal(thief.ask_for_token()) == (401, "token_refused")


@pytest.mark.parametrize(
    "change",
    [
        {"nonce": "another"},
        {"nonce": ""},
        {"nonce": "\x00"},
        {"device_id": DeviceId(new_id())},
        {"device_id": DeviceId("x")},
        {"tenant_id": TenantId(new_id())},
        {"signature": "not base64!"},
        {"signature": base64.b64encode(bytes(64)).decode()},
    ],
)
def test_altered_statement_is_refused(device: Device, change: dict[str, Any]) -> None:
    altered = replace(device.statement(), **change)

    assert refusal(device.ask_for_token(altered)) == (401, "token_refused")


def test_statement_of_another_tenant_is_refused(site: Site, device: Device) -> None:
    other = Site(site.server, site.client)
    device.tenant_id = other.tenant_id

    assert refusal(device.ask_for_token()) == (401, "token_refused")


@pytest.mark.parametrize("step", [CLOCK_TOLERANCE, -CLOCK_TOLERANCE])
def test_clock_may_be_ten_minutes_off(site: Site, device: Device, step: timedelta) -> None:
    at = site.server.clock.now() + step

    assert device.ask_for_token(device.statement(issued_at=at)).status_code == 200


@pytest.mark.parametrize("years", [10, -10])
def test_clock_further_off_is_told_the_servers_time(site: Site, device: Device, years: int) -> None:
    at = site.server.clock.now() + timedelta(days=365 * years)

    answer = device.ask_for_token(device.statement(issued_at=at))

    assert refusal(answer) == (401, "clock_off")
    assert answer.json()["params"]["server_time"] == "2026-11-23T09:00:00.000000Z"


def test_statement_cannot_be_repeated(device: Device) -> None:
    statement = device.statement()
    assert device.ask_for_token(statement).status_code == 200

    assert refusal(device.ask_for_token(statement)) == (401, "nonce_used")


def test_nonces_are_forgotten_when_their_time_has_passed(site: Site, device: Device) -> None:
    site.server.clock.advance(3 * CLOCK_TOLERANCE)
    device.sign_in()

    with site.server.database.tenant_session(site.tenant_id) as connection:
        kept = connection.execute(sa.select(sa.func.count()).select_from(TOKEN_NONCE))
        assert kept.scalar_one() == 1


def test_revoked_device_gets_no_token_and_its_old_one_is_worth_nothing(
    site: Site, device: Device
) -> None:
    waiting = device.add(customer())
    site.run(RevokeDevice(device_id=device.device_id))

    assert refusal(device.ask_for_token()) == (403, "device_revoked")
    assert refusal(device.send(waiting)) == (403, "device_revoked")
    assert all_endpoints(device) == [(403, "device_revoked")] * 8


def forged(site: Site, device: Device, *, key: bytes | None = None, **claims: object) -> str:
    """A token signed with our own or another key, with some claims replaced."""
    with site.server.database.control() as connection:
        known = connection.execute(sa.select(TOKEN_KEYS)).one()
    now = int(site.server.clock.now().timestamp())
    normal = {
        "iss": "pycommerce",
        "aud": "sync",
        "tid": device.tenant_id,
        "sub": device.device_id,
        "iat": now,
        "exp": now + 600,
    }
    return jwt.encode(normal | claims, key or known.secret, "HS256", headers={"kid": known.key_id})


def test_forged_tokens_are_refused(site: Site, device: Device) -> None:
    sound, unsigned = device.token.rpartition(".")[0], jwt.encode({"sub": "x"}, "", "none")
    tokens = [
        forged(site, device, key=bytes(32)),
        forged(site, device, aud="api"),
        forged(site, device, iss="somebody"),
        forged(site, device, sub="x"),
        forged(site, device, tid=None),
        forged(site, device, exp="soon"),
        f"{sound}.AAAA",
        unsigned,
        "x.y.z",
    ]
    for token in tokens:
        device.token = token
        assert all_endpoints(device) == [(401, "token_invalid")] * 8, token


def test_token_of_one_tenant_opens_no_other(site: Site, device: Device) -> None:
    other = Site(site.server, site.client)

    device.token = forged(site, device, tid=other.tenant_id)

    assert all_endpoints(device) == [(401, "device_unknown")] * 8


def test_device_sees_and_changes_only_its_own_tenant(site: Site, device: Device) -> None:
    other = Site(site.server, site.client)
    stranger = other.device()

    device.push(customer("Only ours"))

    assert b"Only ours" in device.ask_to_pull().content
    assert b"Only ours" not in stranger.ask_to_pull().content
