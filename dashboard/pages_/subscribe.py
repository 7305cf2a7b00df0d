"""Subscribe: by email, by feed, by webhook; all of it through the HTTP interface."""

from urllib.parse import urlsplit

import streamlit as st

from dashboard import subscribe_view
from dashboard.api import Api, ApiError, Subscribing
from dashboard.catalogue import say
from dashboard.live import Shown, View, live
from dashboard.operators import api

_LOOPBACK = {"127.0.0.1", "localhost", "::1"}


@st.cache_data(ttl=30, max_entries=4, show_spinner=False)
def _offered(place: Api) -> tuple[Subscribing | None, str]:
    """Asked twice a minute for all viewers; None with what went wrong."""
    try:
        return place.subscribing(), ""
    except ApiError as error:
        return None, str(error)


def _page(view: View) -> Shown:
    place = api()
    offered, trouble = _offered(place)
    public = urlsplit(place.public_url).hostname or ""
    shown = subscribe_view.SubscribePage(
        topic=view.topic,
        base=place.public_url or place.url,
        is_public=bool(public) and public not in _LOOPBACK,
        offered=offered,
        trouble=trouble,
    )
    return Shown(say("subscribe.tab", topic=view.topic.label), subscribe_view.page(shown))


live("subscribe", _page)
