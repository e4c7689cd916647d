"""How devices of one store find each other on its network."""

import asyncio
import hashlib
import socket
from collections.abc import Callable, Mapping
from typing import Protocol

from zeroconf import InterfaceChoice, IPVersion, ServiceStateChange, Zeroconf
from zeroconf.asyncio import AsyncServiceBrowser, AsyncServiceInfo, AsyncZeroconf

_KIND = "_pycommerce._tcp.local."
_ASKING_MS = 3000
_NAME_BYTES = 12

Spot = tuple[str, int]
"""A host and a port."""


def hub_name(tenant_id: str, device_id: str) -> str:
    """What a device calls itself on the network: the same each day, and nothing about the shop."""
    seed = f"pycommerce hub\n{tenant_id}\n{device_id}".encode()
    return hashlib.blake2b(seed, digest_size=_NAME_BYTES).hexdigest()


class Finder(Protocol):
    """Makes this device known on the network and knows who else is there."""

    async def begin(self, name: str, port: int, *, on_change: Callable[[], None]) -> None:
        """Announce this device; `on_change` is called on this loop whenever `found` differs."""
        ...

    @property
    def found(self) -> Mapping[str, Spot]:
        """The others by name, as far as is known."""
        ...

    async def end(self) -> None:
        """Take the announcement back."""
        ...


class NetworkFinder:
    """DNS service discovery over multicast (RFC 6762, RFC 6763); used on one event loop."""

    def __init__(self, interfaces: tuple[str, ...] = ()) -> None:
        """`interfaces` are addresses of this machine to speak from; all of them for none."""
        self._interfaces = list(interfaces)
        self._zeroconf: AsyncZeroconf | None = None
        self._browser: AsyncServiceBrowser | None = None
        self._mine = ""
        self._found: dict[str, Spot] = {}
        self._on_change: Callable[[], None] = _nobody_hears
        self._asking: set[asyncio.Task[None]] = set()

    @property
    def found(self) -> Mapping[str, Spot]:
        """The others by name, as far as is known."""
        return self._found

    async def begin(self, name: str, port: int, *, on_change: Callable[[], None]) -> None:
        """Announce this device. Raises OSError where there is no network."""
        self._mine, self._on_change = name, on_change
        self._zeroconf = AsyncZeroconf(
            interfaces=self._interfaces or InterfaceChoice.All, ip_version=IPVersion.V4Only
        )
        info = AsyncServiceInfo(
            _KIND,
            f"{name}.{_KIND}",
            port=port,
            parsed_addresses=self._interfaces or _own_addresses(),
            server=f"{name}.local.",
        )
        await (await self._zeroconf.async_register_service(info))
        self._browser = AsyncServiceBrowser(self._zeroconf.zeroconf, _KIND, handlers=[self._heard])

    def _heard(
        self,
        zeroconf: Zeroconf,
        service_type: str,
        *,
        name: str,
        state_change: ServiceStateChange,
    ) -> None:
        short = name.removesuffix(f".{_KIND}")
        if short == self._mine:
            return
        if state_change is ServiceStateChange.Removed:
            if self._found.pop(short, None) is not None:
                self._on_change()
            return
        asking = asyncio.get_running_loop().create_task(self._ask(zeroconf, service_type, name))
        self._asking.add(asking)
        asking.add_done_callback(self._asking.discard)

    async def _ask(self, zeroconf: Zeroconf, service_type: str, name: str) -> None:
        info = AsyncServiceInfo(service_type, name)
        if not await info.async_request(zeroconf, _ASKING_MS) or info.port is None:
            return
        for address in info.parsed_addresses(IPVersion.V4Only):
            self._found[name.removesuffix(f".{_KIND}")] = (address, info.port)
            self._on_change()
            return

    async def end(self) -> None:
        """Take the announcement back."""
        for each in tuple(self._asking):
            each.cancel()
        if self._browser is not None:
            await self._browser.async_cancel()
            self._browser = None
        if self._zeroconf is not None:
            await self._zeroconf.async_unregister_all_services()
            await self._zeroconf.async_close()
            self._zeroconf = None
        self._found.clear()


def _nobody_hears() -> None:
    """Nothing is announced yet."""


def _own_addresses() -> list[str]:
    """This machine's addresses as its neighbours see them."""
    found = {info[4][0] for info in socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)}
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        # Sends nothing: it only asks which address a way to other networks would have.
        if probe.connect_ex(("192.0.2.1", 9)) == 0:
            found.add(probe.getsockname()[0])
    return sorted(str(each) for each in found if not str(each).startswith("127."))
