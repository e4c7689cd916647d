"""Printers: a file, a network printer, and none."""

import socket
from dataclasses import dataclass
from pathlib import Path

from shared.kernel.errors import Rejected, Unavailable

TIMEOUT_S = 3.0
RAW_PORT = 9100


@dataclass(frozen=True, slots=True)
class FilePrinter:
    """Appends everything to one file: for tests, demos and printers behind a device file."""

    path: Path

    @property
    def name(self) -> str:
        """The file's name."""
        return self.path.name

    def send(self, data: bytes) -> None:
        """Append. Raises Unavailable("printer_unreachable")."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self.path.open("ab") as file:
                file.write(data)
        except OSError as error:
            raise Unavailable("printer_unreachable", printer=self.name) from error


@dataclass(frozen=True, slots=True)
class NetworkPrinter:
    """A receipt printer that listens on raw TCP."""

    host: str
    port: int = RAW_PORT
    timeout_s: float = TIMEOUT_S

    @property
    def name(self) -> str:
        """Host and port."""
        return f"{self.host}:{self.port}"

    def send(self, data: bytes) -> None:
        """Connect, send all and close. Raises Unavailable("printer_unreachable")."""
        try:
            address = (self.host, self.port)
            with socket.create_connection(address, timeout=self.timeout_s) as line:
                line.sendall(data)
                line.shutdown(socket.SHUT_WR)
        except OSError as error:
            raise Unavailable("printer_unreachable", printer=self.name) from error


def printer_of(address: str) -> FilePrinter | NetworkPrinter | None:
    """The printer of a setting: "tcp://host[:port]", "file:path", or nothing for none.

    Raises Rejected("printer_address_malformed").
    """
    if not address.strip():
        return None
    scheme, _, rest = address.strip().partition(":")
    if scheme == "file" and rest:
        return FilePrinter(Path(rest.removeprefix("//")))
    if scheme == "tcp" and rest.startswith("//"):
        host, _, port = rest[2:].partition(":")
        if host and (not port or port.isdigit()):
            return NetworkPrinter(host, int(port or RAW_PORT))
    raise Rejected("printer_address_malformed", field="printer", address=address)
