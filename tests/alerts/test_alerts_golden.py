"""The golden messages: what people and machines get, of each kind and in each form, changes only on purpose.

`PYTHONPATH=. python tests/alerts/golden_messages.py` writes them anew.
"""

import json

import jsonschema
import pytest

from tests.alerts.golden_messages import FOLDER, SCHEMA, forms, messages, schema

FILES = {
    f"{kind}.{ending}": content
    for kind, message in messages().items()
    for ending, content in forms(message).items()
}


@pytest.mark.parametrize("name", FILES)
def test_a_message_is_its_golden_file(name):
    assert (FOLDER / name).read_text(encoding="utf-8") == FILES[name]


def test_there_is_no_golden_file_of_anything_else():
    assert {path.name for path in FOLDER.iterdir()} == FILES.keys()


def test_the_schema_file_is_the_one_of_the_code():
    assert SCHEMA.read_text(encoding="utf-8") == schema()


@pytest.mark.parametrize("kind", messages())
def test_a_payload_is_what_the_schema_says(kind):
    jsonschema.validate(messages()[kind].payload, json.loads(SCHEMA.read_text()))
