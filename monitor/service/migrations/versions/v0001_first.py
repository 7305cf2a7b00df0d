"""The tables of version 0.1, from before there were migrations: those that are missing are made."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make what is missing."""
    op.create_table(
        "reaction",
        sa.Column("topic", sa.String(), nullable=False),
        sa.Column("position", sa.String(), nullable=False),
        sa.Column("event_id", sa.String(), nullable=False),
        sa.Column("epoch", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("topic"),
        if_not_exists=True,
    )
    op.create_table(
        "role_health",
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("ok_at", sa.String(), nullable=False),
        sa.Column("seen_at", sa.String(), nullable=False),
        sa.Column("trouble", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("role"),
        if_not_exists=True,
    )
    op.create_table(
        "source_display",
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("display", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("source"),
        if_not_exists=True,
    )
    op.create_table(
        "delivery_failure",
        sa.Column("delivery_id", sa.String(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("error", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("delivery_id", "attempt"),
        if_not_exists=True,
    )
    op.create_table(
        "fanout_checkpoint",
        sa.Column("topic", sa.String(), nullable=False),
        sa.Column("position", sa.String(), nullable=False),
        sa.Column("event_id", sa.String(), nullable=False),
        sa.Column("epoch", sa.String(), nullable=False),
        sa.Column("restored_to", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("topic"),
        if_not_exists=True,
    )
    op.create_table(
        "message",
        sa.Column("event_id", sa.String(), nullable=False),
        sa.Column("topic", sa.String(), nullable=False),
        sa.Column("alert", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("event_id"),
        if_not_exists=True,
    )
    op.create_table(
        "subscription",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("origin", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("target", sa.String(), nullable=False),
        sa.Column("target_mark", sa.String(), nullable=False),
        sa.Column("secret", sa.String(), nullable=True),
        sa.Column("old_secret", sa.String(), nullable=True),
        sa.Column("old_secret_until", sa.DateTime(), nullable=True),
        sa.Column("wishes", sa.JSON(), nullable=False),
        sa.Column("allow_private", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("served_from", sa.DateTime(), nullable=False),
        sa.Column("paused_because", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        if_not_exists=True,
    )
    op.create_index("ix_subscription_target_mark", "subscription", ["target_mark"], if_not_exists=True)
    op.create_table(
        "trouble",
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("about", sa.String(), nullable=False),
        sa.Column("since", sa.DateTime(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("noted_at", sa.DateTime(), nullable=False),
        sa.Column("told_at", sa.DateTime(), nullable=True),
        sa.Column("over_at", sa.DateTime(), nullable=True),
        sa.PrimaryKeyConstraint("kind", "about"),
        if_not_exists=True,
    )
    op.create_table(
        "unrecorded_outcome",
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.String(), nullable=False),
        sa.Column("event", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("seq"),
        sa.UniqueConstraint("event_id"),
        if_not_exists=True,
    )
    op.create_table(
        "withheld_article",
        sa.Column("topic", sa.String(), nullable=False),
        sa.Column("article_id", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("topic", "article_id"),
        if_not_exists=True,
    )
    op.create_table(
        "delivery",
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("delivery_id", sa.String(), nullable=False),
        sa.Column("event_id", sa.String(), nullable=False),
        sa.Column("alert", sa.String(), nullable=False),
        sa.Column("subscription", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("attempts_before", sa.Integer(), nullable=False),
        sa.Column("next_try_at", sa.DateTime(), nullable=False),
        sa.Column("doubts", sa.Integer(), nullable=False),
        sa.Column("part_of", sa.String(), nullable=True),
        sa.Column("last_error", sa.String(), nullable=True),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("settled_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["event_id"],
            ["message.event_id"],
        ),
        sa.ForeignKeyConstraint(
            ["subscription"],
            ["subscription.id"],
        ),
        sa.PrimaryKeyConstraint("seq"),
        sa.UniqueConstraint("delivery_id"),
        if_not_exists=True,
    )
    op.create_index(
        "delivery_leased",
        "delivery",
        ["subscription"],
        sqlite_where=sa.text("state = 'leased'"),
        postgresql_where=sa.text("state = 'leased'"),
        if_not_exists=True,
    )
    op.create_index("delivery_of_alert", "delivery", ["alert", "subscription", "seq"], if_not_exists=True)
    op.create_index(
        "delivery_open",
        "delivery",
        ["attempts", "seq", "next_try_at", "subscription"],
        sqlite_where=sa.text("state IN ('pending', 'leased', 'failed')"),
        postgresql_where=sa.text("state IN ('pending', 'leased', 'failed')"),
        if_not_exists=True,
    )
    op.create_index(
        "delivery_part",
        "delivery",
        ["part_of"],
        sqlite_where=sa.text("part_of IS NOT NULL"),
        postgresql_where=sa.text("part_of IS NOT NULL"),
        if_not_exists=True,
    )
    op.create_index(
        "delivery_settled",
        "delivery",
        ["subscription", "state", "settled_at"],
        sqlite_where=sa.text("settled_at IS NOT NULL"),
        postgresql_where=sa.text("settled_at IS NOT NULL"),
        if_not_exists=True,
    )
    op.create_index(
        "delivery_waiting",
        "delivery",
        ["next_try_at"],
        sqlite_where=sa.text("state = 'waiting'"),
        postgresql_where=sa.text("state = 'waiting'"),
        if_not_exists=True,
    )
    op.create_table(
        "subscription_audit",
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("subscription", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["subscription"],
            ["subscription.id"],
        ),
        sa.PrimaryKeyConstraint("seq"),
        if_not_exists=True,
    )
    op.create_index(
        "ix_subscription_audit_subscription", "subscription_audit", ["subscription"], if_not_exists=True
    )
    op.create_table(
        "source_entries",
        sa.Column("source_id", sa.String(), nullable=False),
        sa.Column("entry", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("url", sa.String(), nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        sa.Column("first_seen_at", sa.String(), nullable=False),
        sa.Column("seen_at", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("source_id", "entry"),
        if_not_exists=True,
    )
    op.create_index(
        "ix_source_entries_first_seen_at", "source_entries", ["first_seen_at"], if_not_exists=True
    )
    op.create_table(
        "source_hosts",
        sa.Column("host", sa.String(), nullable=False),
        sa.Column("free_at", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("host"),
        if_not_exists=True,
    )
    op.create_table(
        "source_polls",
        sa.Column("source_id", sa.String(), nullable=False),
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("host", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("outlet", sa.String(), nullable=False),
        sa.Column("topics", sa.String(), nullable=False),
        sa.Column("due_at", sa.String(), nullable=False),
        sa.Column("leased_until", sa.String(), nullable=False),
        sa.Column("lease", sa.String(), nullable=False),
        sa.Column("is_paused", sa.Boolean(), nullable=False),
        sa.Column("etag", sa.String(), nullable=False),
        sa.Column("last_modified", sa.String(), nullable=False),
        sa.Column("body_digest", sa.String(), nullable=False),
        sa.Column("moved_to", sa.String(), nullable=False),
        sa.Column("moved_times", sa.Integer(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("polled_once", sa.Boolean(), nullable=False),
        sa.Column("last_poll_at", sa.String(), nullable=False),
        sa.Column("last_ok_at", sa.String(), nullable=False),
        sa.Column("error_streak", sa.Integer(), nullable=False),
        sa.Column("failing_since", sa.String(), nullable=False),
        sa.Column("last_error", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("entries_seen", sa.Integer(), nullable=False),
        sa.Column("entries_relevant", sa.Integer(), nullable=False),
        sa.Column("entries_per_week", sa.Float(), nullable=False),
        sa.Column("newest_at", sa.String(), nullable=False),
        sa.Column("told", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("source_id"),
        if_not_exists=True,
    )
    op.create_index("ix_source_polls_due_at", "source_polls", ["due_at"], if_not_exists=True)
    op.create_table(
        "api_token",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("scope", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("made_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
        sa.UniqueConstraint("digest"),
        if_not_exists=True,
    )
    if op.get_bind().dialect.name == "postgresql":
        op.create_table(
            "read_model_in_use",
            sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
            sa.Column("name", sa.String(), nullable=False),
            sa.PrimaryKeyConstraint("id"),
            if_not_exists=True,
        )
