"""Which encoding a file has, decided on the bytes seen."""

import codecs
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.kernel.errors import Rejected
from shared.plugins.builtin.csv_text import DAMAGE, TextDecoder


def decoded(*blocks: bytes, forced: str | None = None) -> tuple[str, TextDecoder]:
    decoder = TextDecoder(forced)
    return "".join(decoder.decode(block) for block in (*blocks, b"")), decoder


@pytest.mark.parametrize(
    ("blocks", "text", "encoding"),
    [
        ((b"plain",), "plain", "ascii"),
        (("Käse".encode(),), "Käse", "utf-8"),
        ((codecs.BOM_UTF8 + b"plain",), "plain", "utf-8"),
        (("Käse £5".encode("cp1252"),), "Käse £5", "cp1252"),
        ((b"plain ", "Käse".encode("cp1252")), "plain Käse", "cp1252"),
        ((codecs.BOM_UTF16_LE + "Käse".encode("utf-16-le"),), "Käse", "utf-16-le"),
        ((codecs.BOM_UTF16_BE + "Käse".encode("utf-16-be"),), "Käse", "utf-16-be"),
        (("Title,Käse".encode("utf-16-le"),), "Title,Käse", "utf-16-le"),
        (("Title,Käse".encode("utf-16-be"),), "Title,Käse", "utf-16-be"),
        ((b"K\xc3", b"\xa4se"), "Käse", "utf-8"),
        ((b"K\xc3", b" se"), "KÃ se", "cp1252"),
        ((b"end \xc3",), "end Ã", "cp1252"),
    ],
)
def test_the_encoding_follows_from_the_bytes(
    blocks: tuple[bytes, ...], text: str, encoding: str
) -> None:
    found, decoder = decoded(*blocks)

    assert found == text
    assert decoder.encoding == encoding
    assert not decoder.needs_checking


def test_one_broken_byte_does_not_turn_a_utf8_file_into_windows_1252() -> None:
    found, decoder = decoded("é".encode() * 5 + b" caf\xe9 " + "ü".encode() * 5)

    assert decoder.encoding == "utf-8"
    assert decoder.needs_checking
    assert DAMAGE.findall(found) == ["\udce9"]


def test_bytes_that_windows_1252_does_not_know_are_damage() -> None:
    found, decoder = decoded(b"\xe9\xe8\x81")

    assert decoder.encoding == "cp1252"
    assert decoder.needs_checking
    assert DAMAGE.search(found) is not None


def test_utf16_that_ends_within_a_character_is_damage() -> None:
    found, decoder = decoded(codecs.BOM_UTF16_LE + b"a\x00b")

    assert decoder.needs_checking
    assert found.startswith("a")


def test_a_zero_byte_asks_for_checking() -> None:
    _, decoder = decoded(b"abcdefgh\x00ij")

    assert decoder.needs_checking


def test_a_forced_encoding_is_taken() -> None:
    found, decoder = decoded("żółć".encode("cp1250"), forced="cp1250")

    assert (found, decoder.encoding) == ("żółć", "cp1250")


@pytest.mark.parametrize("name", ["utf-99", "zlib", "", "a\x00b"])
def test_an_encoding_that_is_none_is_refused(name: str) -> None:
    with pytest.raises(Rejected) as caught:
        TextDecoder(name)

    assert caught.value.code == "import_encoding_unknown"


@given(
    text=st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00\ufeff")),
    cuts=st.lists(st.integers(0, 200)),
)
def test_utf8_comes_back_however_it_is_cut_into_blocks(text: str, cuts: list[int]) -> None:
    content = text.encode()
    places = [0, *sorted(min(cut, len(content)) for cut in cuts), len(content)]
    blocks = [content[a:b] for a, b in itertools.pairwise(places) if a < b]

    found, _ = decoded(*blocks)

    assert found == text
