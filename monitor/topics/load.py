"""Read topic files. A wrong one is refused with its file, line, key, the wrong value and what is expected there."""

import re
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
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
_LANGUAGE = re.compile(r"[a-z]{2}")
_EXPECTED = {
    "string_pattern_mismatch": "a name in lower-case letters, digits and hyphens, beginning with a letter",
    "string_type": "a text in quotes",
    "tuple_type": "a list, as in [...]",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "greater_than_equal": "a whole number, 1 or more",
    "model_type": "a table of keys",
}
NAME_LISTS = ("aliases", "leaders", "spokespersons", "generic_aliases", "places")
Fault = tuple[Key, str]


@dataclass(frozen=True)
class Problem:
    """What is wrong with a topic file: the line (None: of the whole file), the key as people write it, and how."""

    line: int | None
    key: str
    what: str

    def __str__(self) -> str:
        where = f"line {self.line}: " if self.line else ""
        return where + f"{self.key} {self.what}".lstrip()


@dataclass(frozen=True)
class Examined:
    """A topic file, read: its text and its topic, or what is wrong with it."""

    path: Path | Traversable
    source: str
    topic: Topic | None
    problems: tuple[Problem, ...] = ()

    def refusal(self) -> TopicFileError:
        """The first problem in one line, and how many more there are."""
        first, more = self.problems[0], len(self.problems) - 1
        where = f"{self.path}, " if first.line else f"{self.path}: "
        return TopicFileError(f"{where}{first}{f' (and {more} more)' if more else ''}")


def load_topic(path: Path | Traversable) -> Topic:
    """The topic of one TOML file.

    Raises:
        TopicFileError: the file cannot be read or is wrong; the message is one line.
    """
    examined = examine(path)
    if examined.topic is None:
        raise examined.refusal()
    return examined.topic


def examine(path: Path | Traversable) -> Examined:
    """The topic of one TOML file, or everything that is wrong with it.

    Raises:
        TopicFileError: the file cannot be read.
    """
    return examine_text(_read(path), path)


def examine_text(source: str, path: Path | Traversable) -> Examined:
    """What `examine` finds in a file that reads `source`."""
    try:
        topic = Topic.model_validate(tomllib.loads(source))
    except tomllib.TOMLDecodeError as error:
        return Examined(path, source, None, (_not_toml(source, error),))
    except ValidationError as error:
        found = [_problem(item) for item in error.errors()]
    else:
        found = list(_problems(topic))
        if not found:
            return Examined(path, source, topic)
    return Examined(
        path, source, None, tuple(Problem(line_of(source, key), spelled(key), what) for key, what in found)
    )


def topic_files(extra_dirs: Iterable[Path] = ()) -> dict[str, Path | Traversable]:
    """Where each topic of `load_topics` is defined; `any` is in no file. Raises TopicFileError like that."""
    folders: list[Path | Traversable] = [resources.files("monitor.topics"), *extra_dirs]
    return {load_topic(path).id: path for folder in folders for path in _files(folder)}


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


def _not_toml(source: str, error: tomllib.TOMLDecodeError) -> Problem:
    match = _TOML_LINE.fullmatch(str(error))
    if match is None:
        return Problem(None, "", f"is not TOML: {error}")
    return Problem(int(match["line"] or source.count("\n") + 1), "", f"is not TOML: {match['what']}")


def _problem(error: Any) -> Fault:
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


def _problems(topic: Topic) -> Iterator[Fault]:
    """What the model alone cannot see."""
    if topic.id == ANY.id:
        yield ("id",), f"is {topic.id!r}, which is reserved; choose another"
    if topic.kind != "talks":
        yield ("kind",), f"is {topic.kind!r}; expected 'talks' (only the built-in topic 'any' has no parties)"
    if not topic.languages:
        yield ("languages",), "is empty; expected at least one code of two letters, as in ['en']"
    for index, code in enumerate(topic.languages):
        if not _LANGUAGE.fullmatch(code):
            yield ("languages", index), f"is {code!r}; expected a code of two letters, such as 'en' or 'ur'"
    if not topic.channels:
        yield ("channels",), "is missing; expected at least one [[channels]] table"
    yield from _doubles("parties", [party.id for party in topic.parties])
    yield from _doubles("channels", [channel.id for channel in topic.channels])
    yield from _alias_problems(topic)
    yield from _channel_problems(topic)


def _doubles(table: str, ids: list[str]) -> Iterator[Fault]:
    for index, name in enumerate(ids):
        if name in ids[:index]:
            yield (
                (table, index, "id"),
                f"is {name!r}, which another of the {table} has; expected a name of its own",
            )


def _alias_problems(topic: Topic) -> Iterator[Fault]:
    owners: dict[str, str] = {}
    for index, party in enumerate(topic.parties):
        for field in NAME_LISTS:
            for place, name in enumerate(getattr(party, field)):
                key: Key = ("parties", index, field, place)
                if not words_of(name):
                    yield key, f"is {name!r}; expected a name of at least one word"
                    continue
                owner = owners.setdefault(same_spelling(name), party.id)
                if owner != party.id:
                    hint = ": leave it to one of them" if field == "generic_aliases" else ""
                    yield (
                        key,
                        f"is {name!r}, which party {owner!r} has too; expected a name of one party only{hint}",
                    )
        if not any(getattr(party, field) for field in NAME_LISTS):
            yield ("parties", index, "aliases"), f"is missing: nothing names party {party.id!r}"
    for place, name in enumerate(topic.homonyms):
        if not words_of(name):
            yield ("homonyms", place), f"is {name!r}; expected a name of at least one word"


def _channel_problems(topic: Topic) -> Iterator[Fault]:
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
