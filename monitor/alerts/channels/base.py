"""What a channel is: it hands one delivery over, or says why not and whether trying again can help."""

from typing import Protocol

from monitor.alerts.delivery import Delivery


class Channel(Protocol):
    """One way to reach subscribers. `send` is called from several threads at once."""

    def send(self, delivery: Delivery) -> None:
        """Hand the delivery over; returning means that the receiver has accepted it.

        Must end within the channel's own total time-out, whatever the receiver does.

        Raises:
            DeliveryError: it was not accepted, or nobody knows; `retry` is the channel's verdict.
        """
        ...

    def close(self) -> None:
        """Close the connections that are kept for the next delivery."""
        ...
