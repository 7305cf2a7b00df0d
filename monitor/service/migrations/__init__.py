"""Alembic's migrations of the service's tables, from each released schema to the next."""
