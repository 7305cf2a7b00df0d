"""The rules that import-linter cannot see: pure rooms read no clock and roll no dice."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent / "monitor"
PURE = [
    *(ROOT / "topics").rglob("*.py"),
    *(ROOT / "detection").rglob("*.py"),
    *(ROOT / "status").rglob("*.py"),
    ROOT / "log" / "__init__.py",
    ROOT / "log" / "events.py",
    ROOT / "alerts" / "decision.py",
    ROOT / "vocabulary.py",
    ROOT / "ids.py",
]
CLOCKS = {"now", "utcnow", "today", "time", "monotonic", "perf_counter", "sleep"}
IMPURE_MODULES = {"random", "secrets", "time", "uuid", "socket", "subprocess", "os", "threading"}


def impurities(source: str) -> list[str]:
    """Calls of clocks and imports of modules with effects, in a module's source."""
    found = []
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Call(
                func=ast.Attribute(value=ast.Name(id="datetime" | "date" | "time" as owner), attr=attr)
            ) if attr in CLOCKS:
                found.append(f"{owner}.{attr}()")
            case ast.Import(names=names):
                found += [alias.name for alias in names if alias.name.split(".")[0] in IMPURE_MODULES]
            case ast.ImportFrom(module=str(module)) if module.split(".")[0] in IMPURE_MODULES:
                found.append(module)
    return found


@pytest.mark.parametrize("path", PURE, ids=lambda path: str(path.relative_to(ROOT)))
def test_pure_rooms_have_no_clock_no_dice_and_no_effects(path: Path) -> None:
    assert impurities(path.read_text()) == []


def test_the_check_sees_a_clock_and_a_die() -> None:
    assert impurities("import random\nfrom datetime import datetime\ndatetime.now()") == [
        "random",
        "datetime.now()",
    ]
