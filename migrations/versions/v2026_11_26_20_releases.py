"""Releases: their lines and outcomes, what is public now, what is withheld by decision, and judged fragments."""

import sqlalchemy as sa
from alembic import op

from app.db.types import Code, Key, UTCDateTime
from migrations.append_only import guard, unguard

revision = "2026_11_26_20_releases"
down_revision = "2026_11_26_11_table_imports"
branch_labels = None
depends_on = None

_FRAGMENTS = (
    ("told", sa.Text()),
    ("judged", sa.Text()),
    ("judged_from", sa.Date()),
    ("judged_until", sa.Date()),
    ("scored", sa.Text()),
    ("scored_on", sa.Date()),
)


def upgrade() -> None:
    for name, type_ in _FRAGMENTS:
        op.add_column("fragments", sa.Column(name, type_, nullable=True))
    # what was rendered before says nothing about what it leaves out
    op.execute("DELETE FROM fragments")
    for name, type_ in (("reporting_org", Code), ("part", sa.Text()), ("records_sha256", Code)):
        op.add_column("release_files", sa.Column(name, type_, nullable=False, server_default=""))
    op.add_column("release_files", sa.Column("content_at", UTCDateTime(), nullable=True))
    _lines()
    _outcomes()
    _public_files()
    _redactions()


def _key(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column],
        [target],
        name=op.f(f"fk_{table}_{column}"),
        ondelete="RESTRICT",
        initially="IMMEDIATE",
        deferrable=True,
    )


def _lines() -> None:
    op.create_table(
        "release_lines",
        sa.Column("id", Key, nullable=False),
        sa.Column("release_id", Key, nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("kind", Code, nullable=False),
        sa.Column("subject", Code, nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("accepted_reason", sa.Text(), nullable=True),
        sa.Column("accepted_by", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "kind IN ('change', 'vanishing', 'held-back', 'withheld')", name=op.f("ck_release_lines_kind_known")
        ),
        sa.CheckConstraint(
            "accepted_by IS NULL OR accepted_reason IS NOT NULL", name=op.f("ck_release_lines_acceptance_has_reason")
        ),
        _key("release_lines", "release_id", "releases.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_release_lines")),
        sa.UniqueConstraint("release_id", "ordinal", name=op.f("uq_release_lines_release_id_ordinal")),
    )
    op.create_index(op.f("ix_release_lines_release_id"), "release_lines", ["release_id"])


def _outcomes() -> None:
    op.create_table(
        "release_outcomes",
        sa.Column("id", Key, nullable=False),
        sa.Column("release_id", Key, nullable=False),
        sa.Column("dataset", Code, nullable=False),
        sa.Column("place", Code, nullable=False),
        sa.Column("outcome", Code, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.CheckConstraint("place IN ('public', 'registry')", name=op.f("ck_release_outcomes_place_known")),
        sa.CheckConstraint(
            "outcome IN ('published', 'updated', 'unchanged', 'withdrawn', 'failed')",
            name=op.f("ck_release_outcomes_outcome_known"),
        ),
        _key("release_outcomes", "release_id", "releases.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_release_outcomes")),
        sa.UniqueConstraint(
            "release_id", "dataset", "place", name=op.f("uq_release_outcomes_release_id_dataset_place")
        ),
    )
    op.create_index(op.f("ix_release_outcomes_release_id"), "release_outcomes", ["release_id"])


def _public_files() -> None:
    op.create_table(
        "public_files",
        sa.Column("id", Key, nullable=False),
        sa.Column("dataset", Code, nullable=False),
        sa.Column("file_id", Key, nullable=True),
        sa.Column("reporting_org", Code, nullable=False),
        sa.Column("changed_at", UTCDateTime(), nullable=False),
        _key("public_files", "file_id", "release_files.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_public_files")),
        sa.UniqueConstraint("dataset", name=op.f("uq_public_files_dataset")),
    )
    op.create_index(op.f("ix_public_files_file_id"), "public_files", ["file_id"])


def _redactions() -> None:
    op.create_table(
        "redactions",
        sa.Column("id", Key, nullable=False),
        sa.Column("recorded_at", UTCDateTime(), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("project_id", Key, nullable=False),
        sa.Column("subject_kind", Code, nullable=False),
        sa.Column("subject_id", sa.Integer(), nullable=False),
        sa.Column("withheld", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "subject_kind IN ('project', 'transaction', 'contact', 'document', 'amount')",
            name=op.f("ck_redactions_subject_kind_known"),
        ),
        sa.CheckConstraint("length(reason) > 0", name=op.f("ck_redactions_redaction_has_reason")),
        _key("redactions", "project_id", "projects.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_redactions")),
    )
    op.create_index(op.f("ix_redactions_project_id"), "redactions", ["project_id"])
    op.create_index(op.f("ix_redactions_subject_id"), "redactions", ["subject_id"])
    guard("redactions")


def downgrade() -> None:
    unguard("redactions")
    for table in ("redactions", "public_files", "release_outcomes", "release_lines"):
        op.drop_table(table)
    for name in ("content_at", "records_sha256", "part", "reporting_org"):
        op.drop_column("release_files", name)
    for name, _ in reversed(_FRAGMENTS):
        op.drop_column("fragments", name)
