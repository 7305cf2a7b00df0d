"""Who of the viewers is a signed-in operator, and what the pages ask of the HTTP interface for them."""

import os

import streamlit as st

from dashboard.api import Api, ApiError
from dashboard.sessions import COOKIE, SESSIONS, Operator

ASK_AGAIN_S = 60.0
"""A token that was taken away ends its sessions within this time. An interface that does not answer ends none: then,
most of all, an operator looks here."""


def signed_in() -> Operator | None:
    """The operator at the browser that this script runs for; None: nobody has signed in there."""
    cookie = str(st.context.cookies.get(COOKIE) or "")
    found = SESSIONS.find(cookie) if cookie else None
    if found is None or not SESSIONS.is_due(cookie, ASK_AGAIN_S):
        return found
    try:
        still = api().operator(found.token) is not None
    except ApiError:
        return found
    if not still:
        SESSIONS.end(cookie)
    return found if still else None


def api() -> Api:
    """The HTTP interface of this dashboard."""
    return Api.of(os.environ)
