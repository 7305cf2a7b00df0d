"""Full-text search over the titles and texts of articles, in any language: every word asked for is in the article.

The databases keep the index themselves, in the transaction that writes or removes a text, so no writer knows of it.
SQLite: an FTS5 table without content of its own, kept by triggers; its row numbers are those of the articles.
PostgreSQL: a GIN index over the words. Either takes a mark between words for a space (PostgreSQL's own reader would
take "talks/strike" for a path), and finds a word by its beginning.
"""

import re

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
_READ = f"to_tsvector('simple', translate(title || ' ' || left(text, {_MOST}), E'{_ESCAPED}', '{' ' * len(_MARKS)}'))"
"""How PostgreSQL reads a text; the same to the letter in the index and in a question, or the index is not used."""
_TRIGGER = """\
CREATE TRIGGER article_words_{name} AFTER {what} ON article_body BEGIN {then} END"""
_ADD = """\
INSERT INTO article_words (rowid, title, text) SELECT rowid, new.title, new.text FROM article
 WHERE topic = new.topic AND article_id = new.article_id;"""
_TAKE = """\
INSERT INTO article_words (article_words, rowid, title, text) SELECT 'delete', rowid, old.title, old.text FROM article
 WHERE topic = old.topic AND article_id = old.article_id;"""
_FTS5 = (
    "CREATE VIRTUAL TABLE article_words USING fts5(title, text, content='', columnsize=0, "
    "tokenize=\"unicode61 remove_diacritics 0 categories 'L* N* Co Mn Mc'\")"
)


def index_words(bodies: Table) -> None:
    """Have the index made with the table of the articles' texts."""
    for statement in (
        _FTS5,
        _TRIGGER.format(name="added", what="INSERT", then=_ADD),
        _TRIGGER.format(name="revised", what="UPDATE OF title, text", then=_TAKE + _ADD),
        _TRIGGER.format(name="removed", what="DELETE", then=_TAKE),
    ):
        _after(bodies, statement, "sqlite")
    _after(bodies, f"CREATE INDEX article_words ON article_body USING gin ({_READ})", "postgresql")


def _after(table: Table, statement: str, dialect: str) -> None:
    then = DDL(statement).execute_if(dialect=dialect)  # type: ignore[no-untyped-call]  # of SQLAlchemy
    event.listen(table, "after_create", then)


def phrases_of(asked: str) -> list[list[str]]:
    """What somebody looks for, each phrase as its words: most are of one, those in double quotes of more."""
    told = asked.encode(errors="replace").decode()  # half a pair of surrogates is no text
    found = (quoted or bare for quoted, bare in _PHRASE.findall(told))
    words = (phrase.translate(_SPACES).split() for phrase in found)
    return [phrase for phrase in words if phrase][:_TERMS]


def holds(session: Session, articles: str, asked: str) -> ColumnElement[bool]:
    """The condition that an article has every phrase of `asked`; where `asked` has no word, none has.

    Args:
        session: says which database is asked.
        articles: what the statement calls the table of articles.
        asked: any text.
    """
    phrases = phrases_of(asked)
    if session.get_bind().dialect.name == "sqlite":
        wanted = " AND ".join(map(_fts5, phrases)) or '""'
        words = table_of("article_words", column("rowid"))
        having = select(words.c.rowid).where(literal_column("article_words").op("MATCH")(wanted))
        return literal_column(f"{articles}.rowid").in_(having)
    bodies = table_of("article_body", column("topic"), column("article_id"))
    query = func.to_tsquery(text("'simple'"), " & ".join(map(_tsquery, phrases)))
    there = literal_column(_READ).op("@@")(query)
    # Not by the topic of each article in turn: then each would be looked for through all texts.
    having = select(bodies.c.topic, bodies.c.article_id).where(there)
    return tuple_(literal_column(f"{articles}.topic"), literal_column(f"{articles}.article_id")).in_(having)


def _fts5(phrase: list[str]) -> str:
    """In quotes, so that no word is read as an operator; a star after them: the last word may go on."""
    return f'"{" ".join(phrase)}"{"*" if len(phrase[-1]) > _SHORT else ""}'


def _tsquery(phrase: list[str]) -> str:
    *first, last = (f"'{word}'" for word in phrase)
    return " <-> ".join([*first, f"{last}:*" if len(phrase[-1]) > _SHORT else last])
