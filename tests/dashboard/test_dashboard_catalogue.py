"""The catalogue of what the screens say: whole, and without what nothing says."""

import re
from collections.abc import Mapping
from pathlib import Path
from string import Formatter

import pytest

from dashboard import catalogue

DASHBOARD = Path(catalogue.__file__).parent
SOURCE = "\n".join(path.read_text(encoding="utf-8") for path in sorted(DASHBOARD.rglob("*.py")))
USED = set(re.findall(r"""(?:say|said|template)\(\s*["']([a-z_]+\.[a-z_]+)["']""", SOURCE))
BY_WORD = set(re.findall(r"""said_of\(\s*["']([a-z_]+)["']""", SOURCE))
LANGUAGES = sorted(path.stem for path in (DASHBOARD / "strings").glob("*.toml"))


def keys(language: str) -> dict[str, object]:
    return {
        f"{table}.{name}": found
        for table, names in catalogue.strings(language).items()
        for name, found in names.items()
    }


def test_every_string_that_is_said_is_in_the_catalogue() -> None:
    assert USED - keys("en").keys() == set()
    assert BY_WORD - catalogue.strings("en").keys() == set()


def test_nothing_in_the_catalogue_is_never_said() -> None:
    assert {key for key in keys("en") if key.partition(".")[0] not in BY_WORD} - USED == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_says_the_same_things(language: str) -> None:
    ours, english = keys(language), keys("en")
    assert ours.keys() == english.keys()
    for key, found in ours.items():
        assert fields(found) == fields(english[key]), key


def fields(found: object) -> set[str]:
    """What varies in a string; forms for numbers must agree in it, but for the number itself."""
    forms = list(found.values()) if isinstance(found, Mapping) else [found]
    named = [{name for _, name, _, _ in Formatter().parse(str(form)) if name} for form in forms]
    assert all(one - {"count"} == named[-1] - {"count"} for one in named)
    return named[-1]


def test_a_string_that_counts_has_a_form_for_one() -> None:
    assert catalogue.say("past.no_day", value="x") == "'x' is no day. Write it like 2025-05-29."
    assert catalogue.said_of("alert_states", "of_a_later_version") == "of a later version"
