"""What it takes for a change of a folder to outlive a power failure."""

import os
from pathlib import Path


def sync_folder(folder: Path) -> None:
    """Have the disk know what lies in the folder: a file that was replaced or made there is safe only then."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
