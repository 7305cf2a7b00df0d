"""The one tree of Parley's errors.

Each names what went wrong, with which value, and what to do. The command line prints `str(error)` as one line and
leaves with `exit_code`; nothing else decides how an error looks.

    ParleyError
    ├── BadInputError          what the user gave is wrong (a file, an option, a topic's name)
    │   ├── NotFoundError      what the user named does not exist
    │   ├── AlreadyError       what the user wants done is done already, or has nothing to be done to
    │   ├── TopicFileError     a topic file: key, line, what is expected
    │   └── SettingsError      parley.toml or the environment: setting, line, what is expected
    ├── LogError               the event log
    │   ├── LogUnavailableError    Redis does not answer (goes away by itself when Redis is back)
    │   ├── LogConflictError       the topic's decisions moved on: read again, decide again
    │   ├── PartialDuplicateError  a batch of which only a part is known: a defect of the writer
    │   ├── CorruptEventError      an entry that does not validate or has no upcaster
    │   ├── NewerLogError          an entry that only a newer Parley can read
    │   ├── DataLostError          the log no longer holds what a checkpoint saw
    │   ├── ArchiveError           a segment or manifest outside Redis is missing or damaged
    │   ├── DataFolderInUseError   another Parley owns the data folder
    │   └── ServerTooOldError      the data folder was written by a newer Redis
    ├── SourceError            a source could not be fetched or parsed (recorded per source)
    ├── ForbiddenAddressError  an address that Parley must not connect to (private, loopback, ...)
    ├── StoreError             the read model or the delivery queue cannot be read or written
    │   └── NewerStoreError    a newer Parley made the tables
    └── DeliveryError          a delivery was not accepted; `retry` is the channel's verdict
"""


class ParleyError(Exception):
    """Root of all errors that Parley raises on purpose."""

    exit_code = 2


class BadInputError(ParleyError):
    """What the user gave is wrong; the message says what and what is expected."""


class NotFoundError(BadInputError):
    """What the user named does not exist; the message says what there is."""


class AlreadyError(BadInputError):
    """What the user wants done is done already, by whom and why; nothing was changed."""


class TopicFileError(BadInputError):
    """A topic file is wrong: the message has file, line, key and what is expected."""


class SettingsError(BadInputError):
    """A setting is wrong: the message has where it was set and what is expected."""


class LogError(ParleyError):
    """Something about the event log."""


class LogUnavailableError(LogError):
    """Redis does not answer."""


class LogConflictError(LogError):
    """The topic's decision counter is not what the writer expected: read again and decide again."""


class PartialDuplicateError(LogError):
    """Some events of a batch are in the log and others are not; nothing was written."""


class CorruptEventError(LogError):
    """An entry of the log does not validate, or nothing can upcast it. `position` says where it stands, if known."""

    def __init__(self, message: str, *, position: str | None = None) -> None:
        super().__init__(message)
        self.position = position


class NewerLogError(LogError):
    """A newer Parley wrote to the log what this one cannot read: going on without it would decide on half of it."""


class DataLostError(LogError):
    """The log no longer holds what a checkpoint saw; a person must decide (restore, or rebuild)."""


class ArchiveError(LogError):
    """A segment or a manifest of an export, a backup or the archive is missing, damaged or not what it should be."""


class DataFolderInUseError(LogError):
    """Another Parley owns the data folder."""


class ServerTooOldError(LogError):
    """The data folder was written by a newer Redis than the one at hand, which would misread it."""


class SourceError(ParleyError):
    """A source could not be fetched or parsed.

    Args:
        reason: a short word for counting (`timeout`, `not_found`, `rate_limited`, `not_a_feed`, ...).
        retry_after: seconds that the server asked us to wait, or None.
    """

    def __init__(self, reason: str, message: str, *, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.reason = reason
        self.retry_after = retry_after


class ForbiddenAddressError(ParleyError):
    """A URL leads to an address that Parley must not connect to; nothing was sent there."""


class StoreError(ParleyError):
    """The read model or the delivery queue cannot be read or written."""


class NewerStoreError(StoreError):
    """A newer Parley made the tables; only upgrading this one helps."""


class DeliveryError(ParleyError):
    """A delivery was not accepted.

    Args:
        reason: a short word for counting (`auth`, `rate_limited`, `server`, `timeout`, `refused`, `gone`).
        retry: whether trying again can help.
        retry_after: seconds that the receiver asked us to wait, or None.
    """

    def __init__(self, reason: str, message: str, *, retry: bool, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.reason = reason
        self.retry = retry
        self.retry_after = retry_after
