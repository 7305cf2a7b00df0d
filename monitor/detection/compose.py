"""The composition table: an operator over a value gives a value. See composition.toml."""

from monitor.detection.forms import Lexicon

_FALLBACK = {"wont": ("wont", "not"), "not": ("not",), "will": ("will", "plain"), "plain": ("plain",)}

_ENDS = frozenset({"collapsed", "stalled"})
"""Who dismisses a report of these says no more than that talks go on."""


def compose(lexicon: Lexicon, op: str, value: str, negated: bool, future: bool, reported: bool) -> str:
    """What the operator makes of the value; `reported` when the value is only what a report or rumour says."""
    if value == "none":
        return "none"
    variant = {(True, True): "wont", (True, False): "not", (False, True): "will", (False, False): "plain"}[
        negated, future
    ]
    for name in _FALLBACK[variant]:
        row = lexicon.compose[name].get(op)
        if row is None:
            continue
        if reported and "reported" in row and value not in _ENDS:
            return row["reported"]
        found = row.get(value, row.get("any", "none"))
        return value if found == "same" else found
    return "none"
