"""The Subscribe page as HTML: every way to be told, for the topic that is shown. Pure."""

from dataclasses import dataclass
from urllib.parse import quote, urlencode

from dashboard import markup
from dashboard.api import Subscribing
from dashboard.catalogue import said_of, say
from dashboard.markup import e
from monitor.readmodel.queries import TopicEntry

_FEEDS = ("atom", "rss", "json")


@dataclass(frozen=True)
class SubscribePage:
    """Everything that the page shows."""

    topic: TopicEntry
    base: str
    """The address of the HTTP interface, for links."""
    is_public: bool
    """The operator has set it for others."""
    offered: Subscribing | None
    """None: the HTTP interface does not answer."""
    trouble: str = ""
    """What it said, or that it said nothing."""


def page(shown: SubscribePage) -> str:
    """The page."""
    head = f"<h1 class='plain'>{e(say('subscribe.title'))}</h1><p>{_lead(shown)}</p>"
    return f"{head}{_banners(shown)}<div class='ways'>{_email(shown)}{_feeds(shown)}{_webhook(shown)}</div>"


def _lead(shown: SubscribePage) -> str:
    return markup.said("subscribe.lead", topic=f"<b>{e(shown.topic.label)}</b>")


def _banners(shown: SubscribePage) -> str:
    said = ""
    if not shown.is_public:
        said += markup.banner(
            "⚠", say("subscribe.not_public"), markup.said("subscribe.not_public_more"), "old"
        )
    if shown.offered is None:
        said += markup.banner("⚠", say("subscribe.silent"), e(shown.trouble), "old")
    return said


def _email(shown: SubscribePage) -> str:
    if shown.offered is None:
        body = f"<p>{e(say('subscribe.email_unknown'))}</p>"
    elif not shown.offered.is_open:
        body = f"<p><b>{e(say('subscribe.closed'))}</b> {e(say('subscribe.closed_more'))}</p>"
    else:
        said = (say("subscribe.step_ask"), say("subscribe.step_confirm"), say("subscribe.step_end"))
        steps = "".join(f"<li>{e(step)}</li>" for step in said)
        every = markup.link(say("subscribe.email_button"), _new(shown))
        one = "".join(
            f"<li>{markup.link(label, _new(shown, channel))}</li>"
            for channel, label in shown.topic.channels.items()
        )
        body = (
            f"<ol class='steps'>{steps}</ol><p class='do'>{every}</p>"
            f"<p class='meta'>{e(say('subscribe.one_channel'))}</p><ul class='plainly'>{one}</ul>"
        )
    return markup.section(say("subscribe.email"), body)


def _new(shown: SubscribePage, channel: str = "") -> str:
    asked = {"topics": shown.topic.topic, **({"channels": channel} if channel else {})}
    return f"{shown.base}/v1/subscriptions/new?{urlencode(asked)}"


def _feeds(shown: SubscribePage) -> str:
    start = f"{shown.base}/v1/topics/{quote(shown.topic.topic, safe='')}"
    rows = "".join(
        f"<li>{markup.link(said_of('feeds', feed), f'{start}/alerts.{feed}')}"
        f"<p class='meta words'>{e(f'{start}/alerts.{feed}')}</p></li>"
        for feed in _FEEDS
    )
    stream = f"<li>{e(said_of('feeds', 'stream'))}<p class='meta words'>{e(f'{start}/stream')}</p></li>"
    closed = shown.offered is not None and not shown.offered.feeds_are_open
    token = f"<p>{e(say('subscribe.feeds_token'))}</p>" if closed else ""
    return markup.section(
        say("subscribe.feeds"),
        f"<p>{e(say('subscribe.feeds_more'))}</p>{token}<ul class='plainly'>{rows}{stream}</ul>",
    )


def _webhook(shown: SubscribePage) -> str:
    command = say("subscribe.webhook_command", topic=shown.topic.topic)
    return markup.section(
        say("subscribe.webhook"),
        f"<p>{e(say('subscribe.webhook_more'))}</p><p class='words'><code>{e(command)}</code></p>"
        f"<p class='meta'>{e(say('subscribe.webhook_chat'))}</p>",
    )
