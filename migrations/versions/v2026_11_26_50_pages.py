"""What the pages keep: sessions, one-time links, passwords, attempts to sign in, saved views, a person's language."""

import sqlalchemy as sa
from alembic import op

from app.db.types import Code, Key, UTCDateTime

revision = "2026_11_26_50_pages"
down_revision = "2026_11_26_21_agreement_duties"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("users", sa.Column("language", Code, nullable=True))
    op.create_table(
        "sessions",
        sa.Column("id", Key, nullable=False),
        sa.Column("user_id", Key, nullable=False),
        sa.Column("hash", Code, nullable=False),
        sa.Column("door", Code, nullable=False),
        sa.Column("agent", sa.Text(), nullable=False),
        sa.Column("started_at", UTCDateTime(), nullable=False),
        sa.Column("seen_at", UTCDateTime(), nullable=False),
        sa.Column("expires_at", UTCDateTime(), nullable=False),
        sa.Column("ended_at", UTCDateTime(), nullable=True),
        sa.Column("flash", sa.Text(), nullable=True),
        sa.Column("kept_path", sa.Text(), nullable=True),
        sa.Column("kept_form", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("provider_token", sa.Text(), nullable=True),
        *_of_user("sessions"),
        sa.UniqueConstraint("hash", name=op.f("uq_sessions_hash")),
    )
    op.create_index(op.f("ix_sessions_user_id"), "sessions", ["user_id"], unique=False)
    op.create_table(
        "sign_in_links",
        sa.Column("id", Key, nullable=False),
        sa.Column("user_id", Key, nullable=False),
        sa.Column("hash", Code, nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("expires_at", UTCDateTime(), nullable=False),
        sa.Column("used_at", UTCDateTime(), nullable=True),
        *_of_user("sign_in_links"),
        sa.UniqueConstraint("hash", name=op.f("uq_sign_in_links_hash")),
    )
    op.create_index(op.f("ix_sign_in_links_user_id"), "sign_in_links", ["user_id"], unique=False)
    op.create_table(
        "sign_in_attempts",
        sa.Column("id", Key, nullable=False),
        sa.Column("subject", Code, nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in_attempts")),
    )
    op.create_index("ix_sign_in_attempts_subject_at", "sign_in_attempts", ["subject", "at"], unique=False)
    op.create_table(
        "passwords",
        sa.Column("id", Key, nullable=False),
        sa.Column("user_id", Key, nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("changed_at", UTCDateTime(), nullable=False),
        *_of_user("passwords"),
        sa.UniqueConstraint("user_id", name=op.f("uq_passwords_user_id")),
    )
    op.create_table(
        "saved_views",
        sa.Column("id", Key, nullable=False),
        sa.Column("user_id", Key, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("page", Code, nullable=False),
        sa.Column("query", sa.Text(), nullable=False),
        sa.Column("unit_id", Key, nullable=True),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        *_of_user("saved_views"),
        _foreign("saved_views", "unit_id", "units"),
        sa.UniqueConstraint("user_id", "page", "name", name=op.f("uq_saved_views_user_id_page_name")),
    )
    op.create_index(op.f("ix_saved_views_user_id"), "saved_views", ["user_id"], unique=False)
    op.create_index(op.f("ix_saved_views_unit_id"), "saved_views", ["unit_id"], unique=False)


def downgrade() -> None:
    for name in ("saved_views", "passwords", "sign_in_attempts", "sign_in_links", "sessions"):
        op.drop_table(name)
    op.drop_column("users", "language")


def _foreign(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column],
        [f"{target}.id"],
        name=op.f(f"fk_{table}_{column}"),
        ondelete="RESTRICT",
        initially="IMMEDIATE",
        deferrable=True,
    )


def _of_user(table: str) -> tuple[sa.Constraint, sa.Constraint]:
    return sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")), _foreign(table, "user_id", "users")
