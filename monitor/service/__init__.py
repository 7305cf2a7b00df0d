"""Wiring: settings, the topic's reader, the scheduler, the roles, the supervisor."""
