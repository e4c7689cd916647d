"""Certificates: devices of one tenant know each other by TLS itself, strangers do not get in."""

import ssl
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from shared.kernel.ids import TenantId, new_id
from shared.organization.commands import RevokeDevice, Workspace
from shared.sync.endpoint import CERTIFICATE_PATH
from shared.sync.protocol.certificate import CertificateReply
from sync_server.auth.certificates import Authority
from tests.sync_server.devices import Device, Site, read, refusal

pytestmark = pytest.mark.storage

_BLOCK = 1 << 16


def ask(device: Device) -> httpx.Response:
    """The answer to a device that wants its certificate."""
    return device.client.post(CERTIFICATE_PATH, headers=device.headers)


@dataclass
class End:
    """One end of a connection, its bytes going through memory."""

    tls: ssl.SSLObject
    incoming: ssl.MemoryBIO
    outgoing: ssl.MemoryBIO


def end_of(device: Device, folder: Path, *, peer: Device | None) -> End:
    """The end of a device that trusts its own authority only; with a peer it connects to that."""
    reply = read(ask(device), CertificateReply)
    key = device.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    chain = folder / f"{device.device_id}.pem"
    chain.write_text(key + reply.certificate, encoding="ascii")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT if peer else ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.verify_mode = ssl.CERT_REQUIRED
    context.verify_flags |= ssl.VERIFY_X509_STRICT
    context.load_verify_locations(cadata=reply.authority)
    context.load_cert_chain(chain)
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    name = None if peer is None else peer.device_id
    tls = context.wrap_bio(incoming, outgoing, server_side=peer is None, server_hostname=name)
    return End(tls, incoming, outgoing)


def shake_hands(client: End, server: End) -> None:
    """Let both ends work until both are content. Raises ssl.SSLError when one is not."""
    waiting = [client, server]
    while waiting:
        for end in (client, server):
            try:
                end.tls.do_handshake()
            except ssl.SSLWantReadError:
                pass
            else:
                waiting = [each for each in waiting if each is not end]
            other = server if end is client else client
            other.incoming.write(end.outgoing.read())


def say(speaker: End, listener: End) -> bytes:
    """What arrives of a word."""
    speaker.tls.write(b"hello")
    listener.incoming.write(speaker.outgoing.read())
    return listener.tls.read(_BLOCK)


def subject_of(pem: str) -> str:
    """Whom a certificate names."""
    return x509.load_pem_x509_certificate(pem.encode()).subject.rfc4514_string()


def test_two_devices_of_a_location_trust_each_other_by_tls(site: Site, tmp_path: Path) -> None:
    till, packer = site.device(Workspace.KIOSK), site.device(Workspace.FULFILLMENT)
    client, server = end_of(packer, tmp_path, peer=till), end_of(till, tmp_path, peer=None)

    shake_hands(client, server)

    assert client.tls.version() == server.tls.version() == "TLSv1.3"
    assert (say(client, server), say(server, client)) == (b"hello", b"hello")
    seen = server.tls.getpeercert(binary_form=True)
    assert seen is not None
    shown = ssl.DER_cert_to_PEM_cert(seen)
    assert subject_of(shown) == (
        f"OU={site.location_ids[0]},O={site.tenant_id},CN={packer.device_id}"
    )
    key = x509.load_der_x509_certificate(seen).public_key()
    assert key.public_bytes(Encoding.Raw, PublicFormat.Raw) == (
        packer.key.public_key().public_bytes_raw()
    )


def test_connection_is_to_the_device_that_was_meant(site: Site, tmp_path: Path) -> None:
    till, packer = site.device(Workspace.KIOSK), site.device(Workspace.FULFILLMENT)
    other = site.device(Workspace.KIOSK, till=1)
    client, server = end_of(packer, tmp_path, peer=other), end_of(till, tmp_path, peer=None)

    with pytest.raises(ssl.SSLCertVerificationError, match="Hostname mismatch"):
        shake_hands(client, server)


@pytest.mark.parametrize("is_ours_the_client", [True, False])
def test_device_of_another_tenant_is_refused_by_tls_itself(
    site: Site, tmp_path: Path, *, is_ours_the_client: bool
) -> None:
    ours = site.device(Workspace.KIOSK)
    theirs = Site(site.server, site.client).device(Workspace.KIOSK)
    calling, called = (ours, theirs) if is_ours_the_client else (theirs, ours)
    client, server = end_of(calling, tmp_path, peer=called), end_of(called, tmp_path, peer=None)

    with pytest.raises(ssl.SSLCertVerificationError, match="certificate verify failed"):
        shake_hands(client, server)


def test_certificate_without_its_key_is_of_no_use(site: Site, tmp_path: Path) -> None:
    till = site.device(Workspace.KIOSK)
    reply = read(ask(till), CertificateReply)
    stranger = site.device(Workspace.FULFILLMENT).key
    key = stranger.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    chain = tmp_path / "stolen.pem"
    chain.write_text(key + reply.certificate, encoding="ascii")

    with pytest.raises(ssl.SSLError, match=r"(?i)key.values.mismatch"):
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(chain)


def test_device_cannot_certify_another(site: Site) -> None:
    reply = read(ask(site.device(Workspace.KIOSK)), CertificateReply)
    leaf = x509.load_pem_x509_certificate(reply.certificate.encode())
    authority = x509.load_pem_x509_certificate(reply.authority.encode())

    leaf.verify_directly_issued_by(authority)
    authority.verify_directly_issued_by(authority)
    for kind in (x509.BasicConstraints, x509.KeyUsage, x509.ExtendedKeyUsage):
        assert leaf.extensions.get_extension_for_class(kind).critical
    assert not leaf.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    assert not leaf.extensions.get_extension_for_class(x509.KeyUsage).value.key_cert_sign
    assert authority.extensions.get_extension_for_class(x509.BasicConstraints).value.ca


def test_same_device_gets_the_same_certificate_each_time(site: Site) -> None:
    till = site.device(Workspace.KIOSK)

    assert read(ask(till), CertificateReply) == read(ask(till), CertificateReply)


def test_authorities_of_two_tenants_or_servers_have_nothing_in_common() -> None:
    tenants = [TenantId(new_id()), TenantId(new_id())]
    made = {Authority(secret, each).certificate() for secret in (b"a", b"b") for each in tenants}

    assert len(made) == 4


def test_back_office_has_no_neighbours(site: Site) -> None:
    assert refusal(ask(site.device())) == (403, "device_has_no_location")


def test_device_that_was_shut_out_gets_none(site: Site) -> None:
    till = site.device(Workspace.KIOSK)
    site.run(RevokeDevice(device_id=till.device_id))

    assert refusal(ask(till)) == (403, "device_revoked")


def test_nobody_gets_one_without_a_token(site: Site) -> None:
    assert refusal(site.client.post(CERTIFICATE_PATH)) == (401, "token_missing")
