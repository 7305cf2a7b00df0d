"""Looks up the known weaknesses of everything in requirements.lock, with pip-audit; `make audit` calls it.

Without a network nothing can be looked up: then it says so and is content, since the lock is no worse than before. What
it could not look up it counts, so that silence is not taken for safety.

usage: python deploy/audit.py [requirements.lock]
"""

import json
import subprocess
import sys
from pathlib import Path

TIMEOUT_S = 10


def verdict(answer: str, complaint: str) -> tuple[bool, list[str]]:
    """Whether all is well by pip-audit's answer (JSON, or nothing at all) and its complaint; and what to say."""
    try:
        found = json.loads(answer)["dependencies"]
    except (ValueError, KeyError):
        last = complaint.strip().splitlines()[-1:] or ["it said nothing"]
        return True, [f"Nothing could be looked up: {last[0][:300]}"]
    weak = [one for one in found if one.get("vulns")]
    unknown = [one["name"] for one in found if "skip_reason" in one]
    words = [
        f"{one['name']} {one['version']}: {flaw['id']}, mended in {' or '.join(flaw['fix_versions']) or 'nothing yet'}"
        for one in weak
        for flaw in one["vulns"]
    ]
    words.append(f"{len(found) - len(unknown)} packages looked up, {len(weak)} with known weaknesses")
    if unknown:
        words.append(f"{len(unknown)} could not be looked up: {', '.join(unknown[:5])}, ...")
    return not weak, words


def main(lock: Path) -> int:
    """Look up, print, and return the exit code."""
    tool = [
        Path(sys.executable).with_name("pip-audit"),
        "--requirement",
        lock,
        "--require-hashes",
        "--disable-pip",
    ]
    options = ["--format", "json", "--progress-spinner", "off", "--timeout", str(TIMEOUT_S)]
    done = subprocess.run([*tool, *options], capture_output=True, text=True, check=False)  # noqa: S603  (our own tools)
    well, words = verdict(done.stdout, done.stderr)
    sys.stdout.write("\n".join(words) + "\n")
    return 0 if well else 1


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1] if len(sys.argv) > 1 else "requirements.lock")))
