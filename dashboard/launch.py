"""How the dashboard is started: the command line and the environment of its Streamlit process.

The supervisor starts it as a child. Everything is said by flags from `streamlit.toml`, so a configuration that
Streamlit finds in somebody's home folder changes nothing.
"""

import os
import sys
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from dashboard.api import Api
from dashboard.gate import Access
from monitor.readmodel.queries import Store

DATA_VARIABLE = "PARLEY_DATA"
DATABASE_VARIABLE = "PARLEY_DATABASE_URL"
_HERE = Path(__file__).parent
_EVERYBODY = Access()
_HERE_TOO = Api()


def command(host: str = "127.0.0.1", port: int = 8501, public_host: str = "") -> list[str]:
    """The command that serves the dashboard on `host`:`port`, on this machine only unless told otherwise.

    `public_host` is the name under which browsers reach it, when that is another.
    """
    settings = tomllib.loads((_HERE / "streamlit.toml").read_text(encoding="utf-8"))
    # Unless it is told its address, Streamlit asks a server on the internet for it.
    named = public_host or ("localhost" if host in {"127.0.0.1", "0.0.0.0", "::1", "::"} else host)  # noqa: S104  # nosec B104
    flags = {
        **dict(_flatten(settings)),
        "server.address": host,
        "server.port": port,
        "browser.serverAddress": named,
    }
    app = [sys.executable, "-m", "streamlit", "run", str(_HERE / "asgi.py")]
    return app + [f"--{name}={_flag(value)}" for name, value in flags.items()]


def environment(
    store: Store,
    access: Access = _EVERYBODY,
    api: Api = _HERE_TOO,
    environ: Mapping[str, str] = os.environ,
) -> dict[str, str]:
    """The environment of that process: the caller's, what to show to whom, where the API is and where this code."""
    shown = {DATA_VARIABLE: str(store.data), DATABASE_VARIABLE: store.url}
    paths = [str(_HERE.parent), *filter(None, [environ.get("PYTHONPATH")])]
    return {
        **environ,
        **shown,
        **access.environment(),
        **api.environment(),
        "PYTHONPATH": os.pathsep.join(paths),
    }


def _flatten(table: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in table.items():
        if isinstance(value, Mapping):
            yield from _flatten(value, f"{prefix}{key}.")
        else:
            yield prefix + key, value


def _flag(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
