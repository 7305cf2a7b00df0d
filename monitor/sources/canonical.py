"""One address for one page: without what tells only how a reader came to it.

Tracking parameters, sessions, fragments, AMP and mobile twins, `www.`, http or https, `index.html`, a trailing slash:
none makes another article. What may tell two articles apart stays.
"""

import re
from functools import lru_cache
from urllib.parse import SplitResult, parse_qsl, quote, unquote, urlencode, urlsplit, urlunsplit

MAX_CHARS = 2_000
_LAYERS = 20
_REMEMBERED = 4_096
"""An address is looked at several times while a poll is taken in; then it is forgotten."""

# What tells how a reader came to a page, not which page it is.
_TRACKING = re.compile(
    r"utm_.*|mc_[ce]id|_ga|_gl|at_(?:medium|campaign|link.*|ptr.*|format|bbc_team)"
    r"|(?:fb|g|d|y|ms|dc|tw|tt|z)clid|msclkid|gclsrc|gad_.*|[gw]braid|igsh(?:id)?|li_fat_id"
    r"|_hs(?:enc|mi)|hsctatracking|__hs.*|mkt_tok|(?:pk|mtm|matomo|piwik)_.*|wt\.mc.*|xtor|vero_id|oly_(?:anon|enc)_id"
    r"|ns_(?:campaign|mchannel|source|linkname|fee)|cmp(?:id)?|icid|ocid|ncid|sref|smid|srnd|spm|guccounter"
    r"|ref|ref_(?:src|url)|referrer|__twitter_impression|amp|amp_.*|usqp|outputtype",
    re.IGNORECASE,
)
# Names that may also tell which page it is: they go only where they say what a reader came through.
_CHANNEL_KEY = re.compile(r"source|src|from|via|feed|share|origin|campaign", re.IGNORECASE)
_CHANNEL = re.compile(
    r"(?:rss|feed|atom|e?mail|newsletter|social|share|twitter|x|facebook|fb|whatsapp|telegram|app|mobile|home(?:page)?)"
    r"(?:[-_]?(?:feed|rss|share|link))?",
    re.IGNORECASE,
)
_SESSION = re.compile(r"(?:j|php|aspx?)?sess(?:ion)?_?id.{0,20}|cfid|cftoken|oscsid|zenid", re.IGNORECASE)
_PATH_SESSION = re.compile(r";(?:j|php)?sess(?:ion)?id=[^/;]*|/\(S\([0-9a-z]{16,}\)\)(?=/|$)", re.IGNORECASE)
# `sid` is a story's number on some sites and a session on others, which is long and mixed.
_LONG_MIX = re.compile(r"(?=[^0-9]*[0-9])(?=[^a-z]*[a-z])[0-9a-z]{20,}", re.IGNORECASE)
_HOST_TWIN = re.compile(r"^(?:www\d?|m|mobile|amp|touch|wap)\.(?=[^.]+\.)")
_MOBILE_LABEL = re.compile(r"(?<=\.)m\.(?=[^.]+\.)")
_AMP_PATH = re.compile(r"/amp(?:\.html)?(?=/|$)|\.amp(?=\.html$|$)", re.IGNORECASE)
_INDEX = re.compile(r"/(?:index|default)\.(?:s?html?|php\d?|aspx?|jsp|cfm)$", re.IGNORECASE)
# The caches of the two search engines: the page's own address follows in the path (`/s/` says that it is https).
_AMP_CACHE = re.compile(r"^/(?:amp/|[acv]/)?(?:s/)?(?P<address>[^/]+\.[^/]+/.*)$")
_AMP_CACHE_HOST = re.compile(r".+\.(?:cdn\.ampproject\.org|bing-amp\.com)")
_GOOGLE = re.compile(r"(?:www\.)?google\.(?:com?\.)?[a-z]{2,3}")
# Addresses of search engines' feeds that only lead to another one, and the parameter that names it.
_LEADS_ON = {"/url": ("url", "q"), "/news/apiclick.aspx": ("url",)}
_BING = re.compile(r"(?:www\.)?bing\.com")
_UNRESERVED = "/:@!$&'()*+,;=-._~"
_SLASH = re.compile("(%2f)", re.IGNORECASE)


