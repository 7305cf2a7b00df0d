"""How the dashboard is started: on this machine only, silent towards the internet, with settings that exist."""

from pathlib import Path

import pytest
from streamlit import config

from dashboard import launch
from monitor.readmodel.store import Store


def flags(**arguments: object) -> dict[str, str]:
    """The command's flags by name."""
    command = launch.command(**arguments)  # type: ignore[arg-type]
    return dict(flag.removeprefix("--").split("=", 1) for flag in command if flag.startswith("--"))


def test_every_flag_is_an_option_of_this_streamlit() -> None:
    known = {option.key for option in config.get_config_options().values()}
    assert set(flags()) <= known


def test_it_listens_on_this_machine_only_unless_told_otherwise() -> None:
    assert (flags()["server.address"], flags()["server.port"]) == ("127.0.0.1", "8501")
    assert flags(host="10.0.0.7", port=80)["server.address"] == "10.0.0.7"


@pytest.mark.parametrize(
    ("host", "public", "named"),
    [
        ("127.0.0.1", "", "localhost"),
        ("0.0.0.0", "", "localhost"),
        ("0.0.0.0", "talks.example", "talks.example"),
    ],
)
def test_it_is_told_its_address_so_that_it_asks_nobody(host: str, public: str, named: str) -> None:
    assert flags(host=host, public_host=public)["browser.serverAddress"] == named


def test_it_tells_nobody_and_shows_no_traceback() -> None:
    found = flags()
    assert found["browser.gatherUsageStats"] == "false"
    assert found["logger.hideWelcomeMessage"] == "true"
    assert found["client.showErrorDetails"] == "none"
    assert found["server.enableXsrfProtection"] == "true"
    assert found["runner.postScriptGC"] == "false"


def test_the_process_finds_the_data_folder_and_this_code(tmp_path: Path) -> None:
    found = launch.environment(Store(tmp_path), environ={"PYTHONPATH": "/elsewhere", "HOME": "/home/someone"})
    assert found["PARLEY_DATA"] == str(tmp_path)
    assert found["PYTHONPATH"] == f"{Path(launch.__file__).parents[1]}:/elsewhere"
    assert found["HOME"] == "/home/someone"
