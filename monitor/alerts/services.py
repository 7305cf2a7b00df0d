"""The chat and push services that a subscription may name: those of Apprise that speak HTTP and nothing else.

Left out are the ones that run programs, open sockets, read files or send mail, and those that few can want to be told
by. A list instead of a question to Apprise: every command reads the settings, and Apprise takes long to load.
"""

import re
from urllib.parse import parse_qs, urlsplit

_NAMES = """
    apprise apprises bark barks dingtalk discord feishu flock gchat gotify gotifys hassio hassios join json jsons lark
    line matrix matrixs mmost mmosts nctalk nctalks ntfy ntfys opsgenie pagerduty pbul pover prowl pushy revolt rocket
    rockets ryver signal signals slack spush synology synologys tgram twist webex wecombot workflow workflows wxteams
    zulip
"""
SERVICES = frozenset(_NAMES.split())
"""What an address begins with, before `://`."""

OWN_ADDRESSES = ("hooks.slack.com", "discord.com", "discordapp.com", "chat.googleapis.com", "webexapis.com")
"""Hosts of services whose own https addresses Apprise understands as they are."""

_READS_FILES = {"template"}
_SCHEME = re.compile(r"[a-z]+")
_REST = re.compile(r"[^\s/]\S{0,1999}")


def flaw_of(url: str) -> str | None:
    """What is wrong with a chat service's address as far as it can be told cheaply, never showing it; None: nothing."""
    scheme, found, rest = url.partition("://")
    if not (found and _SCHEME.fullmatch(scheme)):
        return "expected the address of a service as Apprise writes it, like slack://... or ntfys://..."
    if scheme in {"https", "http"}:
        if rest.split("/")[0].lower() in OWN_ADDRESSES:
            return None
        return "this is no address of a chat service (for a receiver of your own make it a webhook)"
    if scheme not in SERVICES:
        return f"Parley knows no chat service {scheme!r}; it knows {', '.join(sorted(SERVICES))}"
    if not (url.isascii() and url.isprintable() and _REST.fullmatch(rest)):
        return f"after {scheme}:// goes an address without spaces, in plain letters, of 2,000 at most"
    try:
        options = parse_qs(urlsplit(url).query, keep_blank_values=True)
    except ValueError:
        return "the address cannot be read"
    if _READS_FILES.intersection(option.lower() for option in options):
        return "the address must not have a template: Parley writes the message"
    return None
