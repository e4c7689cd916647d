"""Certificates: by them the devices of one tenant know each other where no server can be reached.

Each tenant has an authority of its own, so that a device of another one is refused by TLS itself.
Nothing is stored: the authority's key is made from the server's first secret, and whoever asks
again gets the same certificate.
"""

import hashlib
from datetime import UTC, datetime

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from shared.kernel.ids import DeviceId, LocationId, TenantId
from sync_server.keys import derived_key

_PURPOSE = b"pycommerce: authority of the devices of tenant "
_AUTHORITY = "PyCommerce devices"
_FROM, _UNTIL = datetime(1970, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)
"""As good as always: clocks are wrong, and whoever is shut out is so by its row."""


class Authority:
    """What certifies the devices of one tenant."""

    def __init__(self, first_secret: bytes, tenant_id: TenantId) -> None:
        self._key = derived_key(first_secret, _PURPOSE + tenant_id.encode())
        self._tenant_id = tenant_id
        self._name = _name(tenant_id, _AUTHORITY)

    def certificate(self) -> str:
        """Its own, self-signed, as PEM."""
        builder = self._builder(self._name, self._key.public_key())
        builder = builder.add_extension(
            x509.BasicConstraints(ca=True, path_length=0), critical=True
        )
        builder = builder.add_extension(_usage(does_certify=True), critical=True)
        return self._signed(builder)

    def certify(self, device_id: DeviceId, location_id: LocationId, public_key: bytes) -> str:
        """The certificate of a device's raw Ed25519 key, as PEM.

        It is good for both ends of a connection; the device's id stands in it as a host name too.
        """
        name = _name(self._tenant_id, device_id, location_id)
        builder = self._builder(name, Ed25519PublicKey.from_public_bytes(public_key))
        builder = builder.add_extension(
            x509.BasicConstraints(ca=False, path_length=None), critical=True
        )
        builder = builder.add_extension(_usage(does_certify=False), critical=True)
        ends = [ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.SERVER_AUTH]
        builder = builder.add_extension(x509.ExtendedKeyUsage(ends), critical=True)
        names = x509.SubjectAlternativeName([x509.DNSName(device_id)])
        return self._signed(builder.add_extension(names, critical=False))

    def _builder(self, name: x509.Name, key: Ed25519PublicKey) -> x509.CertificateBuilder:
        """What all certificates have; the same name and key give the same serial number."""
        serial = hashlib.sha256(name.public_bytes() + key.public_bytes_raw()).digest()[:16]
        ours = x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key())
        return (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(self._name)
            .public_key(key)
            .serial_number(int.from_bytes(serial))
            .not_valid_before(_FROM)
            .not_valid_after(_UNTIL)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
            .add_extension(ours, critical=False)
        )

    def _signed(self, builder: x509.CertificateBuilder) -> str:
        return builder.sign(self._key, algorithm=None).public_bytes(Encoding.PEM).decode()


def _name(tenant_id: TenantId, common: str, location_id: LocationId | None = None) -> x509.Name:
    parts = [
        x509.NameAttribute(NameOID.COMMON_NAME, common),
        x509.NameAttribute(NameOID.ORGANIZATION_NAME, tenant_id),
    ]
    if location_id is not None:
        parts.append(x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, location_id))
    return x509.Name(parts)


def _usage(*, does_certify: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not does_certify,
        key_cert_sign=does_certify,
        crl_sign=does_certify,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )
