"""Parley: an event-sourced monitor of political talks."""

__version__ = "0.1.0"
