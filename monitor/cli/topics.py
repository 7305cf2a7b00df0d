"""The commands `topics list|show|check|new`: what can be watched, and what a topic file makes of articles."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from monitor.cli import drafting, show, topic_words
from monitor.cli.context import Context, Json, context_of, print_json
from monitor.cli.texts import texts_of
from monitor.cli.topic_words import Tried
from monitor.detection.trial import try_topic
from monitor.errors import BadInputError
from monitor.topics import Topic, examine, examine_text, topic_files
from monitor.topics.draft import written
from monitor.topics.load import Examined
from monitor.topics.review import Suspicion, review, unmet_surnames

topics_app = typer.Typer(help="The talks that can be watched: list, show, check and write topic files.")

Articles = Annotated[
    str | None, typer.Argument(help="JSON lines {text, title?, id?, published?} to try it on; - is stdin.")
]
Names = list[str] | None


@topics_app.callback(invoke_without_command=True)
def topics_command(context: typer.Context, json: Json = False) -> None:
    """The talks that can be watched: list, show, check and write topic files. Alone, it lists them."""
    if context.invoked_subcommand is None:
        list_topics(context, json)


@topics_app.command("list")
def list_topics(context: typer.Context, json: Json = False) -> None:
    """The topics that can be watched, and their channels."""
    parley = context_of(context)
    known = [topic for topic in parley.topics.values() if topic.kind != "any"]
    watched = set(parley.settings.topics)
    if json:
        print_json([{**topic.model_dump(mode="json"), "watched": topic.id in watched} for topic in known])
        return
    rows = [
        (
            topic.id,
            "yes" if topic.id in watched else "no",
            topic.label,
            ", ".join(part.id for part in topic.channels),
        )
        for topic in known
    ]
    show.table(("topic", "watched", "label", "channels"), rows)


@topics_app.command("show")
def show_topic(
    context: typer.Context, topic: Annotated[str, typer.Argument(help="The topic's id.")], json: Json = False
) -> None:
    """A topic's parties and their names, its channels, who speaks for whom, who only mediates."""
    parley = context_of(context)
    chosen = parley.watched(topic)
    watched = chosen.id in parley.settings.topics
    path = str(topic_files(parley.settings.topic_dirs)[chosen.id])
    if json:
        print_json({**chosen.model_dump(mode="json"), "watched": watched, "file": path})
    else:
        topic_words.show_topic(chosen, path, watched=watched)


@topics_app.command("check")
def check(
    context: typer.Context,
    topic: Annotated[str, typer.Argument(metavar="FILE|ID", help="A topic file, or a topic's id.")],
    articles: Articles = None,
    json: Json = False,
) -> None:
    """Check a topic file; with articles, show what it makes of them.

    Whether each would be taken in, which parties it names where, which claims come out on which channel, and what was
    passed over and why. Exit code 2 when the file is wrong; warnings alone leave 0.
    """
    examined = _examined(context_of(context), topic)
    if examined.topic is None:
        if json:
            print_json(_report(examined, [], None))
            raise typer.Exit(2)
        raise BadInputError(f"{examined.path}, " + "; ".join(map(str, examined.problems)))
    found = review(examined.topic, examined.source)
    trials = None if articles is None else _tried(examined.topic, articles)
    if json:
        print_json(_report(examined, found, trials))
        return
    topic_words.show_review(examined.topic, str(examined.path), found)
    topic_words.show_trials(examined.topic, trials)


