"""The role `notify`: alerts and word of the sources fan out into the queue, and the dispatcher delivers what is due."""

from datetime import timedelta

from monitor.alerts.channels.base import Channel
from monitor.alerts.channels.chat import ChatChannel
from monitor.alerts.channels.email import EmailChannel
from monitor.alerts.channels.local import ConsoleChannel, FileChannel
from monitor.alerts.channels.mail import MailServer
from monitor.alerts.channels.webhook import WebhookChannel
from monitor.alerts.dispatch import Dispatcher
from monitor.alerts.fanout import follow
from monitor.alerts.message import Message, render
from monitor.alerts.operators import follow_sources
from monitor.alerts.people import People, forget_unconfirmed
from monitor.alerts.subscriptions import Subscriptions, opened
from monitor.alerts.vault import open_vault
from monitor.errors import SettingsError
from monitor.log.events import Event
from monitor.service.settings import SmtpSettings
from monitor.service.wiring import Clock, Parley

FORGET_EVERY = timedelta(hours=1)


class Notify:
    """Fans out and delivers; `tick` does not wait for deliveries."""

    def __init__(self, parley: Parley) -> None:
        settings = parley.settings
        vault = open_vault(settings.data, settings.key.get_secret_value())
        Subscriptions(parley.service, vault).sync(settings.subscriptions, parley.clock())
        self._parley = parley
        self._forget_at = parley.clock()
        self._channels = channels(settings.smtp, parley.clock)
        self._dispatcher = Dispatcher(
            parley.service,
            self._channels,
            parley.clock,
            lambda recipient: opened(recipient, vault, settings.api_url),
            self._record,
        )

    def tick(self) -> None:
        """Queue what was decided since, and start what is due."""
        for topic in self._parley.topics:
            follow(self._parley.service, self._parley.log, topic, self._render, self._parley.clock)
        follow_sources(
            self._parley.service, self._parley.log, self._parley.settings.dashboard_url, self._parley.clock
        )
        self._dispatcher.tick()
        if (now := self._parley.clock()) >= self._forget_at:
            forget_unconfirmed(self._parley.service, now)
            self._forget_at = now + FORGET_EVERY

    def drain(self, timeout: float) -> bool:
        """Wait until nothing is on its way, at most `timeout` seconds; whether that was so."""
        return self._dispatcher.drain(timeout)

    def close(self, timeout: float = 15.0) -> None:
        """Give what is on its way `timeout` seconds; the rest is repeated under the same id after the next start."""
        self._dispatcher.close(timeout)
        for channel in self._channels.values():
            channel.close()

    def _render(self, event: Event) -> Message:
        return render(event, self._parley.topics[event.topic], self._parley.settings.dashboard_url)

    def _record(self, event: Event) -> None:
        self._parley.log.append(event.topic, [event])


def people_of(parley: Parley) -> People:
    """Those who subscribe themselves, and all who follow the links of their mails.

    Raises:
        SettingsError: the key is none; or people may subscribe, but nothing can send them a mail.
    """
    settings = parley.settings
    if settings.api.subscribe and not settings.smtp.host:
        raise SettingsError(
            "api.subscribe lets people subscribe by email, but there is no mail server: set smtp.host, or leave it off"
        )
    vault = open_vault(settings.data, settings.key.get_secret_value())
    return People(
        parley.service,
        vault,
        settings.api_url,
        parley.clock,
        parley.topics,
        is_open=settings.api.subscribe,
    )


def channels(smtp: SmtpSettings, clock: Clock) -> dict[str, Channel]:
    """How to send, per kind of subscription; email only where a mail server is set."""
    ways: dict[str, Channel] = {
        "webhook": WebhookChannel(clock),
        "chat": ChatChannel(clock),
        "file": FileChannel(),
        "console": ConsoleChannel(),
    }
    if smtp.host:
        server = MailServer(
            host=smtp.host,
            sender=smtp.sender,
            port=smtp.port,
            security=smtp.security,
            username=smtp.username,
            password=smtp.password.get_secret_value(),
            unsubscribe=smtp.unsubscribe,
        )
        ways["email"] = EmailChannel(server, clock)
    return ways
