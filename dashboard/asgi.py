"""The dashboard as an ASGI application: `streamlit run dashboard/asgi.py`, started by the supervisor (see `launch`)."""

import os
import sys
from pathlib import Path

import streamlit as st
from starlette.middleware import Middleware

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))  # Streamlit runs this as a script, from anywhere

from dashboard import login, plain  # noqa: E402
from dashboard.api import Api  # noqa: E402
from dashboard.gate import Access, Gate  # noqa: E402
from dashboard.head import HeadOf  # noqa: E402
from dashboard.live import failed  # noqa: E402
from dashboard.sessions import SESSIONS  # noqa: E402
from dashboard.visits import Visits  # noqa: E402

app = st.App(
    HERE / "app.py",
    routes=[*plain.ROUTES, *login.routes(Api.of(os.environ), SESSIONS)],
    middleware=[
        Middleware(Gate, access=Access.of(os.environ)),
        Middleware(HeadOf, head=plain.head_of_app),
        Middleware(Visits),
    ],
    on_script_error=failed,
)
