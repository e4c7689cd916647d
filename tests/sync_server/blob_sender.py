"""A device that speaks the wire of blobs by hand."""

import socket

import httpx

from shared.kernel.blobs import BlobRef
from shared.sync.protocol.blob import MAX_PIECE_BYTES, BlobReceived
from tests.support.pictures import ref_of
from tests.sync_server.devices import Device, read


class Sender:
    """A device's end of the wire for blobs, by hand."""

    def __init__(self, device: Device) -> None:
        self.device = device

    def put(
        self, blob: BlobRef, piece: bytes = b"", *, start: int = 0, size: int | None = None
    ) -> httpx.Response:
        """The answer to one piece."""
        size = blob.size_bytes if size is None else size
        return self.device.client.put(
            f"/sync/v1/blob/{blob.sha256}",
            params={"start": start, "size": size},
            content=piece,
            headers=self.device.headers,
        )

    def here(self, blob: BlobRef) -> int:
        """How much of it the server says it has."""
        return read(self.put(blob), BlobReceived).received_bytes

    def send(self, content: bytes) -> BlobRef:
        """Hand all of it over."""
        blob = ref_of(content)
        for start in range(0, len(content), MAX_PIECE_BYTES):
            piece = content[start : start + MAX_PIECE_BYTES]
            read(self.put(blob, piece, start=start), BlobReceived)
        return blob

    def get(self, blob: BlobRef, wanted: str = "") -> httpx.Response:
        """The answer to a download, of a range where one is wanted."""
        headers = self.device.headers | ({"Range": wanted} if wanted else {})
        return self.device.client.get(f"/sync/v1/blob/{blob.sha256}", headers=headers)

    def head(self, blob: BlobRef) -> httpx.Response:
        """What there is."""
        path = f"/sync/v1/blob/{blob.sha256}"
        return self.device.client.head(path, headers=self.device.headers)

    def put_and_hang_up(self, blob: BlobRef, piece: bytes, *, start: int, after: int) -> None:
        """Send the first `after` bytes of a piece, and cut the line."""
        url = self.device.client.base_url
        head = (
            f"PUT /sync/v1/blob/{blob.sha256}?start={start}&size={blob.size_bytes} HTTP/1.1\r\n"
            f"Host: {url.host}\r\nContent-Length: {len(piece)}\r\n"
            f"Authorization: Bearer {self.device.token}\r\n\r\n"
        )
        with socket.create_connection((url.host, url.port or 80)) as line:
            line.sendall(head.encode() + piece[:after])
