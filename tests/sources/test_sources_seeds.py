"""The five seeds as the folder source reads them: compared with what a person reads in the files."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from monitor.sources.folder import FolderRead, read_folder
from monitor.vocabulary import Precision

NOW = datetime(2026, 1, 2, 3, 4, tzinfo=UTC)
SEEDS = Path(__file__).parents[2] / "seeds"

EXPECTED = [
    ("Khyber News", "2025-04-14", Precision.WEEK, "khybernews.tv"),
    ("The Azb", "2025-04-14", Precision.DAY, "theazb.com"),
    ("Daily Times", "2025-05-24", Precision.DAY, "dailytimes.com.pk"),
    ("WION", "2025-05-29", Precision.DAY, "www.wionews.com"),
    ("ExBulletin", "2025-06-02", Precision.WEEK, "exbulletin.com"),
]
TITLES = [
    "Secret talks for Imran Khan’s release revealed delegation met officials amid deep PTI divide",
    "US origin Pakistani meets PTI founder in Jail",
    "Efforts to resume negotiations between Pakistan Tehreek-e-Insaf (PTI) and the government are gaining momentum"
    " once again",
    "Imran Khan rejects renewed dialogue with Pak govt, his party chooses mass mobilisation over negotiations: Report",
    "The American Pakistani magnate Tanweer Ahmed claims that he held several meetings with the former Prime Minister…",
]


@pytest.fixture(scope="module")
def seeds() -> FolderRead:
    return read_folder(SEEDS, now=NOW)


def test_the_seeds_come_in_order_of_publication_with_what_is_known_of_each(seeds: FolderRead) -> None:
    assert seeds.refused == ()
    found = [
        (
            article.outlet,
            f"{article.published_at:%Y-%m-%d}",
            article.precision,
            (article.url or "").split("/")[2],
        )
        for article in seeds.articles
    ]
    assert found == EXPECTED
    assert all(article.history and article.source == "seeds" for article in seeds.articles)
    assert all(article.first_seen_at == NOW for article in seeds.articles)


def test_every_seed_has_a_title(seeds: FolderRead) -> None:
    assert [article.title for article in seeds.articles] == TITLES


@pytest.mark.parametrize(
    "furniture",
    [
        "Trending",
        "date 2025-",
        "About the Author",
        "Share on",
        "Preferred Source",
        "Story highlights",
        "Read More",
        "Jatin",
        "•",
    ],
)
def test_nothing_of_the_page_around_an_article_is_left(seeds: FolderRead, furniture: str) -> None:
    assert [article.outlet for article in seeds.articles if furniture in article.text] == []


def test_every_sentence_of_the_articles_stands_as_it_was_written(seeds: FolderRead) -> None:
    """What is cut away is named here piece by piece; the rest of each file must be in its text, line by line."""
    cut = re.compile(
        r"^ ?date \d{4}-\d{2}-\d{2} |^\s*•.*$|^Imran Khan rejects renewed .*: Report$|^Story highlights$"
        r"|^Add WION as a Preferred Source$|^Trending Stories$|^About the Author[\s\S]*\Z",
        re.MULTILINE,
    )
    for file in sorted(SEEDS.glob("*.txt")):
        raw = file.read_text(encoding="utf-8")
        text = next(article.text for article in seeds.articles if article.text[-80:] in raw)
        lines = [line.strip() for line in cut.sub("", raw).split("\n") if line.strip()]
        assert len(lines) >= 5
        assert [line for line in lines if line not in text] == []


def test_the_repeated_headline_and_the_highlight_of_wion_stand_once(seeds: FolderRead) -> None:
    wion = seeds.articles[3]
    assert wion.text.startswith("Just as hopes for renewed dialogue")
    assert wion.text.count("In November last year, a similar effort collapsed") == 1
    assert wion.title not in wion.text
    assert wion.text.endswith("could drag on for an extended period.")


def test_reading_the_seeds_again_gives_the_same(seeds: FolderRead) -> None:
    assert read_folder(SEEDS, now=NOW) == seeds
