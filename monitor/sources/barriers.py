"""What a site shows instead of what was asked for: a check for a human reader, a page to sign in at, a consent wall.

For an answer that is no feed, or a page that holds no article. Such pages differ by vendor and year, and are known by
how they are built: they say little, and their forms, scripts and addresses serve one purpose.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import urlsplit

from lxml import etree, html

from monitor.errors import SourceError

Barrier = Literal["challenge", "login", "consent"]

_WORDS: Mapping[Barrier, str] = {
    "challenge": "checks for a human reader; use another feed of theirs, or ask the publisher to let Parley in",
    "login": "asks to sign in; use a public feed, or give the source the headers of a subscriber",
    "consent": "asks for consent to cookies first; use an address that does without, such as the feed's own",
}
_CHALLENGE_HEADERS = {
    "cf-mitigated": {"challenge"},
    "x-amzn-waf-action": {"challenge", "captcha"},
    "x-vercel-mitigated": {"challenge"},
}
_LOOKED_AT = 500_000
_HEAD = 4_096
_FEW_WORDS = 400
"""More than a page says that only stands in the way; a front page with a sign-in box says more."""
_LITTLE = 60
_HARDLY_ANY = 10

_FEED_ROOT = re.compile(rb"<(rss|feed|rdf:rdf)[\s>]", re.IGNORECASE)
_HTML_ROOT = re.compile(rb"<(!doctype\s+html|html|head|body)[\s>]", re.IGNORECASE)
_CHALLENGE_MARK = re.compile(
    r"captcha|turnstile|challenge|anti-?bot|bot-?(detect|protect|manag|check|verif)|bm-verify|_sec/verify"
    r"|(human|browser)-?(verif|check)|ddos|_incapsula_|/anubis/|awswaf|datadome|perimeterx|kpsdk|cloudproxy",
    re.IGNORECASE,
)
_CHALLENGE_SAYING = re.compile(
    r"just a moment|(checking|verifying) (if |that )?(your|the) (browser|connection|site connection)"
    r"|attention required|(are|re) (you )?(not )?a (ro)?bot\b|(you are|you're) (a )?human|human verification"
    r"|security (check|verification)|ddos protection|pardon our interruption|one moment, please",
    re.IGNORECASE,
)
_SETS_COOKIE = re.compile(r"document\s*\.\s*cookie\s*=")
_GOES_ON = re.compile(r"location\s*(=[^=]|\.\s*(href\s*=|reload|replace|assign))")
_LOGIN_PLACE = re.compile(
    r"((user|member|account|customer)[-_]?)?(log|sign)[-_]?(in|on)(\.\w+)?|wp-login\.php|sso|oauth2?|saml2?",
    re.IGNORECASE,
)
_CONSENT_PLACE = re.compile(
    r"(\w+-)?consent(-\w+)?|guce|myprivacy|(cookie|privacy)[-_]?(wall|gate)|gdpr", re.IGNORECASE
)
_CONSENT_TOPIC = re.compile(
    r"cookie|consent|privacy|personal data|datenschutz|einwillig|vie privée|privacidad", re.IGNORECASE
)
_AGREES = re.compile(
    r"\b(accept|agree|allow|consent|akzeptieren|zustimmen|einverstanden|accepter|accepte|aceptar|acepto"
    r"|accetta|accetto|akkoord|accepteren|aceitar|godta|acceptera|kabul)\b",
    re.IGNORECASE,
)
_BUTTON_LENGTH = 60


def what_stands_instead(body: bytes, url: str, content_type: str) -> Barrier | None:
    """What a page is that was sent in place of a feed or an article, or None when it is just something else.

    Args:
        body: the unpacked body.
        url: the address that it came from in the end, after all redirects.
        content_type: as the server declared it; the body's own beginning counts for more.
    """
    if not _is_html(body, content_type):
        return None
    page = _Page.of(body)
    if page is None:
        return None
    short = page.words <= _FEW_WORDS
    if short and page.asks_password:
        return "login"
    if short and page.asks_consent:
        return "consent"
    if short and page.checks_reader:
        return "challenge"
    if _place(url, _LOGIN_PLACE):
        return "login"
    return "consent" if _place(url, _CONSENT_PLACE) else None


def challenged(headers: Mapping[str, str]) -> bool:
    """Whether the headers of an answer say that it is a check for a human reader."""
    return any(headers.get(name, "").lower() in values for name, values in _CHALLENGE_HEADERS.items())


def barred(barrier: Barrier, shown_url: str) -> SourceError:
    """The error for a source behind a barrier; `shown_url` is its address as it may be logged."""
    return SourceError(barrier, f"{shown_url} {_WORDS[barrier]}")


def _is_html(body: bytes, content_type: str) -> bool:
    head = body[:_HEAD].replace(b"\0", b"")  # UTF-16 has a zero beside each letter
    if _FEED_ROOT.search(head):
        return False
    return bool(_HTML_ROOT.search(head)) or "html" in content_type.lower()


def _place(url: str, pattern: re.Pattern[str]) -> bool:
    """Whether the first label of the host or a whole segment of the path matches."""
    parts = urlsplit(url)
    places = [(parts.hostname or "").partition(".")[0], *parts.path.split("/")]
    return any(pattern.fullmatch(place) for place in places)


@dataclass(frozen=True, slots=True)
class _Page:
    """What of a page's build and words tells its purpose."""

    text: str
    buttons: tuple[str, ...]
    scripts: tuple[str, ...]
    marks: tuple[str, ...]
    """Names of parts, and addresses of what the page loads and sends to; links are not among them."""
    asks_password: bool
    unlisted: bool
    """It tells search engines to pass it over."""

    @classmethod
    def of(cls, body: bytes) -> "_Page | None":
        try:
            tree = html.document_fromstring(body[:_LOOKED_AT])
        except (etree.LxmlError, ValueError):  # nothing in it
            return None
        hidden = "ancestor::script or ancestor::style or ancestor::noscript or ancestor::template"
        return cls(
            text=" ".join(" ".join(tree.xpath(f"//title//text() | //body//text()[not({hidden})]")).split()),
            buttons=_buttons(tree),
            scripts=tuple(script.text or "" for script in tree.xpath("//script")),
            marks=tuple(
                tree.xpath(
                    "//@id | //@class | //@name | //form/@action | //script/@src | //iframe/@src | //img/@src"
                    " | //link/@href | //meta[@http-equiv]/@content"
                )
            ),
            asks_password=any(kind.lower() == "password" for kind in tree.xpath("//input/@type")),
            unlisted=any("noindex" in content.lower() for content in tree.xpath("//meta/@content")),
        )

    @property
    def words(self) -> int:
        return len(self.text.split())

    @property
    def asks_consent(self) -> bool:
        return bool(_CONSENT_TOPIC.search(self.text)) and any(_AGREES.search(text) for text in self.buttons)

    @property
    def checks_reader(self) -> bool:
        if any(_CHALLENGE_MARK.search(mark) for mark in self.marks) or _CHALLENGE_SAYING.search(self.text):
            return True
        if self.words <= _LITTLE and any(
            _SETS_COOKIE.search(code) and _GOES_ON.search(code) for code in self.scripts
        ):
            return True
        return self.words <= _HARDLY_ANY and self.unlisted and bool(self.scripts)


def _buttons(tree: Any) -> tuple[str, ...]:
    elements = tree.xpath("//button | //a | //*[@role='button']")
    values = tree.xpath("//input[@type='submit' or @type='button']/@value")
    texts = (" ".join(element.text_content().split()) for element in elements)
    return (*(text for text in texts if len(text) <= _BUTTON_LENGTH), *values)
