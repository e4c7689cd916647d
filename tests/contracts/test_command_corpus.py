"""Commands of every release are read for ever: shapes are pinned, old ones kept as they came."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import msgspec
import pytest

from shared.kernel.errors import Rejected
from shared.kernel.messages import Command, Upcast, canonical_json
from shared.runtime.registry import COMMANDS, decoded, read_command
from tests.contracts.test_wire_pin import without_words

CORPUS = Path(__file__).with_name("corpus") / "commands.jsonl"


class Kept(msgspec.Struct):
    """One command as a device once wrote it; `shape` is the hash of its version's schema."""

    name: str
    version: int
    shape: str
    args: msgspec.Raw


def corpus() -> list[Kept]:
    """All of them; lines are added and never changed."""
    return [msgspec.json.decode(line, type=Kept) for line in CORPUS.read_bytes().splitlines()]


def shape_of(kind: type[Command]) -> str:
    """A hash over the JSON schema of a command's arguments, without their descriptions."""
    schema, components = msgspec.json.schema_components((kind,))
    plain = {name: without_words(part) for name, part in components.items()}
    return hashlib.sha256(canonical_json([schema, plain])).hexdigest()[:32]


@pytest.mark.parametrize("kind", COMMANDS, ids=lambda kind: kind.NAME)
def test_the_shape_of_a_command_belongs_to_its_version(kind: type[Command]) -> None:
    kept = {(each.name, each.version): each.shape for each in corpus()}

    assert kept.get((kind.NAME, kind.VERSION)) == shape_of(kind), (
        "the arguments changed: raise VERSION, give UPCASTS the way from the version before, add"
        f" a line with shape {shape_of(kind)} to the corpus"
    )
    assert set(kind.UPCASTS) == set(range(2, kind.VERSION + 1))


@pytest.mark.parametrize("kept", corpus(), ids=lambda kept: f"{kept.name}.{kept.version}")
def test_a_command_of_any_release_is_still_read(kept: Kept) -> None:
    command = read_command(kept.name, kept.version, kept.args)

    assert kept.name == command.NAME
    if kept.version == command.VERSION:
        assert canonical_json(command) == bytes(kept.args)


def with_names(args: dict[str, Any]) -> dict[str, Any]:
    """Version 2: there may be several names."""
    return {"names": [args["name"]]}


def with_volume(args: dict[str, Any]) -> dict[str, Any]:
    """Version 3: it may be shouted."""
    return args | {"is_loud": False}


@dataclass(frozen=True, slots=True, kw_only=True)
class Greet(Command):
    """A command in its third version."""

    NAME: ClassVar[str] = "greet"
    VERSION: ClassVar[int] = 3
    UPCASTS: ClassVar[Mapping[int, Upcast]] = {2: with_names, 3: with_volume}

    names: tuple[str, ...]
    is_loud: bool


@pytest.mark.parametrize(
    ("version", "args"),
    [
        (1, b'{"name":"Ada"}'),
        (2, b'{"names":["Ada"]}'),
        (3, b'{"names":["Ada"],"is_loud":false}'),
    ],
)
def test_every_earlier_version_becomes_the_present_one(version: int, args: bytes) -> None:
    assert decoded(Greet, version, args) == Greet(names=("Ada",), is_loud=False)


def test_old_arguments_that_do_not_fit_are_malformed_and_not_a_crash() -> None:
    for version, args in ((1, b'{"named":"Ada"}'), (2, b'{"names":7}'), (0, b"{}"), (3, b"[]")):
        with pytest.raises((msgspec.DecodeError, LookupError)):
            decoded(Greet, version, args)
    with pytest.raises(Rejected, match="command_malformed"):
        read_command("save_customer", 0, b'{"name":"Ada"}')
