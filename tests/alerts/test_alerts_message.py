"""What people and machines are told."""

import json
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.alerts.decision import TOLD_WHEN_UPDATED
from monitor.alerts.message import Message, clean, digest, for_mail, in_context, link_to, sample
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
    text = story.render(story.alert().event).text
    for fact in (
        "talks rejected (reported), since 29 May 2025",
        "Change:   proposed → rejected",
        "How sure: reported: neither a party itself",
        "Told by:  WION",
        "> “Khan has rejected any dialogue with the government.”\n  WION, 1 March 2026, 12:00 UTC\n  https://www.wionews.com/report",
        "Look it up: https://parley.example/alerts?topic=pti&alert=",
    ):
        assert fact in text


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


def test_an_update_is_an_alert_to_who_was_never_told(story):
    update = story.render(story.update().event)
    first = in_context(update, first=True)
    assert first.subject == "[Parley] PTI and the government: talks rejected (confirmed)"
    assert (first.payload["type"], first.payload["data"]["message_type"]) == ("alert.raised", "Alert")
    for form in (first.text, first.html, first.brief):
        assert "update" not in form.lower()
    assert in_context(update, first=False) == update
    assert in_context(first, first=True) == first


def test_a_correction_refers_to_what_its_receiver_was_told(story):
    told = in_context(story.render(story.cancel().event), first=False, told=("a", "b"))
    assert told.payload["data"]["references"] == ["a", "b"]
    assert told.payload["data"]["message_type"] == "Cancel"


def test_a_message_about_something_else_is_told_as_it_is():
    other = Message(subject="s", text="t", html="h", payload={"type": "sources.health"})
    assert in_context(other, first=True, told=("a",)) == other


def test_a_test_message_says_so_in_every_form(story):
    message = sample("https://parley.example", story.now)
    assert message.subject.startswith("[Parley] TEST: ")
    assert message.payload["data"]["test"] is True
    for form in (message.text, message.html, message.brief):
        assert "This is a test: no talks have changed." in form


def payloads(story, count, **changes):
    return [story.render(story.alert(str(number), **changes).event).payload for number in range(count)]


@pytest.mark.parametrize("sign", ["a", "&", "\U0001f600", '"', "<"])
def test_a_digest_of_two_hundred_alerts_stays_under_twenty_kilobytes(story, sign):
    quotes = ({**story.alert().event.data["evidence"][0], "text": sign * 5000, "outlet": sign * 500},) * 3
    for many in (2, 10, 200):
        message = digest(payloads(story, many, text=sign * 900, name=sign * 300, evidence=quotes), story.now)
        shown = len(message.payload["data"]["alerts"])
        assert shown + message.payload["data"]["more"] == many
        assert shown > 0
        for form in for_mail(message, "https://parley.example/" + "x" * 300):
            assert len(form.encode()) < 20_000
        assert len(json.dumps(message.payload, ensure_ascii=False).encode()) < 20_000
        assert len(message.brief) <= 1000


def test_a_digest_lists_the_withdrawn_then_the_severe_and_says_how_many_found_no_room(story):
    severe = payloads(story, 1, severity="critical", text="A critical one")
    mild = payloads(story, 200, severity="minor", text="A minor one")
    withdrawn = story.render(story.cancel("w").event).payload
    message = digest([*mild, *severe, withdrawn], story.now)
    assert message.subject == "[Parley] 202 alerts on PTI's talks"
    assert [one["type"] for one in message.payload["data"]["alerts"][:1]] == ["alert.cancelled"]
    assert message.payload["data"]["alerts"][1]["data"]["text"] == "A critical one"
    assert (
        message.text.index("withdrawn")
        < message.text.index("A critical one")
        < message.text.index("A minor one")
    )
    shown = message.text.count("A minor one") + 2
    assert f"and {202 - shown} more" in message.text
    assert message.payload["data"]["link"] == "https://parley.example/alerts?topic=pti"


def test_a_header_can_not_be_injected(story):
    message = story.render(story.alert(name="x\r\nBcc: all@example.org", text="y\nz").event)
    assert "\n" not in message.subject + digest([message.payload], story.now).subject
    assert "\r" not in message.subject
