"""Messages survive the wire, small or compressed; whatever else comes is not taken for one."""

from datetime import UTC, datetime

import msgspec
import pytest
import zstandard

from shared.kernel.errors import Unavailable
from shared.kernel.ids import DeviceId
from shared.sync import codec
from shared.sync.protocol.pull import PullPage, TableChanges
from shared.sync.protocol.wait import Nudge


def _page(rows: int) -> PullPage:
    images = tuple(msgspec.Raw(f'{{"number":{n},"text":"ä"}}'.encode()) for n in range(rows))
    return PullPage(
        protocol=1,
        device_id=DeviceId("01a20000-0000-7000-8000-000000000001"),
        from_cursor="1.0",
        to_cursor="1.5",
        is_last=True,
        tables=(TableChanges(table="product", puts=images, deletes=(("a",),)),),
        acked_seq=0,
        outcomes=(),
        digests=(),
        server_time=datetime(2026, 11, 23, tzinfo=UTC),
    )


@pytest.mark.parametrize("rows", [0, 1, 2000])
def test_a_page_comes_out_as_it_went_in(rows: int) -> None:
    body, headers = codec.encode(_page(rows))
    found = codec.decode(body, PullPage, encoding=headers.get("Content-Encoding"))
    assert msgspec.json.encode(found) == msgspec.json.encode(_page(rows))


def test_only_what_is_worth_it_is_compressed() -> None:
    assert "Content-Encoding" not in codec.encode(Nudge(head="1.1"))[1]
    body, headers = codec.encode(_page(2000))
    assert headers["Content-Encoding"] == "zstd"
    assert len(body) < len(msgspec.json.encode(_page(2000))) / 5


@pytest.mark.parametrize(
    ("body", "encoding"),
    [
        (b"<html>Sign in to this network</html>", None),
        (b'{"head": 7}', None),
        (b"\xff\xfe", None),
        (b"not zstd", "zstd"),
        (zstandard.compress(b"[]"), "zstd"),
        (b'{"head":"1.1"}', "br"),
        (b"", None),
    ],
)
def test_what_is_not_our_protocol_is_an_obstacle_and_no_answer(
    body: bytes, encoding: str | None
) -> None:
    with pytest.raises(Unavailable, match="answer_malformed"):
        codec.decode(body, Nudge, encoding=encoding)
