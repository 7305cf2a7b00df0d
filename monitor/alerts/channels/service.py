"""Apprise, as Parley uses it: one service by its address, no retries, no splitting, no store, and nothing in the logs.

Import it where a chat subscription is at hand only: it takes long to load.
"""

import logging
import warnings

from apprise import Apprise, AppriseAsset, NotifyFormat, NotifyType, OverflowMode
from apprise.manager_plugins import NotificationManager
from apprise.plugins import NotifyBase

from monitor.alerts.services import flaw_of
from monitor.errors import BadInputError

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)  # modules of Apprise that Parley has no use for
    NotificationManager().load_modules()  # type: ignore[no-untyped-call]  # of Apprise

# What Apprise logs may hold a service's tokens. Not `disabled`: whoever configures logging as a whole undoes that.
logging.getLogger("apprise").setLevel(logging.CRITICAL + 1)

_ASSET = AppriseAsset(
    app_id="Parley",
    app_desc="Parley",
    image_url_mask="",
    image_url_logo="",
    async_mode=False,
    http_redirects=False,
    interpret_emojis=False,
    storage_mode="memory",
    service_timeout=0,  # ours is around all of it
)


def service_of(url: str) -> NotifyBase:
    """The service that an address names; nothing is sent.

    Raises:
        BadInputError: Parley has no such service, the address is not complete, or it names several receivers.
    """
    flaw = flaw_of(url)
    if flaw is not None:
        raise BadInputError(flaw)
    service = Apprise.instantiate(url, asset=_ASSET, suppress_exceptions=True)
    if service is None:
        raise BadInputError(
            "the address of the chat service is not complete or not right; see Apprise's page of the service"
        )
    # An address may ask for these; an `optional` service would be said to have succeeded when it failed.
    service.retry, service.optional, service.redirects = 0, False, False
    service.overflow_mode = OverflowMode.TRUNCATE
    if len(service) > 1:
        raise BadInputError("the address names several receivers; give each a subscription of its own")
    return service


def tell(service: NotifyBase, words: str) -> bool:
    """Whether Apprise says that the service took the words."""
    notifier = Apprise(asset=_ASSET)
    notifier.add(service)
    return bool(notifier.notify(words, notify_type=NotifyType.INFO, body_format=NotifyFormat.TEXT))
