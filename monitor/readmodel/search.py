"""Full-text search over articles and alerts, in any language.

What a question means is the same for both: each word, and each phrase in "double quotes", has to be there. A word is
found by its beginning, whatever its case and its accents; a mark is a space.

The databases keep the indexes themselves, in the transaction that writes or removes a text, so no writer knows of
them. SQLite: FTS5 tables without content of their own, kept by triggers; their row numbers are those of what is listed.
PostgreSQL: a column of its own for the words of a text, with a GIN index; a text is read when it is written, not when
one asks. Either takes a mark between words for a space (PostgreSQL's own reader would take "talks/strike" for a path).
"""

import re
import unicodedata
from typing import NamedTuple

from sqlalchemy import DDL, ColumnElement, Table, column, event, func, literal_column, select, text, tuple_
from sqlalchemy import table as table_of
from sqlmodel import Session

_MARKS = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~«»‘’‚“”„‹›–—…،؛؟۔٪٫٬।\u200b\u200c\u200d\u200e\u200f"
"""What is taken for a space."""
_MOST = 100_000
"""Characters of a text that PostgreSQL looks at: the words of more might be too many to keep."""
_TERMS = 16
_SHORT = 2
"""A word of so many letters is only found whole: too much begins with it."""
_PHRASE = re.compile(r'"([^"]*)"|([^\s"]+)')
_SPACES = str.maketrans(dict.fromkeys(_MARKS + "\0", " "))
_ESCAPED = "".join(f"\\u{ord(mark):04x}" for mark in _MARKS)
_ACCENTS = re.compile("[\u0300-\u036f]+")
_TOKENS = "unicode61 remove_diacritics 2 categories 'L* N* Co Mn Mc'"


class Words(NamedTuple):
    """What can be searched for: the rows of a table, by texts that stand there or in another with the same key."""

    name: str
    listed: str
    key: str
    """Of `listed`, beside the topic."""
    texts: str
    columns: tuple[str, ...]
    """Where the texts stand; the last one may be long."""

    def read(self) -> str:
        """How PostgreSQL reads a text."""
        *first, last = self.columns
        whole = " || ' ' || ".join([*first, f"left({last}, {_MOST})"])
        spaced = f"translate({whole}, E'{_ESCAPED}', '{' ' * len(_MARKS)}')"
        return (
            f"to_tsvector('simple', regexp_replace(normalize({spaced}, NFD), '{_ACCENTS.pattern}', '', 'g'))"
        )

    def row(self, version: str) -> str:
        """SQLite's number of what is listed, and its texts, in a trigger; `version` is `old` or `new`."""
        texts = ", ".join(f"{version}.{column}" for column in self.columns)
        if self.texts == self.listed:
            return f"{version}.rowid, {texts}"
        same = f"topic = {version}.topic AND {self.key} = {version}.{self.key}"
        return f"rowid, {texts} FROM {self.listed} WHERE {same}"


ARTICLES = Words("article_words", "article", "article_id", "article_body", ("title", "text"))
ALERTS = Words("alert_words", "alert", "alert_id", "alert", ("words",))
KEPT = {words.texts: words.name for words in (ARTICLES, ALERTS)}
"""In PostgreSQL: table -> the column that keeps the words of its texts."""


def index_words(texts: Table, words: Words) -> None:
    """Have the index made with the table that holds the texts."""
    index, columns = words.name, ", ".join(words.columns)
    add = f"INSERT INTO {index} (rowid, {columns}) SELECT {words.row('new')};"
    take = f"INSERT INTO {index} ({index}, rowid, {columns}) SELECT 'delete', {words.row('old')};"
    _after(
        texts,
        f"CREATE VIRTUAL TABLE {index} USING fts5({columns}, content='', columnsize=0, tokenize=\"{_TOKENS}\")",
        "sqlite",
    )
    for name, what, then in (
        ("added", "INSERT", add),
        ("revised", f"UPDATE OF {columns}", take + add),
        ("removed", "DELETE", take),
    ):
        trigger = f"CREATE TRIGGER {index}_{name} AFTER {what} ON {words.texts} BEGIN {then} END"
        _after(texts, trigger, "sqlite")
    kept = f"ADD COLUMN {index} tsvector GENERATED ALWAYS AS ({words.read()}) STORED"
    _after(texts, f"ALTER TABLE {words.texts} {kept}", "postgresql")
    _after(texts, f"CREATE INDEX {index} ON {words.texts} USING gin ({index})", "postgresql")


def _after(table: Table, statement: str, dialect: str) -> None:
    then = DDL(statement).execute_if(dialect=dialect)  # type: ignore[no-untyped-call]  # of SQLAlchemy
    event.listen(table, "after_create", then)


def phrases_of(asked: str) -> list[list[str]]:
    """What somebody looks for, each phrase as its words: most are of one, those in double quotes of more."""
    told = asked.encode(errors="replace").decode()  # half a pair of surrogates is no text
    found = (quoted or bare for quoted, bare in _PHRASE.findall(told))
    words = (phrase.translate(_SPACES).split() for phrase in found)
    return [phrase for phrase in words if phrase][:_TERMS]


def holds(session: Session, asked: str, words: Words, listed: str = "") -> ColumnElement[bool]:
    """The condition that an entry has every phrase of `asked`; where `asked` has no word, none has.

    Args:
        session: says which database is asked.
        asked: any text.
        words: what is searched.
        listed: what the statement calls the table that is listed, if not by its name.
    """
    phrases, listed = phrases_of(asked), listed or words.listed
    if session.get_bind().dialect.name == "sqlite":
        wanted = " AND ".join(map(_fts5, phrases)) or '""'
        index = table_of(words.name, column("rowid"))
        having = select(index.c.rowid).where(literal_column(words.name).op("MATCH")(wanted))
        return literal_column(f"{listed}.rowid").in_(having)
    texts = table_of(words.texts, *map(column, ("topic", words.key, words.name))).alias("texts")
    query = func.to_tsquery(text("'simple'"), " & ".join(map(_tsquery, phrases)))
    there = texts.c[words.name].op("@@")(query)
    # Not by the topic of each entry in turn: then each would be looked for through all texts.
    having = select(texts.c.topic, texts.c[words.key]).where(there)
    return tuple_(literal_column(f"{listed}.topic"), literal_column(f"{listed}.{words.key}")).in_(having)


def _fts5(phrase: list[str]) -> str:
    """In quotes, so that no word is read as an operator; a star after them: the last word may go on."""
    return f'"{" ".join(phrase)}"{"*" if len(phrase[-1]) > _SHORT else ""}'


def _tsquery(phrase: list[str]) -> str:
    plain = (_ACCENTS.sub("", unicodedata.normalize("NFD", word)) for word in phrase)
    *first, last = (f"'{word}'" for word in plain)
    return " <-> ".join([*first, f"{last}:*" if len(phrase[-1]) > _SHORT else last])
