"""A builder of claim records by what matters for status; everything else gets a plain value."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest

from monitor.ids import fact_id
from monitor.status.model import ClaimRecord
from monitor.vocabulary import Attribution, Claim, ClaimKind, Mood, Position, Precision, Span, When


class Builder:
    """Makes claim records: `said("2025-05-24", "proposed", ...)`."""

    def __call__(
        self,
        published: str | datetime,
        kind: str,
        *,
        channel: str = "government",
        article: str | None = None,
        story: str | None = None,
        outlet: str | None = None,
        when: tuple[str | None, str | None] | None = None,
        nth: int = 0,
        first_seen: datetime | None = None,
        known_from: datetime | None = None,
        history: bool = False,
        text: str | None = None,
        **claim: Any,
    ) -> ClaimRecord:
        """A record of one claim; `published` is a day ("2025-05-24") or a moment ("2025-05-24T10:00").

        `when` None: the day of publication. `article` defaults to one per publication, `story` and `outlet` to one per
        article.
        """
        told, precision = _moment(published)
        article = article or f"article of {published}"
        seen = first_seen or told
        text = text or f"{kind} in {article}"
        claim_id = fact_id("claim", article, channel, kind, text, str(when), str(claim), nth)
        start, latest = when if when is not None else (told.date().isoformat(),) * 2
        return ClaimRecord(
            claim=Claim(
                id=claim_id,
                channel=channel,
                kind=ClaimKind(kind),
                mood=Mood(claim.pop("mood", "asserted")),
                attribution=Attribution(claim.pop("attribution", "sources")),
                position=Position(claim.pop("position", "headline")),
                confidence=claim.pop("confidence", 0.8),
                when=When(
                    start_earliest=date.fromisoformat(start) if start else None,
                    start_latest=date.fromisoformat(latest) if latest else None,
                ),
                span=Span(start=0, end=len(text), text=text),
                rule="test",
                **claim,
            ),
            article_id=fact_id("article", article),
            article_event=fact_id("event", article),
            story_id=fact_id("story", story or article),
            outlet=outlet or f"outlet of {article}",
            published_at=told,
            precision=precision,
            first_seen_at=seen,
            history=history,
            known_from=known_from or seen,
        )

    def copy(self, record: ClaimRecord, nth: int, hours: float = 1) -> ClaimRecord:
        """The same story in another outlet, some hours later."""
        article = fact_id("copy", record.article_id, nth)
        assert record.published_at is not None
        return replace(
            record,
            claim=record.claim.model_copy(update={"id": fact_id("copy", record.claim.id, nth)}),
            article_id=article,
            article_event=fact_id("event", article),
            outlet=f"copying outlet {nth}",
            published_at=record.published_at + timedelta(hours=hours),
        )


def _moment(published: str | datetime) -> tuple[datetime, Precision]:
    if isinstance(published, datetime):
        return published, Precision.TIME
    if "T" in published:
        return datetime.fromisoformat(published).replace(tzinfo=UTC), Precision.TIME
    return datetime.combine(date.fromisoformat(published), time(), tzinfo=UTC), Precision.DAY


@pytest.fixture(scope="session")
def said() -> Builder:
    return Builder()
