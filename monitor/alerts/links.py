"""Signed links by which a subscriber, without a login, confirms, changes or ends what was subscribed."""

from datetime import datetime
from urllib.parse import urlencode

from itsdangerous import BadData

from monitor.alerts.vault import Vault
from monitor.errors import NotFoundError

CONFIRM = "confirm"
UNSUBSCRIBE = "unsubscribe"
MINE = "mine"


def link(vault: Vault, api_url: str, purpose: str, subscription: str, until: datetime | None = None) -> str:
    """The address under which the subscription's owner does what `purpose` says; `until` None: it never ends."""
    ends = None if until is None else int(until.timestamp())
    token = vault.signer(purpose).dumps([subscription, ends])
    return f"{api_url.rstrip('/')}/v1/subscriptions/{purpose}?{urlencode({'token': token})}"


def subscription_of(vault: Vault, purpose: str, token: str, now: datetime) -> str:
    """The id of the subscription that a link's token is for; `now` is UTC-aware.

    Raises:
        NotFoundError: the token was not made by this Parley for this purpose, or is too old.
    """
    try:
        subscription, ends = vault.signer(purpose).loads(token)
    except BadData as error:
        raise NotFoundError("this link is not valid; take it whole from the message") from error
    if ends is not None and now.timestamp() > ends:
        raise NotFoundError("this link is too old; subscribe anew")
    return str(subscription)
