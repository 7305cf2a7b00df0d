"""What a newer Parley may write."""

import json

NEWER = "9.1.0"


def newer_entry(topic: str = "pti", **changes: object) -> bytes:
    """An entry as the log would hold it: `article.removed` of a schema that is not known here, or with changes."""
    entry = {
        "id": "a" * 32,
        "type": "article.removed",
        "schema": 9,
        "topic": topic,
        "recorded_at": "2025-06-10T09:00:00Z",
        "cause": None,
        "by": f"watch/{NEWER}",
        "data": {"article": {"id": "b" * 32}, "why": "asked by its outlet"},
    }
    return json.dumps({**entry, **changes}).encode()
