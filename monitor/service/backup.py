"""`parley backup`: everything that cannot be made again, at a place outside this machine's reach of trouble.

    the tables, as of one moment        (SQL first)
    the log, up to some later moment    (only what the last backup at that place does not have)
    the manifest                        (from here on the backup counts)
    older backups go, as many as wished

SQL first, because everything in it follows from the log or is repeated harmlessly: a checkpoint in it is behind the
log's end; an outcome that it still has to tell the log is told twice under one id; what a source had shown by then is
in the log. The other way round, a checkpoint would point beyond the log's end, and an article that a source no longer
shows would be in neither.

The key that opens subscribers' addresses is not in it: who finds a backup learns nobody's address.
"""

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from monitor.errors import ArchiveError, BadInputError
from monitor.failpoints import reached
from monitor.log.export import Progress, copy_log
from monitor.log.manifest import UNFINISHED, Manifest, manifests, read_manifest, write_manifest
from monitor.log.place import Folder, Place
from monitor.log.stream import EventLog
from monitor.readmodel import backups
from monitor.readmodel.store import Store
from monitor.service.kept import dump, snapshot

_log = logging.getLogger(__name__)

PREFIX = "backup-"


@dataclass(frozen=True, slots=True)
class BackedUp:
    """A backup that was made: its name at the place, and older ones that went."""

    name: str
    manifest: Manifest
    removed: tuple[str, ...]


def back_up(
    store: Store,
    log: EventLog,
    place: Place,
    now: datetime,
    *,
    keep: int | None = None,
    progress: Progress | None = None,
) -> BackedUp:
    """Make a backup at a place, while everything runs; `keep` so many of this log, the new one among them.

    Raises:
        BadInputError: the place holds something else.
        LogUnavailableError: Redis or the place does not answer; doing it again goes on.
        StoreError: the tables cannot be read.
    """
    held = _held(place)
    stamp = f"{now:%Y%m%dT%H%M%SZ}"
    with snapshot(store) as connection:
        tables = dump(connection, place, f"tables/{stamp}")
    reached("backup.tables")
    epochs = {topic: log.epoch(topic) for topic in log.topics()}
    known = next((one for one in _newest_first(place, held) if _is_of(one, epochs)), None)
    manifest = copy_log(log, place, known, Manifest.now("backup", now), progress)
    manifest = manifest.model_copy(update={"tables": tables})
    name = f"{PREFIX}{stamp}.json"
    write_manifest(place, name, manifest)
    reached("backup.manifest")
    place.remove(UNFINISHED)
    removed = [] if keep is None else _forget(place, {**held, name: manifest}, name, keep)
    told = {"at": now.isoformat(), "place": str(place), "events": manifest.events}
    Folder(store.data).write(backups.FILE, json.dumps(told).encode() + b"\n")
    return BackedUp(name, manifest, tuple(removed))


def newest_backup(place: Place) -> str:
    """The name of the newest backup at a place.

    Raises:
        ArchiveError: there is none.
    """
    names = [name for name in manifests(place) if name.startswith(PREFIX)]
    if not names:
        raise ArchiveError(f"there is no backup at {place}: `parley backup` has not ended there yet")
    return names[-1]


def _held(place: Place) -> dict[str, Manifest]:
    """The backups at a place, oldest first."""
    held: dict[str, Manifest] = {}
    for name in manifests(place):
        try:
            manifest = read_manifest(place, name)
        except ArchiveError as error:
            _log.warning("an older backup is of no use, and is left alone: %s", error)
            continue
        if manifest is None:
            continue
        if manifest.kind != "backup":
            raise BadInputError(f"{place} holds something else than backups ({name}): give another place")
        held[name] = manifest
    return held


def _newest_first(place: Place, held: Mapping[str, Manifest]) -> list[Manifest]:
    """What a new backup may go on from: one that was killed, then those that are whole."""
    try:
        unfinished = read_manifest(place, UNFINISHED)
    except ArchiveError:
        unfinished = None  # those that are whole will do
    return [*([unfinished] if unfinished else []), *reversed(list(held.values()))]


def _is_of(manifest: Manifest, epochs: Mapping[str, str | None]) -> bool:
    """Whether a backup is of the log that has these epochs, as far as it went then."""
    return all(epochs.get(topic) == log.epoch for topic, log in manifest.logs.items())


def _forget(place: Place, held: Mapping[str, Manifest], new: str, keep: int) -> list[str]:
    """Remove the oldest backups of this log but `keep`; those of a log before a restore stay. Which were removed.

    Its manifest goes first: what is left then is no backup, and its files go unless another one names them.
    """
    epochs = {topic: log.epoch for topic, log in held[new].logs.items()}
    mine = [name for name, one in held.items() if name != new and _is_of(one, epochs)]
    gone = mine[: max(0, len(mine) + 1 - keep)]
    staying = {file for name, one in held.items() if name not in gone for file in one.files}
    for name in gone:
        place.remove(name)
    for file in sorted({file for name in gone for file in held[name].files} - staying):
        place.remove(file)
    return gone
