"""Shift to alert; subscriptions; channels of delivery; the dispatcher."""
