"""Signed links by which a subscriber, without a login, changes what was subscribed."""

from urllib.parse import urlencode

from itsdangerous import BadData

from monitor.alerts.vault import Vault
from monitor.errors import BadInputError

UNSUBSCRIBE = "unsubscribe"


def link(vault: Vault, api_url: str, purpose: str, subscription: str) -> str:
    """The address under which the subscription's owner does what `purpose` says, for good."""
    return address_of(api_url, purpose, vault.signer(purpose).dumps(subscription))


def ending_link(vault: Vault, api_url: str, purpose: str, subscription: str) -> str:
    """The same, for a while: how long, `subscription_of` is told."""
    return address_of(api_url, purpose, vault.timed_signer(purpose).dumps(subscription))


def address_of(api_url: str, purpose: str, token: str | bytes) -> str:
    """Where the HTTP interface takes the token."""
    return f"{api_url.rstrip('/')}/v1/subscriptions/{purpose}?{urlencode({'token': token})}"


def subscription_of(vault: Vault, purpose: str, token: str, *, max_age_s: int | None = None) -> str:
    """The id of the subscription that a link's token is for; `max_age_s` is for one of an `ending_link`.

    Raises:
        BadInputError: the token was not made by this Parley for this purpose, or is too old.
    """
    try:
        if max_age_s is None:
            return str(vault.signer(purpose).loads(token))
        return str(vault.timed_signer(purpose).loads(token, max_age=max_age_s))
    except BadData as error:
        raise BadInputError("this link is not valid (any more); ask for a new one") from error
