"""What people and machines are told."""

import json
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.alerts.decision import TOLD_WHEN_UPDATED
from monitor.alerts.message import clean, link_to
from monitor.vocabulary import Status

ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=3000)


class Seen(HTMLParser):
    """What a mail program makes of the HTML."""

    def __init__(self, html):
        super().__init__()
        self.tags, self.links, self.words = [], [], []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.links += [value for name, value in attrs if name == "href"]

    def handle_data(self, data):
        self.words.append(data)


@pytest.fixture
def quoting(story):
    """Render an alert that quotes these words, from that outlet and link."""

    def make(text="They met.", outlet="WION", url="https://www.wionews.com/report", times=1):
        evidence = {**story.alert().event.data["evidence"][0], "text": text, "outlet": outlet, "url": url}
        return story.render(story.alert(evidence=(evidence,) * times).event)

    return make


def test_an_alert_says_what_changed_since_when_how_sure_and_who_says_so(story):
    message = story.render(story.alert().event)
    assert message.text == (
        "PTI and the government: talks rejected (reported)\n"
        "\n"
        "What:     PTI and the government: talks rejected (reported), since 29 May 2025\n"
        "Topic:    PTI's talks\n"
        "Change:   proposed → rejected\n"
        "How sure: reported: neither a party itself nor a second outlet has confirmed it yet\n"
        "Note:     This is new.\n"
        "\n"
        "Quotes from the articles:\n"
        "\n"
        "> “Khan has rejected any dialogue with the government.”\n"
        "  WION, 1 March 2026\n"
        "  https://www.wionews.com/report\n"
        "\n"
        f"Look it up: https://parley.example/alerts?topic=pti&alert={story.alert().event.data['alert_id']}\n"
    )


def test_updates_and_cancellations_say_that_they_are(story):
    updated, cancelled = story.render(story.update().event), story.render(story.cancel().event)
    assert updated.subject == "[Parley] Update: PTI and the government: talks rejected (confirmed)"
    assert "This updates an earlier alert: it is now confirmed." in updated.text
    assert "confirmed: by a party itself" in updated.text
    assert cancelled.subject.startswith("[Parley] PTI and the government: withdrawn, the evidence")
    assert "takes an earlier alert back" in cancelled.text
    assert cancelled.payload["data"]["evidence"] == []


@pytest.mark.parametrize("reason", sorted(TOLD_WHEN_UPDATED))
def test_every_update_says_why(story, reason):
    text = story.render(story.alert(type_="alert.updated", reason=reason).event).text
    assert "This updates an earlier alert: " in text


def test_what_was_not_known_before_is_not_called_a_status(story):
    told = story.alert(from_status=Status.NONE, effective_at=None)
    assert "nothing known → rejected" in story.render(told.event).text


def test_the_html_says_what_the_text_says(story):
    message = story.render(story.alert().event)
    words = " ".join(Seen(message.html).words)
    for fact in ("proposed → rejected", "29 May 2025", "Khan has rejected any dialogue", "WION"):
        assert fact in words


HOSTILE = [
    "<script>alert(1)</script>",
    "</blockquote><img src=x onerror=alert(1)>",
    '" onmouseover="alert(1)',
    "&lt;script&gt;",
    "[click](https://evil.example)",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_quote_stays_text(quoting, text):
    plain, hostile = quoting("They met."), quoting(text, outlet=text)
    assert Seen(hostile.html).tags == Seen(plain.html).tags
    assert Seen(hostile.html).links == Seen(plain.html).links
    assert f"“{text}”" in "".join(Seen(hostile.html).words)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://www.dawn.com/news/1?a=1&b=2", True),
        ("http://dawn.com", True),
        ("javascript:alert(1)", False),
        ("data:text/html,x", False),
        ("https://", False),
        ("https://[", False),
        ("https://dawn.com/\r\nBcc: all", False),
        ("https://dawn.com/a b", False),
        ("https://dawn.com/" + "a" * 2000, False),
        (None, False),
    ],
)
def test_only_sane_web_addresses_become_links(quoting, url, shown):
    assert (link_to(url) == url) is (shown or url is None)
    links = [link for link in Seen(quoting(url=url).html).links if "parley.example" not in link]
    assert links == ([url] if shown else [])


@settings(max_examples=60, deadline=None)
@given(ANY_TEXT)
def test_strangers_text_becomes_one_clean_line(text):
    line = clean(text, 500)
    assert len(line) <= 500
    assert not any(
        ord(sign) < 32 or 0x7F <= ord(sign) < 0xA0 or sign in "\u2028\u2029\u202e" for sign in line
    )
    line.encode("utf-8")
    assert clean(line, 500) == line


def test_clean_text_is_left_as_it_is():
    assert clean("“Khan” said: مذاکرات, 50 % – no.", 100) == "“Khan” said: مذاکرات, 50 % – no."


@pytest.mark.parametrize("sign", ["a", "&", "\U0001f600", "\x00", "\ud800", "\n", '"'])
def test_a_message_stays_under_twenty_kilobytes_whatever_is_quoted(quoting, sign):
    message = quoting(sign * 100_000, outlet=sign * 1000, url="https://h/?" + "&" * 480, times=20)
    assert len(message.html.encode()) < 20_000
    assert len(message.text.encode()) < 20_000
    assert len(json.dumps(message.payload, ensure_ascii=False).encode()) < 20_000
    assert "\n" not in message.subject


def test_there_is_a_short_text_for_chat(story, quoting):
    brief = story.render(story.alert().event).brief
    assert "talks rejected (reported)" in brief
    assert "“Khan has rejected any dialogue" in brief
    assert brief.endswith(story.alert().event.data["alert_id"])
    assert len(quoting("\U0001f600" * 5000, outlet="o" * 500).brief) <= 1000
