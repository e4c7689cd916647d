"""Lines between devices of one store: TLS 1.3, and both sides show who they are."""

import secrets
import ssl
import tempfile
from dataclasses import dataclass
from pathlib import Path

from desktop.secrets import DeviceKey
from shared.kernel.ids import DeviceId, LocationId, TenantId
from shared.sync.protocol.certificate import CertificateReply

_NO_CHECK_TIME = 0x200000
"""X509_V_FLAG_NO_CHECK_TIME of OpenSSL: a till whose clock is wrong is still that till."""
_PASSWORD_BYTES = 32


@dataclass(frozen=True, slots=True)
class Neighbour:
    """Whom a certificate names."""

    tenant_id: TenantId
    location_id: LocationId
    device_id: DeviceId


def contexts(
    key: DeviceKey, papers: CertificateReply, folder: Path
) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """How this device answers and how it calls.

    Python's TLS takes keys from files only: this one is sealed with a password that nobody but
    this function knows, and is gone when it returns. Raises ssl.SSLError for papers that are not
    this key's, OSError.
    """
    password = secrets.token_bytes(_PASSWORD_BYTES).hex()
    with tempfile.TemporaryDirectory(dir=folder) as place:
        sealed = Path(place) / "key.pem"
        sealed.touch(mode=0o600)
        sealed.write_bytes(key.sealed_pem(password.encode()))
        shown = Path(place) / "certificate.pem"
        shown.write_text(papers.certificate, encoding="ascii")
        made = [
            _context(ssl.PROTOCOL_TLS_SERVER, papers.authority),
            _context(ssl.PROTOCOL_TLS_CLIENT, papers.authority),
        ]
        for context in made:
            context.load_cert_chain(shown, sealed, password)
    return made[0], made[1]


def _context(protocol: int, authority: str) -> ssl.SSLContext:
    context = ssl.SSLContext(protocol)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    # Nobody knows at which address a device will be; who it is stands in its certificate.
    context.check_hostname = False
    context.verify_mode = ssl.CERT_REQUIRED
    context.verify_flags |= ssl.VerifyFlags(_NO_CHECK_TIME)
    context.load_verify_locations(cadata=authority)
    return context


def neighbour_of(certificate: object) -> Neighbour | None:
    """Whom a checked certificate, as `ssl` gives it, names; None where it is no device's."""
    if not isinstance(certificate, dict):
        return None
    told = {name: value for group in certificate.get("subject", ()) for name, value in group}
    try:
        return Neighbour(
            tenant_id=TenantId(told["organizationName"]),
            location_id=LocationId(told["organizationalUnitName"]),
            device_id=DeviceId(told["commonName"]),
        )
    except KeyError:
        return None
