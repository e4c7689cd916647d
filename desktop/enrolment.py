"""A machine becomes a device: pairing code and public key out, identity into the journal."""

from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

from desktop.journal import Identity
from desktop.secrets import DeviceKey
from desktop.work import Work
from desktop.workbench import Workbench
from shared.kernel.errors import Rejected
from shared.kernel.ids import DeviceId, new_id
from shared.pos.commands import RECEIPT_SERIES, Z_SERIES
from shared.sync.cursor import Cursor
from shared.sync.endpoint import Enrolment
from shared.sync.protocol.enrol import EnrolReply, EnrolRequest

_WANTED_ID = "enrolling_as"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pairing:
    """What a person types to pair this machine, and the version of this program.

    `is_new_device` asks for a new id, for a device that was shut out.
    """

    server_url: str
    pairing_code: str
    name: str
    client_version: str
    is_new_device: bool = False


async def enrol(
    work: Work, endpoint: Callable[[str], Enrolment], key: DeviceKey, *, pairing: Pairing
) -> Identity:
    """Pair this machine with a server and give the identity it has from now on.

    May be repeated after a lost answer: the machine's own id is kept before it is sent, so the
    server finds the same device again. Pairing an enrolled device anew begins its next life: what
    is unsent in its journal is sent in that life. `endpoint` is given the server's address.

    Raises Rejected for a wrong code, name or address or while something is unsent to another shop,
    or Unavailable.
    """
    address = server_address(pairing.server_url)
    device_id = await work.ask(lambda bench: _own_id(bench, is_new_device=pairing.is_new_device))
    reply = await endpoint(address).enrol(
        EnrolRequest(
            pairing_code=pairing.pairing_code.strip().upper(),
            device_id=device_id,
            public_key=key.public_text,
            name=pairing.name.strip(),
            client_version=pairing.client_version,
        )
    )
    return await work.ask(lambda bench: _take(bench, reply, address))


def server_address(text: str) -> str:
    """A server's address without a path; `https://` where none is given.

    Raises Rejected: server_address_wrong, or server_address_insecure for an unencrypted line to
    another machine.
    """
    plain = text.strip()
    parts = urlsplit(plain if "://" in plain else f"https://{plain}")
    try:
        host, _port = parts.hostname, parts.port
    except ValueError as error:
        raise Rejected("server_address_wrong", field="server_url") from error
    if not host or parts.scheme not in {"http", "https"} or parts.path.strip("/") or parts.query:
        raise Rejected("server_address_wrong", field="server_url")
    if parts.scheme == "http" and not _is_this_machine(host):
        raise Rejected("server_address_insecure", field="server_url")
    return f"{parts.scheme}://{parts.netloc}"


def _is_this_machine(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _own_id(bench: Workbench, *, is_new_device: bool) -> DeviceId:
    """The id to ask for; the same one until an answer was taken."""
    wanted = bench.note(_WANTED_ID)
    if wanted is None:
        is_kept = bench.is_enrolled and not is_new_device
        wanted = bench.identity.device_id if is_kept else new_id()
        bench.set_note(_WANTED_ID, wanted)
    return DeviceId(wanted)


def _take(bench: Workbench, reply: EnrolReply, address: str) -> Identity:
    identity = Identity(
        tenant_id=reply.tenant_id,
        tenant_name=reply.tenant_name,
        device_id=reply.device_id,
        incarnation=reply.incarnation,
        workspace=reply.workspace,
        location_id=reply.location_id,
        register_id=reply.register_id,
        scopes=reply.scopes,
        server_url=address,
    )
    used = {RECEIPT_SERIES: reply.last_receipt_no, Z_SERIES: reply.last_z_no}
    epoch = Cursor.parse(reply.head).epoch
    bench.enrol(identity, used, epoch=epoch, signing_key=reply.signing_key or None)
    bench.set_note(_WANTED_ID, None)
    return identity
