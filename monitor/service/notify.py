"""The role `notify`: alerts fan out into the queue, operators' messages too, and the dispatcher delivers what is due.

The queue is SQL: what is in it is delivered, and what operators must know is told, whether or not the log answers.
"""

import logging
from collections.abc import Mapping
from datetime import timedelta
from threading import Event as Signal
from threading import Thread

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
from monitor.alerts.troubles import tell_troubles
from monitor.errors import LogUnavailableError, SettingsError
from monitor.log.events import Event
from monitor.service.health import Watched
from monitor.service.heartbeat import Heartbeat
from monitor.service.lookout import Lookout
from monitor.service.settings import SmtpSettings
from monitor.service.wiring import Clock, Parley, vault_of
from monitor.tracing import about

ROLE = "notify"
FORGET_EVERY = timedelta(hours=1)
WAIT_MS = 1000
LOOK_EVERY_S = 1.0
RETRY_S = 1.0
_log = logging.getLogger(__name__)


class Notify:
    """Fans out, woken by what the logs take, and delivers, beside it: a Redis that hangs holds up no delivery."""

    def __init__(self, parley: Parley) -> None:
        settings = parley.settings
        vault = vault_of(settings)
        Subscriptions(parley.service, vault).sync(settings.subscriptions, parley.clock())
        self._parley = parley
        self._forget_at = parley.clock()
        self._channels = channels(settings.smtp, parley.clock)
        self._lookout = Lookout(parley)
        self._heartbeat = Heartbeat(parley)
        self._dispatcher = Dispatcher(
            parley.service,
            self._channels,
            parley.clock,
            lambda recipient: opened(recipient, vault, settings.api_url),
            self._record,
            per_minute=settings.per_minute.model_dump(),
        )

    def run(self, stop: Signal) -> None:
        """Work until told to stop, then close; trouble is noted and tried again.

        Raises:
            DataLostError: a person must decide.
        """
        tick = Watched("notify", self.tick, self._parley.service, self._parley.clock, self._parley.pulse)
        ended = Signal()
        delivering = Thread(target=self._deliver, args=(ended,), name="deliver", daemon=True)
        delivering.start()
        try:
            while not stop.is_set():
                # A Redis that hangs costs one long wait a round: who has just not been answered does not ask twice.
                heads = {} if tick.trouble else self._heads()
                if not (tick() and self._wait(heads)):
                    stop.wait(RETRY_S)
        finally:
            ended.set()
            delivering.join()
            self.close()
            tick.stopped()

    def _deliver(self, ended: Signal) -> None:
        """Look now and then for what waits in the queue for its time."""
        with about(role="notify"):
            while not ended.wait(LOOK_EVERY_S):
                self._dispatcher.start()

    def _heads(self) -> dict[str, str]:
        """How far each topic's log goes; empty when Redis does not answer, which the tick says aloud."""
        try:
            return {topic: self._parley.log.head(topic) for topic in self._parley.topics}
        except LogUnavailableError:
            return {}

    def _wait(self, heads: Mapping[str, str]) -> bool:
        """Wait until a log goes further, or for a while; False when that cannot be waited for."""
        try:
            return bool(heads) and self._parley.log.wait(heads, WAIT_MS) is not None
        except LogUnavailableError as error:
            _log.debug("waiting was cut short: %s", error)  # the next tick says so aloud
            return False

    def tick(self) -> None:
        """Queue what was decided or noticed since, start what is due, and say outside that all is well, if so.

        Of several processes each delivers what it claims, and one does the rest.

        Raises:
            DataLostError: the log no longer holds what was told already.
            LogUnavailableError: Redis does not answer.
        """
        is_our_turn, answers = self._parley.leases.holds(ROLE), False
        try:
            if is_our_turn:
                self._lookout.tick()
            self._follow()
            answers = True
        finally:
            self._tell_troubles()
            self._dispatcher.start()
            if answers:
                self._dispatcher.tell_log()
            if is_our_turn:
                self._heartbeat.tick()
                self._forget()

    def drain(self, timeout: float) -> bool:
        """Wait until nothing is on its way, at most `timeout` seconds; whether that was so."""
        return self._dispatcher.drain(timeout)

    def close(self, timeout: float = 15.0) -> None:
        """Give what is on its way `timeout` seconds; the rest is repeated under the same id after the next start.

        A role may have stopped because the log lost data: word of it is still on its way then.
        """
        try:
            if self._tell_troubles():
                self._dispatcher.tick()
                self._dispatcher.drain(timeout)
        finally:
            self._dispatcher.close(timeout)
            self._heartbeat.close()
            for channel in self._channels.values():
                channel.close()

    def _follow(self) -> None:
        parley = self._parley
        for topic in parley.topics:
            follow(parley.service, parley.log, topic, self._render, parley.clock)
        follow_sources(parley.service, parley.log, parley.settings.dashboard_url, parley.clock)

    def _tell_troubles(self) -> int:
        parley = self._parley
        return tell_troubles(parley.service, parley.settings.dashboard_url, parley.clock())

    def _forget(self) -> None:
        if (now := self._parley.clock()) >= self._forget_at:
            forget_unconfirmed(self._parley.service, now)
            self._forget_at = now + FORGET_EVERY

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
    vault = vault_of(settings)
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
