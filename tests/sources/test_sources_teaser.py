"""Which entries are the article, and which only invite to read it."""

import pytest

from monitor.sources.feed import parse_feed
from monitor.sources.teaser import is_teaser

SENTENCE = "The union and the company met again on Sunday, and both sides said that they would go on. "
SHORT, LONG, WHOLE = SENTENCE * 3, SENTENCE * 8, SENTENCE * 25


@pytest.mark.parametrize(
    ("text", "is_content", "teaser"),
    [
        ("", True, True),
        (SHORT, True, True),
        (LONG, True, False),
        (LONG, False, True),
        (WHOLE, False, False),
        (WHOLE + "They also said…", True, True),
        (WHOLE + "They also said [...]", True, True),
        (WHOLE + "They also said . . .", True, True),
        (WHOLE + "They also said [\u2026] »", True, True),
        (WHOLE + "Read more", True, True),
        (WHOLE + "\n\nRead more at Daily Crier →", True, True),
        (WHOLE + "\n\nContinue reading “Talks go on”", True, True),
        (WHOLE + "The end. READ FULL STORY", True, True),
        ("یہ مذاکرات جاری ہیں۔ " * 60 + "مزید پڑھیں", True, True),
        ("बातचीत जारी है। " * 60 + "और पढ़ें", True, True),
        (WHOLE + "They also…\n\nThe post Talks go on appeared first on Daily Crier.", True, True),
        (WHOLE + "\n\nThe post Talks go on appeared first on Daily Crier.", True, False),
        (WHOLE + "He said that he wanted to read more", True, False),
        (WHOLE + "Read more slowly, he said. They went home.", True, False),
        ("Wait… what? " + WHOLE, True, False),
        ("协议" * 400 + "。", True, False),
    ],
)
def test_a_text_that_breaks_off_or_is_short_is_a_teaser(text: str, is_content: bool, teaser: bool) -> None:
    assert is_teaser(text.strip(), is_content=is_content) is teaser


def rss(*elements: tuple[str, str]) -> bytes:
    inner = "".join(f"<{name}>{text}</{name}>" for name, text in elements)
    namespace = "xmlns:content='http://purl.org/rss/1.0/modules/content/'"
    return f"<rss version='2.0' {namespace}><channel><item><title>T</title>{inner}</item></channel></rss>".encode()


@pytest.mark.parametrize(
    ("elements", "teaser"),
    [
        ((), True),
        ((("description", LONG),), True),
        ((("description", WHOLE),), False),
        ((("description", SHORT), ("content:encoded", LONG)), False),
        ((("content:encoded", LONG),), False),
        ((("description", LONG), ("content:encoded", LONG)), True),
        ((("description", LONG), ("content:encoded", SHORT)), True),
    ],
)
def test_content_is_trusted_sooner_than_a_summary(
    elements: tuple[tuple[str, str], ...], teaser: bool
) -> None:
    (entry,) = parse_feed(rss(*elements), "https://news.example/feed").entries
    assert entry.is_teaser is teaser


@pytest.mark.parametrize(
    ("fields", "teaser"),
    [
        (f'"content_text": "{LONG}"', False),
        (f'"summary": "{LONG}"', True),
        (f'"summary": "{SHORT}", "content_html": "<p>{LONG}</p>"', False),
        (f'"content_html": "<p>{LONG}…</p>"', True),
    ],
)
def test_it_is_the_same_in_json(fields: str, teaser: bool) -> None:
    body = f'{{"version": "https://jsonfeed.org/version/1", "items": [{{"id": "1", {fields}}}]}}'
    (entry,) = parse_feed(body.encode(), "https://news.example/feed").entries
    assert entry.is_teaser is teaser
