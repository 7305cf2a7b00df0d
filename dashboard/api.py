"""The HTTP interface as the dashboard uses it: who has a token, an operator's word on a claim, who may subscribe.

What goes wrong comes back as words for people (`ApiError`); nothing is tried twice, for a person waits.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import quote

import httpx

from dashboard.catalogue import say

URL_VARIABLE = "PARLEY_DASHBOARD_API_URL"
PUBLIC_VARIABLE = "PARLEY_API_PUBLIC_URL"
OPEN_VARIABLE = "PARLEY_DASHBOARD_API"
_TIMEOUT = httpx.Timeout(10.0, connect=3.0)
_OPERATOR = "operator"


class ApiError(Exception):
    """The HTTP interface did not do what was asked; the words are its own, or say that it does not answer."""


class Subscribing(NamedTuple):
    """Whether people may subscribe by email themselves, and whether feeds are read without a token."""

    is_open: bool
    feeds_are_open: bool


class Api(NamedTuple):
    """Where it is."""

    url: str = "http://127.0.0.1:8500"
    """For this process."""
    public_url: str = ""
    """For others, in links; empty: the operator has set none."""
    open_url: str = ""
    """That, where everybody may read it without a token."""

    @classmethod
    def of(cls, environ: Mapping[str, str]) -> "Api":
        """As the environment says, which the supervisor sets."""
        url = environ.get(URL_VARIABLE) or cls().url
        public, for_all = (environ.get(name, "").rstrip("/") for name in (PUBLIC_VARIABLE, OPEN_VARIABLE))
        return cls(url.rstrip("/"), public, for_all)

    def environment(self) -> dict[str, str]:
        """What `of` reads."""
        return {URL_VARIABLE: self.url, PUBLIC_VARIABLE: self.public_url, OPEN_VARIABLE: self.open_url}

    def operator(self, token: str) -> str | None:
        """The name of an operator's token; None: it is nobody's, or may less.

        Raises:
            ApiError: nobody can say.
        """
        answer = self._ask("GET", "/v1/me", token)
        if answer.status_code == httpx.codes.UNAUTHORIZED:
            return None
        found = _document(answer)
        return str(found["name"]) if found.get("scope") == _OPERATOR else None

    def judge(self, token: str, topic: str, claim: str, verb: str, why: str) -> bool:
        """Have a claim dismissed or restored (`verb`: dismiss, restore); whether pages show it so already.

        Raises:
            ApiError: it was not taken.
        """
        path = f"/v1/topics/{quote(topic, safe='')}/claims/{quote(claim, safe='')}/{verb}"
        return bool(_document(self._ask("POST", path, token, {"why": why}))["shown"])

    def subscribing(self) -> Subscribing:
        """Who may subscribe.

        Raises:
            ApiError: nobody can say.
        """
        answer = self._ask("GET", "/v1/subscriptions")
        if answer.status_code == httpx.codes.NOT_FOUND:  # nobody keeps subscriptions there
            return Subscribing(is_open=False, feeds_are_open=False)
        found = _document(answer)
        return Subscribing(bool(found["open"]), bool(found["feeds_open"]))

    def _ask(self, method: str, path: str, token: str = "", body: Any = None) -> httpx.Response:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        try:
            with httpx.Client(trust_env=False, timeout=_TIMEOUT) as client:
                return client.request(method, self.url + path, headers=headers, json=body)
        except (httpx.HTTPError, httpx.InvalidURL, UnicodeError) as error:
            raise ApiError(say("api.silent", url=self.url, error=type(error).__name__)) from error


def _document(answer: httpx.Response) -> dict[str, Any]:
    try:
        found = answer.json()
    except ValueError:
        found = None
    if answer.is_success and isinstance(found, dict):
        return found
    detail = found.get("detail") if isinstance(found, dict) else None
    raise ApiError(str(detail)[:600] if detail else say("api.odd", status=answer.status_code))
