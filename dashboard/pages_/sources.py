"""Sources: what is in trouble and what to do, how each source fares, and what of it was passed over."""

from datetime import datetime

import streamlit as st

from dashboard import shared, sources_view
from dashboard.live import ServiceView, Shown, live_service
from monitor.readmodel import queries
from monitor.readmodel.queries import PassedOver, ReadModel, Store


@st.cache_data(max_entries=4, show_spinner=False)
def _passed_over(store: Store, limit: int, minute: datetime) -> list[PassedOver]:
    """Asked once a minute for all viewers: it reads a week of entries."""
    return queries.passed_over(ReadModel(store), minute, limit=limit)


def _page(view: ServiceView) -> Shown:
    minute = view.now.replace(second=0, microsecond=0)
    sources = shared.sources(view.model.store)
    passed = _passed_over(view.model.store, sources_view.headlines_of_each(len(sources)), minute)
    return Shown(
        sources_view.title(sources),
        sources_view.page(sources, minute, view.zones),
        sources_view.passed_over(sources, passed, view.zones),
    )


live_service(_page)
