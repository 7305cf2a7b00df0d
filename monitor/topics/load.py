"""Read topic files. A wrong one is refused with its file, line, key, the wrong value and what is expected there."""

import re
import tomllib
from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from monitor.errors import TopicFileError
from monitor.toml import Key, line_of, spelled
from monitor.topics.model import ANY, Channel, Party, Topic
from monitor.topics.spelling import same_spelling, words_of

_TOML_LINE = re.compile(
    r"(?P<what>.*?) \((?:at line (?P<line>\d+), column \d+|at end of document)\)", re.DOTALL
)
_EXPECTED = {
    "string_pattern_mismatch": "a name in lower-case letters, digits and hyphens, beginning with a letter",
    "string_type": "a text in quotes",
    "tuple_type": "a list, as in [...]",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "greater_than_equal": "a whole number, 1 or more",
    "model_type": "a table of keys",
}
_NAME_LISTS = ("aliases", "leaders", "spokespersons", "generic_aliases", "places")
Problem = tuple[Key, str]


def load_topic(path: Path | Traversable) -> Topic:
    """The topic of one TOML file.

    Raises:
        TopicFileError: the file cannot be read or is wrong; the message is one line.
    """
    source = _read(path)
    try:
        data = tomllib.loads(source)
    except tomllib.TOMLDecodeError as error:
        raise _not_toml(path, source, error) from error
    try:
        topic = Topic.model_validate(data)
    except ValidationError as error:
        raise _refused(path, source, [_problem(item) for item in error.errors()]) from error
    if problems := list(_problems(topic)):
        raise _refused(path, source, problems)
    return topic


def load_topics(extra_dirs: Iterable[Path] = ()) -> dict[str, Topic]:
    """All topics by id: `any`, those that come with Parley, and those of `extra_dirs` (which replace a builtin one).

    Raises:
        TopicFileError: a file is wrong, a folder cannot be read, or two files of `extra_dirs` have one id.
    """
    builtin = {topic.id: topic for topic in map(load_topic, _files(resources.files("monitor.topics")))}
    extra: dict[str, Topic] = {}
    for folder in extra_dirs:
        for path in _files(folder):
            topic = load_topic(path)
            if topic.id in extra:
                raise TopicFileError(
                    f"{path}: topic {topic.id!r} is defined by another file too; rename one of them"
                )
            extra[topic.id] = topic
    return {ANY.id: ANY, **builtin, **extra}


def _files(folder: Path | Traversable) -> list[Traversable]:
    try:
        return sorted(
            (path for path in folder.iterdir() if path.name.endswith(".toml")), key=lambda path: path.name
        )
    except OSError as error:
        raise TopicFileError(
            f"{folder}: cannot be read as a folder of topic files ({error.strerror})"
        ) from error


def _read(path: Path | Traversable) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise TopicFileError(f"{path}: cannot be read ({error.strerror})") from error
    except UnicodeDecodeError as error:
        raise TopicFileError(f"{path}: is not UTF-8 text (byte {error.start}); save it as UTF-8") from error


def _not_toml(path: Path | Traversable, source: str, error: tomllib.TOMLDecodeError) -> TopicFileError:
    match = _TOML_LINE.fullmatch(str(error))
    if match is None:
        return TopicFileError(f"{path}: is not TOML: {error}")
    line = match["line"] or source.count("\n") + 1
    return TopicFileError(f"{path}, line {line}: is not TOML: {match['what']}")


def _refused(path: Path | Traversable, source: str, problems: list[Problem]) -> TopicFileError:
    key, what = problems[0]
    line = line_of(source, key)
    where = f"{path}, line {line}" if line else f"{path}"
    more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
    return TopicFileError(f"{where}: {spelled(key)} {what}{more}")


def _problem(error: Any) -> Problem:
    """What pydantic found, in words that a writer of topic files knows."""
    key: Key = error["loc"]
    match error["type"]:
        case "extra_forbidden":
            fields = _model_at(key).model_fields
            near = get_close_matches(str(key[-1]), fields, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"known are {', '.join(fields)}"
            return key, f"is no key of a topic file; {hint}"
        case "missing":
            return key, "is missing"
        case kind:
            return key, f"is {error['input']!r}; expected {_EXPECTED.get(kind, error['msg'])}"


def _model_at(key: Key) -> type[BaseModel]:
    inner: dict[str, type[BaseModel]] = {"parties": Party, "channels": Channel}
    return inner.get(str(key[0]), Topic) if len(key) > 1 else Topic


def _problems(topic: Topic) -> Iterator[Problem]:
    """What the model alone cannot see."""
    if topic.id == ANY.id:
        yield ("id",), f"is {topic.id!r}, which is reserved; choose another"
    if topic.kind != "talks":
        yield ("kind",), f"is {topic.kind!r}; expected 'talks' (only the built-in topic 'any' has no parties)"
    if not topic.channels:
        yield ("channels",), "is missing; expected at least one [[channels]] table"
    yield from _doubles("parties", [party.id for party in topic.parties])
    yield from _doubles("channels", [channel.id for channel in topic.channels])
    yield from _alias_problems(topic)
    yield from _channel_problems(topic)


def _doubles(table: str, ids: list[str]) -> Iterator[Problem]:
    for index, name in enumerate(ids):
        if name in ids[:index]:
            yield (
                (table, index, "id"),
                f"is {name!r}, which another of the {table} has; expected a name of its own",
            )


def _alias_problems(topic: Topic) -> Iterator[Problem]:
    owners: dict[str, str] = {}
    for index, party in enumerate(topic.parties):
        for field in _NAME_LISTS:
            for place, name in enumerate(getattr(party, field)):
                key: Key = ("parties", index, field, place)
                if not words_of(name):
                    yield key, f"is {name!r}; expected a name of at least one word"
                    continue
                owner = owners.setdefault(same_spelling(name), party.id)
                if owner != party.id:
                    yield (
                        key,
                        f"is {name!r}, which party {owner!r} has too; expected a name of one party only",
                    )
        if not any(getattr(party, field) for field in _NAME_LISTS):
            yield ("parties", index, "aliases"), f"is missing: nothing names party {party.id!r}"
    for place, name in enumerate(topic.homonyms):
        if not words_of(name):
            yield ("homonyms", place), f"is {name!r}; expected a name of at least one word"


def _channel_problems(topic: Topic) -> Iterator[Problem]:
    known = [party.id for party in topic.parties]
    for index, channel in enumerate(topic.channels):
        for field in ("parties", "intermediaries", "mediators"):
            for place, name in enumerate(getattr(channel, field)):
                if name not in known:
                    near = get_close_matches(name, known, n=1)
                    expected = f"did you mean {near[0]!r}?" if near else f"expected one of {', '.join(known)}"
                    yield (
                        ("channels", index, field, place),
                        f"is {name!r}, no party of this topic; {expected}",
                    )
        for place, name in enumerate(channel.mediators):
            if name in {*channel.parties, *channel.intermediaries}:
                yield (
                    ("channels", index, "mediators", place),
                    f"is {name!r}, who takes part in channel {channel.id!r}; expected one who only mediates",
                )
        if len(set(channel.parties)) < 2 and not channel.intermediaries:
            yield (
                ("channels", index, "parties"),
                f"of channel {channel.id!r} is {list(channel.parties)!r}; expected two parties, or intermediaries",
            )
