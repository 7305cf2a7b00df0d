"""The README's pictures: every one that it names is there, and every one of the pages is made by the script."""

import re
import struct
from pathlib import Path

from tests.screenshots import FOLDER, PICTURES

TOP = Path(__file__).parents[1]
NAMED = re.findall(r"!\[[^\]]*\]\(([^)]+)\)", (TOP / "README.md").read_text())


def test_every_picture_that_the_readme_names_is_there() -> None:
    assert NAMED
    assert not [name for name in NAMED if not (TOP / name).is_file()]


def test_the_pictures_of_the_pages_are_those_of_the_script_in_its_sizes() -> None:
    made = {path.stem: struct.unpack(">II", path.read_bytes()[16:24]) for path in FOLDER.glob("*.png")}
    assert made == {name: picture.size for name, picture in PICTURES.items()}
    assert any((TOP / name).parent == FOLDER for name in NAMED)
