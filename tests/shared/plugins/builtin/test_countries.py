"""Country names in files become ISO codes."""

import pytest

from shared.plugins.builtin.countries import country_code


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("United Kingdom", "GB"),
        ("EIRE", "IE"),
        ("USA", "US"),
        ("RSA", "ZA"),
        ("Czech Republic", "CZ"),
        ("Hong Kong", "HK"),
        ("Saudi Arabia", "SA"),
        ("Deutschland", "DE"),
        ("ألمانيا", "DE"),
        (" fr ", "FR"),
        ("Channel Islands", None),
        ("European Community", None),
        ("European Union", None),
        ("Unspecified", None),
        ("", None),
    ],
)
def test_names_and_codes_are_known_in_three_languages(name: str, code: str | None) -> None:
    assert country_code(name) == code
