"""A device's certificate: by it the other devices of its tenant know it, without a server."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateReply:
    """The certificate of the asking device's key, and that of the tenant's authority; both PEM.

    The subject names the device (common name, and as host name too), its tenant (organisation) and
    its location (organisational unit). The authority is its own issuer and never changes.
    """

    protocol: int
    certificate: str
    authority: str