@topics_app.command("new")
def new(
    context: typer.Context,
    name: Annotated[str | None, typer.Option(help="What the talks are called.")] = None,
    party: Annotated[
        Names,
        typer.Option(help='A party and its names: "PTI=PTI,Tehreek-e-Insaf". Names with commas: part by ;.'),
    ] = None,
    place: Annotated[
        Names, typer.Option(help='Countries and capitals that stand for it: "Iran=Iran,Tehran".')
    ] = None,
    leader: Annotated[Names, typer.Option(help='Whose stance decides: "PTI=Imran Khan".')] = None,
    speaks: Annotated[Names, typer.Option(help='Who speaks for it: "PTI=Gohar Ali Khan,Azam Swati".')] = None,
    generic: Annotated[
        Names, typer.Option(help='Words that mean it beside another party: "Government=the government".')
    ] = None,
    channel: Annotated[
        Names,
        typer.Option(help='Who talks with whom: "PTI,Government", or with a name: "talks=PTI,Government".'),
    ] = None,
    intermediary: Annotated[
        Names,
        typer.Option(help='Whose talks are a channel whoever the counterpart: "overseas=US delegation".'),
    ] = None,
    mediator: Annotated[Names, typer.Option(help="A party that only mediates.")] = None,
    homonym: Annotated[
        Names, typer.Option(help="A name that holds one of these but means nobody of them.")
    ] = None,
    description: Annotated[str, typer.Option(help="The talks in a sentence.")] = "",
    id: Annotated[str, typer.Option("--id", help="The topic's id. Default: made of its name.")] = "",  # noqa: A002  (the option's name)
    out: Annotated[
        Path | None,
        typer.Option(help="The file. Default: ID.toml in the first of topic_dirs, else in ./topics."),
    ] = None,
    articles: Annotated[
        str | None, typer.Option(help="JSON lines to show at once what it makes of them.")
    ] = None,
    json: Json = False,
) -> None:
    """Write a new topic file, with comments to go on by.

    Asks a few questions on a terminal; with --name and --party it takes the options. Never overwrites a file.
    """
    parley = context_of(context)
    answers = drafting.Answers(
        name=name or "",
        parties=party or [],
        places=place or [],
        leaders=leader or [],
        speakers=speaks or [],
        generic=generic or [],
        channels=channel or [],
        intermediaries=intermediary or [],
        mediators=mediator or [],
        homonyms=homonym or [],
        description=description,
        id=id,
    )
    if not answers.is_enough:
        answers = drafting.asked(answers)
    text = written(draft := drafting.draft_of(answers))
    made = draft.id or drafting.name_of(draft.label)
    path = out or next(iter(parley.settings.topic_dirs), Path("topics")) / f"{made}.toml"
    if made in parley.topics:
        raise BadInputError(f"there is a topic {made!r} already; choose another with --id")
    examined = examine_text(text, path)
    if examined.topic is None:
        raise BadInputError(f"the answers make no topic: {'; '.join(map(_unplaced, examined.problems))}")
    trials = None if articles is None else _tried(examined.topic, articles)
    _write(path, text)
    found = review(examined.topic, examined.source)
    if json:
        print_json(_report(examined, found, trials))
        return
    typer.echo(f"Wrote {path}.")
    topic_words.show_review(examined.topic, str(path), found)
    topic_words.show_trials(examined.topic, trials)
    topic_words.show_next_steps(examined.topic, path, parley.settings.topics)


def register(app: typer.Typer) -> None:
    """Add these commands to the application."""
    app.add_typer(topics_app, name="topics")


def _examined(context: Context, topic: str) -> Examined:
    path = Path(topic)
    if path.suffix == ".toml" or path.is_file():
        return examine(path)
    files = topic_files(context.settings.topic_dirs)
    if topic not in files:
        raise BadInputError(
            f"there is no topic {topic!r} and no such file; known are {', '.join(sorted(files))}"
        )
    return examine(files[topic])


def _tried(topic: Topic, articles: str) -> list[Tried]:
    tried = [
        Tried(
            str(one.id),
            one.document.title,
            try_topic(topic, one.document),
            unmet_surnames(topic, one.document.title, one.document.text),
        )
        for one in texts_of(articles)
    ]
    if not tried:
        raise BadInputError(f"{articles} holds no articles; expected JSON lines with text")
    return tried


def _report(examined: Examined, found: list[Suspicion], trials: list[Tried] | None) -> dict[str, Any]:
    report: dict[str, Any] = {
        "topic": examined.topic.id if examined.topic else None,
        "file": str(examined.path),
        "ok": examined.topic is not None,
        "problems": [{"line": one.line, "key": one.key, "what": one.what} for one in examined.problems],
        "warnings": [
            {"level": one.level, "line": one.line, "key": one.key, "what": one.what} for one in found
        ],
    }
    if trials is not None:
        report["articles"] = [
            {
                "id": one.id,
                "title": one.title,
                **one.trial.to_json(),
                "surnames": list(map(asdict, one.surnames)),
            }
            for one in trials
        ]
    return report


def _unplaced(problem: Any) -> str:
    """A problem without its line: the file is not written yet."""
    return f"{problem.key} {problem.what}".strip()


def _write(path: Path, text: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError as error:
        raise BadInputError(f"{path} exists already; name another file with --out") from error
    except OSError as error:
        raise BadInputError(f"cannot write {path}: {error.strerror}") from error
