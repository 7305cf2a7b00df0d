"""The answers of `topics new`, from options or asked on a terminal, and the draft that they make."""

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import typer

from monitor.errors import BadInputError
from monitor.topics.draft import ChannelDraft, Draft, PartyDraft, name_of

__all__ = ["Answers", "asked", "draft_of", "name_of"]


@dataclass(frozen=True)
class Answers:
    """What `topics new` was told, as it was written: "PARTY=name,name"."""

    name: str = ""
    parties: Sequence[str] = ()
    places: Sequence[str] = ()
    leaders: Sequence[str] = ()
    speakers: Sequence[str] = ()
    generic: Sequence[str] = ()
    channels: Sequence[str] = ()
    intermediaries: Sequence[str] = ()
    mediators: Sequence[str] = ()
    homonyms: Sequence[str] = ()
    description: str = ""
    id: str = ""

    @property
    def is_enough(self) -> bool:
        """True if a topic can be made of it without asking."""
        return bool(self.name.strip() and self.parties)


def draft_of(answers: Answers) -> Draft:
    """The draft that the answers make.

    Raises:
        BadInputError: an option is not of its form, or names a party that there is not.
    """
    labels = [_keyed(text, "--party") for text in answers.parties]
    ids = {name_of(label): label for label, _ in labels}
    known = {**{label.casefold(): name for name, label in ids.items()}, **{name: name for name in ids}}

    def party_id(text: str, option: str) -> str:
        found = known.get(text.strip().casefold())
        if found is None:
            raise BadInputError(
                f"{option} names {text.strip()!r}, no party; known are {', '.join(ids.values())}"
            )
        return found

    def of_party(name: str, texts: Sequence[str], option: str) -> list[str]:
        pairs = [_keyed(text, option) for text in texts]
        return [one for key, names in pairs if party_id(key, option) == name for one in names]

    places = {name: of_party(name, answers.places, "--place") for name in ids}
    parties = [
        PartyDraft(
            label,
            aliases=[one for one in names or [label] if one not in places[name_of(label)]],
            places=places[name_of(label)],
            leaders=of_party(name_of(label), answers.leaders, "--leader"),
            spokespersons=of_party(name_of(label), answers.speakers, "--speaks"),
            generic_aliases=of_party(name_of(label), answers.generic, "--generic"),
        )
        for label, names in labels
    ]
    mediators = [party_id(text, "--mediator") for text in answers.mediators]
    channels = [
        ChannelDraft([party_id(side, "--channel") for side in sides], id=name_of(name) if name else "")
        for name, sides in (_channel(text) for text in answers.channels)
    ]
    channels += [
        ChannelDraft((), name_of(name), [party_id(one, "--intermediary") for one in names])
        for name, names in (_keyed(text, "--intermediary") for text in answers.intermediaries)
    ]
    if not channels:
        talking = [party.id for party in parties if party.id not in mediators]
        if len(talking) != 2:
            raise BadInputError('who talks with whom is not said; expected --channel "ONE,OTHER"')
        channels = [ChannelDraft(talking)]
    homonyms = [one for text in answers.homonyms for one in _names(text)]
    return Draft(answers.name, parties, channels, answers.id, answers.description, mediators, homonyms)


def _keyed(text: str, option: str) -> tuple[str, list[str]]:
    key, _, names = text.partition("=")
    if not key.strip() or (option != "--party" and not _names(names)):
        raise BadInputError(f'{option} takes "PARTY=name,name", not {text!r}')
    if ";" in key or "=" in names:
        raise BadInputError(f"{option} takes one party at a time: {_one_by_one(text, option)}, not {text!r}")
    return key.strip(), _names(names)


def _one_by_one(text: str, option: str) -> str:
    """The option as it should have been given: once for each party."""
    parts = [part.strip() for part in text.split(";")]
    if not all(part.count("=") == 1 for part in parts) or len(parts) < 2:
        parts = ["PARTY=name,name", "OTHER=name,name"]
    return " ".join(f'{option} "{part}"' for part in parts)


def _channel(text: str) -> tuple[str, list[str]]:
    name, _, sides = text.rpartition("=")
    return name.strip(), _names(sides)


def _names(text: str) -> list[str]:
    """Names parted by commas, or by semicolons where there are any."""
    return [name.strip() for name in text.split(";" if ";" in text else ",") if name.strip()]


def asked(answers: Answers) -> Answers:
    """The answers with what is missing asked for on the terminal.

    Raises:
        BadInputError: there is no terminal to ask on.
    """
    if not sys.stdin.isatty():
        raise BadInputError(
            'nobody can be asked here: give --name and twice --party, as in --party "PTI=PTI,Insaf"'
        )
    typer.echo("A few questions. Names are parted by commas; Enter alone passes a question over.\n", err=True)
    name = answers.name
    while not name:
        name = _ask("What are the talks called (like: British rail talks)")
    if answers.parties:
        return replace(answers, name=name)
    parties: list[str] = []
    places: list[str] = []
    leaders: list[str] = []
    speakers: list[str] = []
    generic: list[str] = []
    for label in _labels():
        parties.append(f"{label}={_ask('  Its names, offices, short forms', label)}")
        for list_, question in (
            (places, "  Countries and capitals that stand for it (like: Iran, Tehran)"),
            (leaders, "  Who decides for it (full names, like: Imran Khan)"),
            (speakers, "  Who speaks for it"),
            (generic, "  Words that mean it beside another party (like: the government, the union)"),
        ):
            if names := _ask(question):
                list_.append(f"{label}={names}")
    mediators = _names(_ask("Which of them only mediate"))
    talking = [label for label in (text.partition("=")[0] for text in parties) if label not in mediators]
    channels = list(_channels()) if len(talking) > 2 else []
    return replace(
        answers,
        name=name,
        parties=parties,
        places=places,
        leaders=leaders,
        speakers=speakers,
        generic=generic,
        mediators=mediators,
        channels=channels,
        homonyms=[_ask("Names that look like these but mean others (like: Washington Post)")],
    )


def _ask(question: str, default: str = "") -> str:
    # On stderr: stdout is for the answer.
    return str(typer.prompt(question, default=default, show_default=bool(default), err=True)).strip()


def _labels() -> Iterator[str]:
    count = 0
    while True:
        label = _ask(f"Party {count + 1}" + (", Enter if there is no other" if count > 1 else ""))
        if not label and count > 1:
            return
        if label:
            count += 1
            yield label


def _channels() -> Iterator[str]:
    typer.echo("Who talks with whom? Two parties a line, the most important pair first.", err=True)
    count = 0
    while True:
        pair = _ask(f"Channel {count + 1}" + (", Enter if there is no other" if count else ""))
        if not pair and count:
            return
        if pair:
            count += 1
            yield pair
