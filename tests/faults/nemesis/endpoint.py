"""How a device of a story reaches its server: the client's own way, with less patience."""

import httpx

from desktop.enrolment import Pairing, enrol
from desktop.journal import Identity
from desktop.secrets import DeviceKey
from desktop.sync.http_endpoint import HttpEndpoint, HttpEnrolment
from desktop.work import Work
from shared.kernel.clock import SystemClock
from shared.sync.endpoint import WAIT_PATH

_PATIENCE_S = 3.0
_SHORT = dict.fromkeys(("connect", "read", "write", "pool"), _PATIENCE_S)


class _Impatient(httpx.AsyncHTTPTransport):
    """Waits three seconds for an answer where the client would wait sixty."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Ask; nudges come when they come."""
        if request.url.path != WAIT_PATH:
            request.extensions = {**request.extensions, "timeout": _SHORT}
        return await super().handle_async_request(request)


def endpoint_of(identity: Identity, key: DeviceKey) -> HttpEndpoint:
    """The calls of an enrolled device."""
    return HttpEndpoint(identity, key, SystemClock(), transport=_Impatient())


async def pair(work: Work, key: DeviceKey, *, server_url: str, code: str, name: str) -> None:
    """Become a device."""
    pairing = Pairing(server_url=server_url, pairing_code=code, name=name, client_version="1")
    await enrol(work, HttpEnrolment, key, pairing=pairing)
