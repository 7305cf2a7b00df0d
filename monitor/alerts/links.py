"""Signed links by which a subscriber, without a login, changes what was subscribed."""

from urllib.parse import urlencode

from itsdangerous import BadData

from monitor.alerts.vault import Vault
from monitor.errors import BadInputError

UNSUBSCRIBE = "unsubscribe"


def link(vault: Vault, api_url: str, purpose: str, subscription: str) -> str:
    """The address under which the subscription's owner does what `purpose` says."""
    token = vault.signer(purpose).dumps(subscription)
    return f"{api_url.rstrip('/')}/v1/subscriptions/{purpose}?{urlencode({'token': token})}"


def subscription_of(vault: Vault, purpose: str, token: str, *, max_age_s: int | None = None) -> str:
    """The id of the subscription that a link's token is for; `max_age_s` None: it never ends.

    Raises:
        BadInputError: the token was not made by this Parley for this purpose, or is too old.
    """
    try:
        return str(vault.signer(purpose).loads(token, max_age=max_age_s))
    except BadData as error:
        raise BadInputError("this link is not valid (any more); ask for a new one") from error
