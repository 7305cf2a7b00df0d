"""The dashboard's entry: `streamlit run dashboard/app.py`, started by the supervisor (see `dashboard.launch`)."""

import streamlit as st

from dashboard.catalogue import say
from dashboard.live import style
from dashboard.operators import signed_in

st.set_page_config(page_title="Parley", page_icon="🕊️", layout="wide")
st.html(style())
st.navigation(
    [
        st.Page("pages_/status.py", title=say("pages.status"), default=True),
        st.Page("pages_/timeline.py", title=say("pages.timeline"), url_path="timeline"),
        st.Page("pages_/alerts.py", title=say("pages.alerts"), url_path="alerts"),
        st.Page("pages_/evidence.py", title=say("pages.evidence"), url_path="evidence"),
        st.Page("pages_/sources.py", title=say("pages.sources"), url_path="sources"),
        st.Page("pages_/method.py", title=say("pages.method"), url_path="method"),
        st.Page("pages_/subscribe.py", title=say("pages.subscribe"), url_path="subscribe"),
        st.Page(
            "pages_/operations.py",
            title=say("pages.operations"),
            url_path="operations",
            visibility="visible" if signed_in() else "hidden",
        ),
    ],
    position="top",
).run()
