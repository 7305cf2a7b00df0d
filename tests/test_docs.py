"""The docs tell the truth: what they name exists."""

import re
from pathlib import Path
from typing import Any

import pytest
import typer

from monitor.cli.app import app
from monitor.log.events import DATA
from monitor.service.settings import variables
from monitor.vocabulary import ClaimKind

TOP = Path(__file__).parents[1]
DOCS = [
    "README.md",
    "ARCHITECTURE.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    "deploy/README.md",
    "deploy/SECURITY.md",
    "deploy/SCALING.md",
    "tests/corpus/README.md",
]
COMPOSE_ONLY = {
    "PARLEY_COMPOSE",
    "PARLEY_CONFIG",
    *re.findall(r"^#(PARLEY_\w+)=", (TOP / "deploy/.env.example").read_text(encoding="utf-8"), re.MULTILINE),
}


def text(name: str) -> str:
    return (TOP / name).read_text(encoding="utf-8")


def commands() -> dict[str, Any]:
    """Every command by its words: "status", "log tail"."""
    root: Any = typer.main.get_command(app)
    top = {name: root.get_command(None, name) for name in root.list_commands(None)}
    found = dict(top)
    for name, command in top.items():
        if hasattr(command, "commands"):
            found |= {f"{name} {inner}": part for inner, part in command.commands.items()}
    return found


@pytest.mark.parametrize("name", DOCS)
def test_every_link_leads_somewhere(name: str) -> None:
    for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", text(name)):
        assert (TOP / name).parent.joinpath(target).exists(), target


@pytest.mark.parametrize("name", DOCS)
def test_every_command_exists_with_its_options(name: str) -> None:
    known = commands()
    for line in re.findall(r"^parley .+$|`parley [^`]+`", text(name), re.MULTILINE):
        words = re.sub(r"  .*", "", line.strip("`")).split()[1:]
        while words and words[0].startswith("--"):  # global options and their values
            words = words[2:]
        if not words or words[0] == "COMMAND":
            continue
        for verb in words[0].split("|"):
            two = f"{verb} {words[1]}" if len(words) > 1 else ""
            is_group = hasattr(known.get(verb), "commands") and bool(two)
            names = [f"{verb} {part}" for part in words[1].split("|")] if is_group else [verb]
            for command in names:
                assert command in known, line
                options = {opt for param in known[command].params for opt in param.opts}
                assert {word for word in words[1:] if word.startswith("--")} <= options | {"--json"}, line


@pytest.mark.parametrize("name", DOCS)
def test_every_variable_is_a_setting(name: str) -> None:
    known = {variable for variable, _ in variables()} | COMPOSE_ONLY
    named = set(re.findall(r"PARLEY_[A-Z_]*[A-Z]", text(name)))
    assert {variable.removesuffix("_FILE") for variable in named} <= known


@pytest.mark.parametrize("name", DOCS)
def test_every_make_target_exists(name: str) -> None:
    targets = set(re.findall(r"^([a-z]+):", text("Makefile"), re.MULTILINE))
    named = re.findall(r"^make ([a-z]+)  |`make ([a-z]+)`", text(name), re.MULTILINE)
    assert {one or other for one, other in named} <= targets


@pytest.mark.parametrize("name", ["ARCHITECTURE.md", "CONTRIBUTING.md"])
def test_every_file_that_is_named_exists(name: str) -> None:
    for path in re.findall(r"`((?:monitor|tests|deploy|dashboard|seeds)/[\w./*-]+)`", text(name)):
        assert list(TOP.glob(path.rstrip("/"))), path


def test_the_architecture_names_every_event_and_every_kind() -> None:
    architecture = text("ARCHITECTURE.md")
    for type_ in DATA:
        noun, verb = type_.split(".")
        assert re.search(rf"`{noun}\.[^|]*\.?{verb}`", architecture), type_
    for kind in ClaimKind:
        assert f"`{kind}`" in architecture


def test_no_registry_and_no_index_stands_in_the_lock() -> None:
    lock = text("requirements.lock")
    assert "://" not in lock
    assert "index-url" not in lock
    assert all("--hash=sha256:" in entry for entry in re.split(r"\n(?=[a-z])", lock) if "==" in entry)
