"""How the dashboard is started: on this machine only, silent towards the internet, with settings that exist."""

from importlib.metadata import version
from pathlib import Path

import pytest
from streamlit import config

from dashboard import launch
from monitor.readmodel.store import Store


def flags(**arguments: object) -> dict[str, str]:
    """The command's flags by name."""
    command = launch.command(**arguments)
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


def test_it_is_safe_silent_and_light_as_it_stands() -> None:
    wanted = {
        "browser.gatherUsageStats": "false",
        "client.showErrorDetails": "none",
        "client.showErrorLinks": "false",
        "client.toolbarMode": "minimal",
        "logger.hideWelcomeMessage": "true",
        "runner.postScriptGC": "false",
        "server.enableCORS": "true",
        "server.enableXsrfProtection": "true",
        "server.fileWatcherType": "none",
        "server.headless": "true",
        "server.maxUploadSize": "1",
    }
    assert {name: value for name, value in flags().items() if name in wanted} == wanted


def test_this_streamlit_is_the_one_whose_hidden_options_were_read() -> None:
    options = config.get_config_options()
    assert version("streamlit").startswith("1.67.")
    assert options["runner.postScriptGC"].default_val is True, "what is turned off is there"
    assert options["server.enableAgentApi"].default_val is False, "what is left off is off"


def test_the_process_finds_the_data_folder_and_this_code(tmp_path: Path) -> None:
    found = launch.environment(Store(tmp_path), environ={"PYTHONPATH": "/elsewhere", "HOME": "/home/someone"})
    assert found["PARLEY_DATA"] == str(tmp_path)
    assert found["PYTHONPATH"] == f"{Path(launch.__file__).parents[1]}:/elsewhere"
    assert found["HOME"] == "/home/someone"
