"""Why and why not: what the detector makes of an article, sentence by sentence, as `parley detect --explain` says it.

The log holds the claims, each with its rule, and not what was considered and dropped; that follows from the text, so it
is made again when it is asked for, by the detector of this version.
"""

from typing import Annotated, Any

from fastapi import APIRouter, Request
from fastapi import Path as InPath
from fastapi.responses import Response

from monitor.api.answers import document
from monitor.api.context import Context
from monitor.api.documents import TopicId
from monitor.detection import DETECTOR, Document, detect, explain
from monitor.errors import NotFoundError
from monitor.readmodel.article_forms import ArticleEntry
from monitor.readmodel.forms import Form
from monitor.readmodel.sides import StoredArticle, stored_article
from monitor.vocabulary import Precision

ArticleId = Annotated[str, InPath(max_length=100, description="The article's id.")]


class ArticleExplained(Form):
    """What was considered in an article, and what came of it.

    Of a source whose texts may not be shown whole, only the sentences in which claims stand are here.
    """

    article: ArticleEntry
    detector: str
    """The version that made this; the claims of the log may be those of another."""
    unread: str
    """Why nothing was looked for in it; empty: it was read."""
    sentences: list[dict[str, Any]]
    """Each with its candidates: their operators with the words that show them, and the claim, or what dropped them."""
    passed_over: list[dict[str, Any]]
    """Passages that were not read, and why."""


def router(context: Context) -> APIRouter:
    """`/v1/topics/{topic}/articles/{article}/explain`."""
    routes = APIRouter(prefix="/v1", tags=["documents"])

    @routes.get("/topics/{topic}/articles/{article}/explain", response_model=ArticleExplained)
    def explained(request: Request, topic: TopicId, article: ArticleId) -> Response:
        """What the detector considered in an article, by which words, and what came of it."""
        found = stored_article(context.read, topic, article)
        if found is None:
            raise NotFoundError(f"there is no article {article[:40]!r} in {topic}")
        return document(request, explanation(found))

    return routes


def explanation(found: StoredArticle) -> ArticleExplained:
    """The article, read again; of a removed one, and of one in a language that is not read, nothing."""
    entry = found.entry
    unread = found.topic.unread_because(entry.language)
    sentences: list[dict[str, Any]] = []
    passed_over: list[dict[str, Any]] = []
    if found.text is not None and not unread:
        read = Document(entry.title, found.text, entry.published_at, Precision(entry.precision))
        told = explain(detect(read, found.topic, entry.article)).to_json()
        sentences, passed_over = told["sentences"], told["passed_over"]
    if found.display != "text":
        sentences, passed_over = [one for one in sentences if _has_claim(one)], []
    return ArticleExplained(
        article=entry,
        detector=DETECTOR.version,
        unread=unread,
        sentences=sentences,
        passed_over=passed_over,
    )


def _has_claim(sentence: dict[str, Any]) -> bool:
    return any(one["verdict"] == "accepted" for one in sentence["candidates"])
