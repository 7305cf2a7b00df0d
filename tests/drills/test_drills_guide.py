"""The operations guide, followed: every command in deploy/README.md is run, in its order, and does what the guide says.

Before the chapter "Restore" all that Redis and PostgreSQL hold is removed, as a new machine would have it.
"""

import json
import re
import shlex
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.drills.stack import ENGINE, TOP, UP_S, Stack

pytestmark = [pytest.mark.drill, pytest.mark.stack, pytest.mark.timeout(1800)]
GUIDE = (TOP / "deploy" / "README.md").read_text(encoding="utf-8")
LOST = ("log", "tables", "data", "socket")


def chapters() -> dict[str, list[list[str]]]:
    """Chapter -> its commands, each as words."""
    found: dict[str, list[list[str]]] = {}
    for part in re.split(r"^### ", GUIDE, flags=re.MULTILINE)[1:]:
        blocks = re.findall(r"^```console\n(.*?)^```", part, re.DOTALL | re.MULTILINE)
        lines = [shlex.split(line) for block in blocks for line in block.splitlines() if line.strip()]
        if lines:
            found[part.partition("\n")[0]] = lines
    return found


def follow(stack: Stack, words: list[str]) -> str:
    """Run a command of the guide; returns what it printed."""
    if words[0] == "./deploy/init":
        return subprocess.run(words, cwd=stack.folder, check=True, capture_output=True, text=True).stdout
    assert words[:2] == ["docker", "compose"], words
    arguments = words[2:]
    if arguments[0] in {"exec", "run"}:
        arguments.insert(1, "-T")  # nobody sits at a terminal here
    return stack(*arguments, within=UP_S).stdout


def known(stack: Stack) -> dict[str, Any]:
    """What the stack answers: where talks stand, what was told, who subscribed."""
    asked = {
        "status": ("status", "--json"),
        "timeline": ("timeline", "pti", "--json"),
        "alerts": ("alerts", "--json"),
        "subscriptions": ("subscriptions", "list", "--json"),
    }
    return {
        name: json.loads(stack.inside("notify", "parley", *words).stdout) for name, words in asked.items()
    }


def lose_everything(stack: Stack) -> None:
    """Remove the containers, and what Redis and PostgreSQL hold; backups, secrets and settings stay."""
    force = ["--force", "--depend"] if ENGINE == "podman" else ["--force"]
    while names := [
        one for one in listed("ps", "--all", "--format", "{{.Names}}") if one.startswith(stack.project)
    ]:
        subprocess.run([ENGINE, "rm", *force, names[0]], check=True, capture_output=True)
    for name in listed("volume", "ls", "--format", "{{.Name}}"):
        if name in {f"{stack.project}_{lost}" for lost in LOST}:
            subprocess.run([ENGINE, "volume", "rm", name], check=True, capture_output=True)


def listed(*command: str) -> list[str]:
    """The names that a command of the engine lists."""
    done = subprocess.run([ENGINE, *command], capture_output=True, text=True, check=True)
    return done.stdout.split()


def test_every_command_of_the_guide_works_and_a_restored_stack_answers_the_same(stack: Stack) -> None:
    found = chapters()
    assert list(found) == [
        "Install",
        "Configure",
        "The first topic",
        "The first subscriber",
        "Watch it",
        "Back up",
        "Restore",
        "Upgrade",
    ]
    before: dict[str, Any] = {}
    articles = stack.detected()
    for chapter, commands in found.items():
        if chapter == "Restore":
            before = known(stack)
            lose_everything(stack)
        for words in commands:
            follow(stack, words)
        if chapter in {"Restore", "Upgrade"}:
            stack.wait_until_well(within=120)
            stack.wait("the articles", lambda: stack.detected() == articles)
            assert known(stack) == before
    assert "tryout" in [one["name"] for one in before["subscriptions"]]


def test_every_block_of_commands_is_one_that_is_run() -> None:
    fences = re.findall(r"^```(\w*)$", GUIDE, re.MULTILINE)
    assert set(filter(None, fences)) == {"console"}


def test_files_that_the_guide_names_are_there() -> None:
    for name in re.findall(r"`(deploy/[\w./-]+)`", GUIDE):
        if not name.startswith("deploy/secrets"):
            assert Path(TOP, name).exists(), name
