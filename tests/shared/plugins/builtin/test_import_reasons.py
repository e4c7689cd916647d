"""Every code that an importer can give has its texts, the same in all languages."""

import re
import string
import tomllib

import pytest

from shared.plugins.builtin import IMPORTERS
from shared.plugins.builtin.import_reasons import REFUSALS, REMARKS, refusal, remark
from tests.shared.plugins.reading import ROOT

LANGUAGES = ("en", "de", "ar")
CODE = re.compile(r'"(import_[a-z0-9_]+)"')


def texts(language: str) -> dict[str, str]:
    path = ROOT / "resources" / "translations" / language / "errors_import.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))


def codes_in(*folders: str) -> set[str]:
    """Every import code that stands in the sources of these folders, whoever raises it."""
    paths = [path for folder in folders for path in (ROOT / folder).rglob("*.py")]
    return {code for path in paths for code in CODE.findall(path.read_text(encoding="utf-8"))}


def slots(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_every_code_has_a_text_and_every_error_a_cure() -> None:
    english = texts("en")

    for code in codes_in("shared/plugins") - REMARKS.keys():
        assert f"error.{code}" in english
        assert f"error.{code}.cure" in english
    for code in REMARKS:
        assert f"remark.{code}" in english


def test_no_text_is_left_without_a_code() -> None:
    spoken = {key.split(".")[1] for key in texts("en") if key.startswith(("error.", "remark."))}

    assert spoken <= codes_in("shared", "desktop", "sync_server")


@pytest.mark.parametrize("language", LANGUAGES)
def test_languages_have_the_same_texts_with_the_same_slots(language: str) -> None:
    english, other = texts("en"), texts(language)

    assert other.keys() == english.keys()
    assert {key: slots(text) for key, text in other.items()} == {
        key: slots(text) for key, text in english.items()
    }
    assert all(other.values())


def test_english_reasons_are_the_english_texts() -> None:
    english = texts("en")

    assert {code: english[f"error.{code}"] for code in REFUSALS} == REFUSALS
    assert {code: english[f"remark.{code}"] for code in REMARKS} == REMARKS


def test_importers_have_titles() -> None:
    for language in LANGUAGES:
        assert all(importer.title_key in texts(language) for importer in IMPORTERS)


def test_a_reason_is_a_sentence_with_its_parameters() -> None:
    assert refusal(7, "import_price_missing", column="Price").reason == "Column Price has no price."
    assert remark(7, "import_handle_made", handle="mug").params == {"handle": "mug"}
