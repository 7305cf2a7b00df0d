"""Prints the part of requirements.lock that running Parley needs, without the tools of its developers.

There is one lock. Each entry says in its "# via" comments who asked for it; this keeps the entries that a
dependency of the project itself (or of its build, which an editable install needs) leads to.

usage: python deploy/runtime_lock.py [requirements.lock]
"""

import re
import sys
from pathlib import Path

ROOTS = {"parley-monitor (pyproject.toml)", "parley-monitor (pyproject.toml:build)"}


def runtime_part(lock: str) -> str:
    """The entries of `lock` (the text of a uv-made requirements file) that a runtime root leads to."""
    entries = re.split(r"\n(?=[a-z0-9])", lock)
    asked_by = {
        re.split("==", entry, maxsplit=1)[0]: set(re.findall(r"#\s+(?:via )?([a-z0-9][^\n]*)", entry))
        for entry in entries
        if "==" in entry
    }
    kept: set[str] = set()
    while more := {name for name, who in asked_by.items() if name not in kept and who & (ROOTS | kept)}:
        kept |= more
    return "\n".join(entry for entry in entries if re.split("==", entry, maxsplit=1)[0] in kept) + "\n"


if __name__ == "__main__":
    sys.stdout.write(
        runtime_part(Path(sys.argv[1] if len(sys.argv) > 1 else "requirements.lock").read_text())
    )
