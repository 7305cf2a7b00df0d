"""One address for one page: without what tells only how a reader came to it.

Tracking parameters, fragments, AMP and mobile twins, `www.`, http or https, a trailing slash: none makes another
article.
"""

import re
from urllib.parse import SplitResult, parse_qsl, quote, unquote, urlencode, urlsplit, urlunsplit

MAX_CHARS = 2_000

_TRACKING = re.compile(
    r"utm_.*|at_(?:medium|campaign|link.*|ptr.*|format|bbc_team)|mc_[ce]id|_ga|_gl|[fgyt]clid|(?:ms|dc|tt)lkid|msclkid|dclid"
    r"|igshid|igsh|twclid|wbraid|gbraid|ns_(?:campaign|mchannel|source|linkname|fee)|cmpid|cmp|ocid|ncid|sref|smid|srnd|ref"
    r"|ref_(?:src|url)|referrer|__twitter_impression|guccounter|amp|amp_.*|usqp|outputtype|spm",
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
    try:
        parts = urlsplit((url or "").strip()[:MAX_CHARS])
        if parts.scheme.lower() not in ("http", "https") or not parts.hostname:
            return None
        port = f":{parts.port}" if parts.port not in (None, 80, 443) else ""
    except ValueError:  # a port that is no number, brackets that hold no address
        return None
    parts = _without_amp_cache(parts)
    host = (parts.hostname or "").rstrip(".")
    while (shorter := _HOST_TWIN.sub("", host)) != host:
        host = shorter
    path = quote(unquote(parts.path, errors="surrogateescape"), safe=_UNRESERVED, errors="surrogateescape")
    while (shorter := _AMP_PATH.sub("", path)) != path:
        path = shorter
    kept = [
        (key, value)
        for key, value in parse_qsl(parts.query, keep_blank_values=True)
        if not _TRACKING.fullmatch(key)
    ]
    return urlunsplit(
        ("https", host + port, re.sub("//+", "/", path).rstrip("/"), urlencode(sorted(kept)), "")
    )


def _without_amp_cache(parts: SplitResult) -> SplitResult:
    host = parts.hostname or ""
    of_google = host.removeprefix("www.") == "google.com" and parts.path.startswith("/amp/")
    if not of_google and not host.endswith(".cdn.ampproject.org"):
        return parts
    found = _AMP_CACHE.match(parts.path)
    return urlsplit(f"https://{found['address']}?{parts.query}") if found else parts