@lru_cache(maxsize=_REMEMBERED)
def canonical_url(url: str | None) -> str | None:
    """The address under which an article is known, or None when `url` is no http(s) address.

    Doing it twice changes nothing. It is for comparing, not for visiting: show people the address they were given.
    """
    address = (url or "").strip()[:MAX_CHARS]
    try:
        # What is taken away can bring something else to light (an AMP page within an AMP cache).
        for _ in range(_LAYERS):
            before, address = address, _once(address)
            if address == before:
                break
        address.encode("utf-8")
    except (
        ValueError
    ):  # another scheme, a port that is no number, brackets that hold no address, lone surrogates
        return None
    return address


def is_root(canonical: str) -> bool:
    """True for the address of a whole site, which feeds that link to no article give to every entry."""
    parts = urlsplit(canonical)
    return not (parts.path or parts.query or parts.fragment)


def _once(url: str) -> str:
    parts = _without_amp_cache(_led_to(urlsplit(url)))
    host = _host(parts.hostname or "")
    if parts.scheme.lower() not in ("http", "https") or not host:
        raise ValueError(f"no web address: {url}")
    port = f":{parts.port}" if parts.port not in (None, 80, 443) else ""
    path = _quoted(_PATH_SESSION.sub("", parts.path))
    path = _INDEX.sub("", re.sub("//+", "/", _AMP_PATH.sub("", path)).rstrip("/"))
    # Many feeds escape the signs in their links twice.
    pairs = parts.query.replace("&amp;", "&")
    query = parse_qsl(pairs, keep_blank_values=True, errors="surrogateescape")
    kept = sorted((key, value) for key, value in query if not _says_only_how(key, value))
    # A fragment is a place on a page, except where it is a path: pages that are made in the browser.
    fragment = _quoted(parts.fragment) if parts.fragment.startswith(("!", "/")) else ""
    return urlunsplit(("https", host + port, path, urlencode(kept, errors="surrogateescape"), fragment))


def _host(name: str) -> str:
    name = name.strip(".")
    if ":" in name:
        return f"[{name}]"
    if not name.isascii():
        try:
            name = name.encode("idna").decode()
        except UnicodeError:
            return name
    return _MOBILE_LABEL.sub("", _HOST_TWIN.sub("", name))


def _quoted(path: str) -> str:
    """Percent signs only where they are needed. A slash that was written as one is part of a name, and stays."""
    parts = (unquote(part, errors="surrogateescape") for part in _SLASH.split(path)[::2])
    return "%2F".join(quote(part, safe=_UNRESERVED, errors="surrogateescape") for part in parts)


def _says_only_how(key: str, value: str) -> bool:
    """Whether a parameter tells only how a reader came to the page, or which reader it was."""
    if _CHANNEL_KEY.fullmatch(key):
        return _CHANNEL.fullmatch(value) is not None
    if key.lower() in ("sid", "s"):
        return _LONG_MIX.fullmatch(value) is not None
    return bool(_TRACKING.fullmatch(key) or _SESSION.fullmatch(key))


def _led_to(parts: SplitResult) -> SplitResult:
    """The address that an address of a search engine's feed leads to."""
    host = parts.hostname or ""
    if not (_GOOGLE.fullmatch(host) or _BING.fullmatch(host)):
        return parts
    query = dict(parse_qsl(parts.query))
    for key in _LEADS_ON.get(parts.path.lower(), ()):
        if query.get(key, "").startswith(("http://", "https://")):
            return urlsplit(query[key])
    return parts


def _without_amp_cache(parts: SplitResult) -> SplitResult:
    host = parts.hostname or ""
    of_google = _GOOGLE.fullmatch(host) and parts.path.startswith("/amp/")
    if not of_google and not _AMP_CACHE_HOST.fullmatch(host):
        return parts
    found = _AMP_CACHE.match(parts.path)
    return urlsplit(f"https://{found['address']}?{parts.query}") if found else parts
