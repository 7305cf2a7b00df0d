"""Languages are told apart on texts of our own, and a source's word stands unless the text clearly says otherwise."""

import subprocess
import sys
import tomllib
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from monitor.sources.language import language_of, with_language
from monitor.sources.model import ArticleFound
from monitor.vocabulary import Precision

TEXTS = tomllib.loads((Path(__file__).parent / "languages.toml").read_text("utf-8"))
ENGLISH_NAMES = "Omar Ayub, Ali Amin Gandapur, Salman Akram Raja and Hamid Khan"
URDU = TEXTS["ur"][0]


def headline(language: str, text: str) -> str:
    return text[:14] if language == "zh" else " ".join(text.split()[:6])


def share_right(read: Callable[[str, str], str]) -> float:
    right = [read(language, text) == language for language, texts in TEXTS.items() for text in texts]
    assert len(right) >= 120
    return sum(right) / len(right)


def test_languages_are_told_from_the_text_alone() -> None:
    assert share_right(lambda _, text: language_of(text)) >= 0.98
    assert share_right(lambda language, text: language_of(headline(language, text))) >= 0.95


def test_a_language_stated_wrongly_is_put_right_by_the_text() -> None:
    assert share_right(lambda _, text: language_of(text, "en-US")) >= 0.98
    assert share_right(lambda language, text: language_of(text, "ur" if language == "en" else "en")) >= 0.98


def test_a_language_stated_rightly_is_never_put_wrong() -> None:
    assert share_right(lambda language, text: language_of(headline(language, text), language)) == 1


@pytest.mark.parametrize(
    ("text", "stated", "language"),
    [
        (ENGLISH_NAMES, "en", "en"),
        ("PML-N, PPP seal deal: Shehbaz PM, Zardari president", "EN_gb", "en"),
        (URDU, "UR", "ur"),
        (URDU, "us", "ur"),
        (URDU, "urd", "ur"),
        (URDU, "x-default", "ur"),
        ("", "fr", "fr"),
        ("", "", ""),
        ("26/11 – 100%", "", ""),
        ("PTI", "", ""),
        ("PTI", "en", "en"),
    ],
)
def test_what_is_stated_counts_as_far_as_it_can_be_believed(text: str, stated: str, language: str) -> None:
    assert language_of(text, stated) == language


def test_an_article_gets_the_language_of_its_title_and_text() -> None:
    found = ArticleFound(
        url=None,
        outlet="Outlet",
        source="feed",
        title="عمران خان",
        text=URDU,
        language="en",
        published_at=None,
        precision=Precision.UNKNOWN,
        first_seen_at=datetime(2025, 6, 10, tzinfo=UTC),
    )
    assert with_language(found).language == "ur"


def test_the_model_is_loaded_with_the_first_text_only() -> None:
    code = (
        "import sys; from monitor.sources.language import language_of; "
        "assert not {'py3langid', 'numpy'} & set(sys.modules); "
        "assert language_of('The talks go on next week in Oslo') == 'en'; assert 'py3langid' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
