"""A source as the operator writes it in the settings."""

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator


class SourceConfig(BaseModel):
    """One `[[sources]]` table: a feed (with `url`) or a folder of text files (with `path`)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,40}$")]
    kind: Literal["feed", "folder"] = "feed"
    url: Annotated[str, Field(pattern=r"^(https?://\S+)?$")] = ""
    path: Path | None = None
    topics: Annotated[tuple[str, ...], Field(min_length=1)] = ("pti",)
    outlet: str = ""
    """Its name in evidence; empty: as the feed names itself."""
    language: Annotated[str, Field(pattern=r"^[a-z]{2,3}$")] = "en"
    interval_minutes: Annotated[int, Field(ge=1, le=7 * 24 * 60)] = 15
    """At most so long between two polls; a source that brings much is polled more often."""
    min_interval_minutes: Annotated[int, Field(ge=1, le=7 * 24 * 60)] = 5
    """Never more often than this."""
    max_interval_minutes: Annotated[int, Field(ge=1, le=7 * 24 * 60)] | None = None
    """Lets a source that brings little, or asks to be left alone for longer, be polled as rarely as this."""
    allow_private: bool = False
    """Permit a feed on a private network (link-local addresses stay forbidden)."""

    @model_validator(mode="after")
    def _has_a_place(self) -> Self:
        if self.kind == "feed" and (not self.url or self.path):
            raise ValueError("a feed has a url, and no path")
        if self.kind == "folder" and (self.path is None or self.url):
            raise ValueError("a folder has a path, and no url")
        return self

    @property
    def place(self) -> str:
        """The address or the path: what the source is, whatever it is called."""
        return self.url or str(self.path)
