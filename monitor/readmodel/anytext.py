"""Any text for PostgreSQL, which refuses the character NUL: one such article must not become a dead letter."""

from psycopg.abc import Buffer
from psycopg.types.string import StrDumperUnknown


class AnyText(StrDumperUnknown):
    """Text on its way to PostgreSQL; a NUL goes as U+FFFD, so every place in the text stays where it is."""

    def dump(self, obj: str) -> Buffer | None:
        """The text in UTF-8."""
        return super().dump(obj.replace("\0", "\ufffd"))
