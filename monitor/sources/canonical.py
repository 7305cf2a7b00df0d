"""One address for one page: without what tells only how a reader came to it.

Tracking parameters, fragments, AMP and mobile twins, `www.`, http or https, a trailing slash: none makes another
article.
"""

import re
from urllib.parse import SplitResult, parse_qsl, quote, unquote, urlencode, urlsplit, urlunsplit

MAX_CHARS = 2_000
_LAYERS = 20

# What tells how a reader came to a page, not which page it is.
_TRACKING = re.compile(
    r"utm_.*|mc_[ce]id|_ga|_gl|at_(?:medium|campaign|link.*|ptr.*|format|bbc_team)"
    r"|(?:fb|g|y|ms|dc|tw|tt|z)clid|[gw]braid|igsh(?:id)?"
    r"|ns_(?:campaign|mchannel|source|linkname|fee)|cmp(?:id)?|ocid|ncid|sref|smid|srnd|spm|guccounter"
    r"|ref|ref_(?:src|url)|referrer|__twitter_impression|amp|amp_.*|usqp|outputtype",
    re.IGNORECASE,
)
_HOST_TWIN = re.compile(r"^(?:www\d?|m|mobile|amp|touch)\.(?=[^.]+\.)")
_AMP_PATH = re.compile(r"/amp(?=/|$)|(?:\.amp)(?=\.html$|$)", re.IGNORECASE)
# The caches of the two search engines: the page's own address follows in the path (`/s/` says that it is https).
_AMP_CACHE = re.compile(r"^/(?:amp/|[acv]/)?(?:s/)?(?P<address>[^/]+\.[^/]+/.*)$")
_UNRESERVED = "/:@!$&'()*+,;=-._~"


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


def _once(url: str) -> str:
    parts = _without_amp_cache(urlsplit(url))
    host = (parts.hostname or "").strip(".")
    if parts.scheme.lower() not in ("http", "https") or not host:
        raise ValueError(f"no web address: {url}")
    host = f"[{host}]" if ":" in host else _HOST_TWIN.sub("", host)
    port = f":{parts.port}" if parts.port not in (None, 80, 443) else ""
    path = quote(unquote(parts.path, errors="surrogateescape"), safe=_UNRESERVED, errors="surrogateescape")
    path = re.sub("//+", "/", _AMP_PATH.sub("", path)).rstrip("/")
    query = parse_qsl(parts.query, keep_blank_values=True, errors="surrogateescape")
    kept = sorted((key, value) for key, value in query if not _TRACKING.fullmatch(key))
    return urlunsplit(("https", host + port, path, urlencode(kept, errors="surrogateescape"), ""))


def _without_amp_cache(parts: SplitResult) -> SplitResult:
    host = parts.hostname or ""
    of_google = host.removeprefix("www.") == "google.com" and parts.path.startswith("/amp/")
    if not of_google and not host.endswith(".cdn.ampproject.org"):
        return parts
    found = _AMP_CACHE.match(parts.path)
    return urlsplit(f"https://{found['address']}?{parts.query}") if found else parts
