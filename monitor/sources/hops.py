"""From redirect to redirect: where the next one may lead, and what the whole way means for the source's address."""

from dataclasses import dataclass

import httpx

from monitor.errors import SourceError
from monitor.guard import forbidden

REDIRECTS = {301, 302, 303, 307, 308}
_PERMANENT = {301, 308}
_DEFAULT_PORTS = {"http": 80, "https": 443}


@dataclass(slots=True)
class Way:
    """The way of one fetch. `url` is where it is; `step` goes on along a redirect."""

    url: httpx.URL
    at_home: bool = True
    """It has never left the host that it began at: what is secret between Parley and that host may be sent."""
    _hops: int = 0
    _permanent: bool = True
    _began_public: bool | None = None
    _entered_private: bool = False

    def step(self, response: httpx.Response) -> None:
        """Go where a response leads, if it is a redirect.

        Raises:
            SourceError: `redirect`, when that is nowhere, or not safe.
        """
        if response.status_code not in REDIRECTS:
            return
        there = _next_hop(self.url, response.headers.get("location", ""))
        self._note_address(response)
        self.at_home = self.at_home and same_host(self.url, there)
        self._permanent = self._permanent and response.status_code in _PERMANENT
        self._hops += 1
        self.url = there

    def moved_to(self, response: httpx.Response) -> str | None:
        """The address that all redirects together announce for good, or None.

        A temporary redirect announces nothing, and a public source is not moved into a private network.
        """
        if not self._hops:
            return None
        self._note_address(response)
        return str(self.url) if self._permanent and not self._entered_private else None

    def _note_address(self, response: httpx.Response) -> None:
        address = response.extensions["network_stream"].get_extra_info("server_addr")[0]
        public = forbidden(address) is None
        if self._began_public is None:
            self._began_public = public
        self._entered_private = self._entered_private or (self._began_public and not public)


def same_host(here: httpx.URL, there: httpx.URL) -> bool:
    """Whether `there` is the same server: host, scheme and port are equal, or only http became https."""
    if here.host != there.host:
        return False
    if here.scheme == there.scheme:
        return _port(here) == _port(there)
    return (here.scheme, _port(here), there.scheme, _port(there)) == ("http", 80, "https", 443)


def shown(url: str | httpx.URL) -> str:
    """The address as it may be logged: without password, query and line breaks, and not endless."""
    try:
        bare = str(httpx.URL(url).copy_with(username=None, password=None, query=None, fragment=None))
    except (httpx.InvalidURL, UnicodeError):
        return "what is no address"
    return "".join(character for character in bare if character.isprintable())[:200]


def _next_hop(here: httpx.URL, location: str) -> httpx.URL:
    if not location:
        raise SourceError("redirect", f"{shown(here)} redirects to nowhere")
    try:
        there = here.join(location).copy_with(fragment=None)
        name = there.host  # may be no name that the rules for names allow; httpx notices late
    except (httpx.InvalidURL, ValueError) as error:
        raise SourceError("redirect", f"{shown(here)} redirects to what is no address") from error
    if there.userinfo and name != here.host:
        there = there.copy_with(username=None, password=None)
    if here.userinfo and same_host(here, there):
        there = there.copy_with(userinfo=here.userinfo)
    if there.scheme not in _DEFAULT_PORTS or (here.scheme == "https" and there.scheme == "http"):
        raise SourceError("redirect", f"{shown(here)} redirects to {shown(there)}, which is not safe")
    return there


def _port(url: httpx.URL) -> int | None:
    return url.port or _DEFAULT_PORTS.get(url.scheme)
