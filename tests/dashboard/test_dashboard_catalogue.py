"""The catalogue of what the screens say: whole, and without what nothing says."""

import ast
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


def test_no_words_stand_outside_the_catalogue() -> None:
    found = {
        f"{path.relative_to(DASHBOARD)}: {words}"
        for path in sorted(DASHBOARD.rglob("*.py"))
        for words in english(path.read_text(encoding="utf-8"))
    }
    assert found == set()


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ('"""Words of a docstring."""\ndef f() -> "Some[Type]":\n    """And of a function."""', []),
        ('f"<p>Nothing was read {when}</p>"', ["Nothing was read"]),
        ('''f"<h1 class='plain big' title='{e(x)}'>Sources</h1>"''', ["Sources"]),
        ('''f"<h1 class='{a}'>{e(say('pages.sources'))}</h1>"''', []),
        ("x = '<nav aria-label=\"Pages\">'", ["Pages"]),
        ('st.text_input("Why", key="why")', ["Why"]),
        ('st.button(label="Send it")', ["Send it"]),
        ('wait if x else "not checked yet"', ["not checked yet"]),
        ('raise ValueError("the caller is wrong")', []),
        ('raise BadInputError(f"there is no {x}")', ["there is no"]),
        ('"; Path=/; Max-Age="', []),
        ('("class-name", "X-Frame-Options", "%H:%M")', []),
    ],
)
def test_words_are_told_from_what_machines_read(code: str, found: list[str]) -> None:
    assert english(code) == found


_NAMES = {"Parley", "Redis", 'Basic realm="Parley", charset="UTF-8"'}
_NO_LABEL = {"Page", "form"}
"""What of Streamlit takes a path or a key first."""
_CLASSES = {"old unchecked", "alert held"}
_TWO_WORDS = re.compile(r"[A-Za-z]{2,},? [a-z]{2,}")
_SHOWN_ATTRIBUTES = re.compile(r"""(?:aria-label|title|alt|placeholder)=["']([^"'<>\0]*)""")
_VALUE = "\0"


def english(code: str) -> list[str]:
    """The words that a module would show to people by itself, in the order of its lines."""
    tree = ast.parse(code)
    passed_over: set[ast.AST] = set()
    labels: set[ast.AST] = set()
    for node in ast.walk(tree):
        match node:
            case ast.Expr(value=ast.Constant()):  # a docstring
                passed_over.add(node.value)
            case ast.Raise(exc=ast.Call(func=ast.Name(id="ValueError"))):  # tells its caller
                passed_over |= set(ast.walk(node))
            case ast.Assign(targets=[ast.Name(id="_STYLE")]):
                passed_over |= set(ast.walk(node))
            case ast.Call(func=ast.Attribute(value=ast.Name(id="re" | "_LOG"))):
                passed_over |= set(ast.walk(node))
            case ast.Call(func=ast.Attribute(value=ast.Name(id="st"), attr=name)) if name not in _NO_LABEL:
                labels |= {*node.args[:1], *(one.value for one in node.keywords if one.arg == "label")}
            case ast.JoinedStr():
                passed_over |= {part for part in node.values if isinstance(part, ast.Constant)}
    strings = [node for node in ast.walk(tree) if isinstance(node, ast.JoinedStr | ast.Constant)]
    strings = [node for node in strings if node not in passed_over]
    strings.sort(key=lambda node: (node.lineno, node.col_offset))
    return [words for node in strings for words in _words(_literal(node), is_label=node in labels)]


def _literal(node: ast.JoinedStr | ast.Constant) -> str:
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else ""
    return "".join(part.value if isinstance(part, ast.Constant) else _VALUE for part in node.values)


def _words(text: str, *, is_label: bool) -> list[str]:
    """What a literal says: all words of a label or between tags, else what has two of them in a row."""
    shown = re.sub(r"<[a-z/!][^<>]*>?", _VALUE, text)
    said = [*_SHOWN_ATTRIBUTES.findall(text), *shown.split(_VALUE)]
    one_is_enough = is_label or "<" in text
    return [
        part
        for part in map(str.strip, said)
        if (_TWO_WORDS.search(part) or (one_is_enough and re.search(r"[A-Za-z]{3,}", part)))
        and part not in _NAMES | _CLASSES
    ]
