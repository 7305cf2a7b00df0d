"""The words of channels.toml, and patterns made of them."""

import re
import tomllib
from collections.abc import Sequence
from importlib import resources
from typing import Any

DATA: dict[str, dict[str, list[str]]] = tomllib.loads(
    resources.files("monitor.detection").joinpath("channels.toml").read_text(encoding="utf-8")
)


def any_of(words: Sequence[str]) -> str:
    """A pattern for any of these words or patterns."""
    return "(?:" + "|".join(words).replace(" ", r"\s") + ")"


def compiled(pattern: str, **parts: Any) -> re.Pattern[str]:
    """The pattern with its %(parts)s filled in, in any case of letters."""
    return re.compile(pattern % parts, re.IGNORECASE)
