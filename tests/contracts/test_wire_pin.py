"""The shapes on the wire belong to a protocol version: to change one is to raise the other."""

import hashlib

import msgspec
import pytest

from shared.kernel.messages import Envelope, Outcome, canonical_json
from shared.sync.protocol.blob import BlobReceived
from shared.sync.protocol.bootstrap import BootstrapOffer
from shared.sync.protocol.certificate import CertificateReply
from shared.sync.protocol.enrol import EnrolReply, EnrolRequest
from shared.sync.protocol.pull import PullPage
from shared.sync.protocol.push import PushReply, PushRequest
from shared.sync.protocol.relay import RelayReply, RelayRequest
from shared.sync.protocol.token import TokenReply, TokenRequest
from shared.sync.protocol.verify import VerifyReply, VerifyRequest
from shared.sync.protocol.version import HISTORY, PROTOCOL_VERSION
from shared.sync.protocol.wait import Nudge

MESSAGES = (
    EnrolRequest,
    EnrolReply,
    TokenRequest,
    TokenReply,
    Envelope,
    Outcome,
    PushRequest,
    PushReply,
    PullPage,
    Nudge,
    VerifyRequest,
    VerifyReply,
    BootstrapOffer,
    CertificateReply,
    RelayRequest,
    RelayReply,
    BlobReceived,
)
PINNED = {1: "a25234418bdf76c5d6c4c52808023b9e1b8d38ce66300c16b3052918793d5a95"}
"""SHA-256 of all shapes by protocol version; a released entry never changes."""


def shapes() -> str:
    """One hash over the JSON schemas of all messages, without their descriptions."""
    _, components = msgspec.json.schema_components(MESSAGES)
    plain = {name: without_words(schema) for name, schema in components.items()}
    return hashlib.sha256(canonical_json(plain)).hexdigest()


def without_words(schema: object) -> object:
    """A schema without the texts that explain it."""
    if isinstance(schema, dict):
        return {name: without_words(part) for name, part in schema.items() if name != "description"}
    if isinstance(schema, list):
        return [without_words(part) for part in schema]
    return schema


def test_shapes_are_those_of_the_protocol_version() -> None:
    assert PINNED[PROTOCOL_VERSION] == shapes(), (
        "a message changed: raise PROTOCOL_VERSION, add to HISTORY, pin the new hash here"
    )


def test_every_version_has_a_date_and_a_pin() -> None:
    assert set(HISTORY) == set(PINNED) == set(range(1, PROTOCOL_VERSION + 1))


@pytest.mark.parametrize("message", MESSAGES)
def test_unknown_fields_of_a_later_release_are_left_aside(message: type[object]) -> None:
    with pytest.raises(msgspec.ValidationError, match="missing required field"):
        msgspec.json.decode(b'{"from_the_future": 1}', type=message)
