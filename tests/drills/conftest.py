"""Fixtures that drills share."""

from tests.drills.stack import outside, stack  # noqa: F401 - fixtures
