"""Commands are loaded when they are called, and the help that does not load them says what they say themselves."""

import subprocess
import sys
from typing import Any

import pytest
import typer

from monitor.cli.app import app
from monitor.cli.commands import COMMANDS, loaded

HEAVY = (
    "apscheduler",
    "feedparser",
    "httpx",
    "redis",
    "sqlalchemy",
    "sqlmodel",
    "streamlit",
    "trafilatura",
    "uvicorn",
)


def command(name: str) -> Any:
    root: Any = typer.main.get_command(app)
    return root.get_command(None, name)


@pytest.mark.parametrize("name", COMMANDS)
def test_the_table_says_of_a_command_what_it_says_itself(name: str) -> None:
    assert (command(name).help or "").split("\n\n")[0].startswith(COMMANDS[name][1].rstrip("."))


@pytest.mark.parametrize("module", sorted({module for module, _ in COMMANDS.values()}))
def test_every_command_that_a_module_registers_stands_in_the_table(module: str) -> None:
    assert set(loaded(module)) == {name for name, (where, _) in COMMANDS.items() if where == module}


@pytest.mark.parametrize(
    "arguments",
    [["--help"], ["detect", "-"], ["detect", "-", "--explain"], ["detect", "--help"]],
)
def test_detection_and_help_load_neither_redis_nor_sql_nor_the_web(arguments: list[str]) -> None:
    code = (
        "import sys; from monitor.cli import main; sys.argv[0] = 'parley'\n"
        "try: main()\nfinally: print('LOADED', *sys.modules, file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        input='{"text": "Talks began."}\n',
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    modules = set(done.stderr.split("LOADED", 1)[1].split())
    assert "typer" in modules
    assert modules.isdisjoint(HEAVY)
