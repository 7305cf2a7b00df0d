"""What stays of an article's claims and failures when its words are taken out of view. Pure."""

from dataclasses import replace

from monitor.ids import quote_hash
from monitor.status.genre import brings_no_news, names_talks
from monitor.status.model import ClaimRecord, Withheld
from monitor.vocabulary import WITHHELD


def without_words(record: ClaimRecord) -> ClaimRecord:
    """The record without its quote and its title, but with what status depends on, and a hash of the quote.

    It weighs the same, and doing it twice changes nothing.
    """
    if record.withheld is not None:
        return record
    claim = record.claim
    kept = Withheld(
        quote_hash=quote_hash(claim.span.text),
        names_talks=names_talks(record.title),
        brings_no_news=brings_no_news(record.title, record.url),
    )
    span = claim.span.model_copy(update={"text": WITHHELD})
    return replace(record, claim=claim.model_copy(update={"span": span}), title="", withheld=kept)


def kind_of_failure(error: str) -> str:
    """What a detector's failure was called: what it said beside that may hold words of the text."""
    return error.partition(":")[0]
