"""The core tables."""

import sqlalchemy as sa
from alembic import op

from app.db.types import Code, Key, Money, UTCDateTime
from migrations.append_only import guard, unguard

revision = "2026_11_20_core_tables"
down_revision = None
branch_labels = None
depends_on = None

#: rows of these tables are never changed or deleted, whoever asks
APPEND_ONLY = (
    "audit_events",
    "audit_seals",
    "project_revisions",
    "agreement_revisions",
    "alerts",
    "obligation_decisions",
)


def upgrade() -> None:
    op.create_table(
        "assessments",
        sa.Column("id", Key, nullable=False),
        sa.Column("recorded_at", UTCDateTime(), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("watermark", sa.Text(), nullable=False),
        sa.Column("rulebook", Code, nullable=False),
        sa.Column("rate_id", sa.Integer(), nullable=False),
        sa.Column("projects", sa.Integer(), nullable=False),
        sa.Column("changed", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assessments")),
    )
    op.create_table(
        "audit_events",
        sa.Column("id", Key, nullable=False),
        sa.Column("aggregate", Code, nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("action", Code, nullable=False),
        sa.Column("entity", Code, nullable=False),
        sa.Column("entity_id", Code, nullable=False),
        sa.Column("before", sa.JSON(), nullable=True),
        sa.Column("after", sa.JSON(), nullable=True),
        sa.Column("previous_hash", Code, nullable=False),
        sa.Column("hash", Code, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_events")),
        sa.UniqueConstraint("aggregate", "sequence", name=op.f("uq_audit_events_aggregate_sequence")),
    )
    op.create_index("ix_audit_events_entity", "audit_events", ["entity", "entity_id"], unique=False)
    op.create_table(
        "audit_seals",
        sa.Column("id", Key, nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("first_event_id", sa.Integer(), nullable=False),
        sa.Column("last_event_id", sa.Integer(), nullable=False),
        sa.Column("events", sa.Integer(), nullable=False),
        sa.Column("previous_hash", Code, nullable=False),
        sa.Column("hash", Code, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_seals")),
    )
    op.create_table(
        "earmarking_presets",
        sa.Column("id", Key, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("updated_at", UTCDateTime(), nullable=False),
        sa.Column("archived_at", UTCDateTime(), nullable=True),
        sa.Column("code", Code, nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("instrument", sa.Text(), nullable=False),
        sa.Column("aid_type", Code, nullable=False),
        sa.Column("category", Code, nullable=False),
        sa.Column("modality", Code, nullable=False),
        sa.Column("wording", sa.Text(), nullable=False),
        sa.CheckConstraint("category IN ('1', '2', '3', '4')", name=op.f("ck_earmarking_presets_category_known")),
        sa.CheckConstraint("length(modality) = 1", name=op.f("ck_earmarking_presets_modality_is_letter")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_earmarking_presets")),
        sa.UniqueConstraint("code", "valid_from", name=op.f("uq_earmarking_presets_code_valid_from")),
    )
    op.create_table(
        "evaluations",
        sa.Column("id", Key, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("updated_at", UTCDateTime(), nullable=False),
        sa.Column("archived_at", UTCDateTime(), nullable=True),
        sa.Column("reference", Code, nullable=False),
        sa.Column("kind", Code, nullable=False),
        sa.Column("independence", Code, nullable=False),
        sa.Column("title", sa.Text(), nullable=True),
        sa.Column(
            "status",
            sa.Enum(
                "planned",
                "terms-of-reference",
                "team",
                "field-work",
                "draft",
                "final",
                "disclosed",
                "cancelled",
                name="is_evaluationstatus",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("planned_start", sa.Date(), nullable=True),
        sa.Column("planned_end", sa.Date(), nullable=True),
        sa.Column("started_on", sa.Date(), nullable=True),
        sa.Column("completed_on", sa.Date(), nullable=True),
        sa.Column("manager", sa.Text(), nullable=True),
        sa.Column("evaluators", sa.JSON(), nullable=False),
        sa.Column("budget", Money(), nullable=True),
        sa.Column("currency", Code, nullable=True),
        sa.Column("report_url", sa.Text(), nullable=True),
        sa.Column("response_url", sa.Text(), nullable=True),
        sa.Column("scope", Code, nullable=False),
        sa.Column("country", Code, nullable=True),
        sa.Column("published", sa.Boolean(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "independence IN ('self', 'internal', 'independent', 'external')",
            name=op.f("ck_evaluations_independence_known"),
        ),
        sa.CheckConstraint(
            "kind IN ('evaluability', 'annual-review', 'mid-term', 'final', 'ex-post', 'interim')",
            name=op.f("ck_evaluations_kind_known"),
        ),
        sa.CheckConstraint("(budget IS NULL) = (currency IS NULL)", name=op.f("ck_evaluations_budget_has_currency")),
        sa.CheckConstraint(
            "planned_end IS NULL OR planned_start IS NULL OR planned_end >= planned_start",
            name=op.f("ck_evaluations_dates_in_order"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evaluations")),
        sa.UniqueConstraint("reference", name=op.f("uq_evaluations_reference")),
    )
    op.create_index(op.f("ix_evaluations_kind"), "evaluations", ["kind"], unique=False)
    op.create_index(op.f("ix_evaluations_status"), "evaluations", ["status"], unique=False)
    op.create_table(
        "exchange_rates",
        sa.Column("id", Key, nullable=False),
        sa.Column("recorded_at", UTCDateTime(), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("currency", Code, nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("rate", Money(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.CheckConstraint("length(currency) = 3", name=op.f("ck_exchange_rates_currency_is_code")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exchange_rates")),
        sa.UniqueConstraint(
            "currency", "effective_on", "sequence", name=op.f("uq_exchange_rates_currency_effective_on_sequence")
        ),
    )
    op.create_table(
        "framework_items",
        sa.Column("id", Key, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("updated_at", UTCDateTime(), nullable=False),
        sa.Column("archived_at", UTCDateTime(), nullable=True),
        sa.Column("framework", Code, nullable=False),
        sa.Column("level", Code, nullable=False),
        sa.Column("code", Code, nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("target", Money(), nullable=True),
        sa.Column("result_total", Money(), nullable=True),
        sa.Column("regions", sa.JSON(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.CheckConstraint("level IN ('outcome', 'output', 'indicator')", name=op.f("ck_framework_items_level_known")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_framework_items")),
        sa.UniqueConstraint("framework", "level", "code", name=op.f("uq_framework_items_framework_level_code")),
    )
    op.create_table(
        "import_runs",
        sa.Column("id", Key, nullable=False),
        sa.Column("kind", Code, nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("sha256", Code, nullable=False),
        sa.Column("started_at", UTCDateTime(), nullable=False),
        sa.Column("finished_at", UTCDateTime(), nullable=True),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("outcome", Code, nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.CheckConstraint("outcome IN ('running', 'done', 'failed')", name=op.f("ck_import_runs_outcome_known")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_runs")),
    )
    op.create_table(
        "institutional_budgets",
        sa.Column("id", Key, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("updated_at", UTCDateTime(), nullable=False),
        sa.Column("archived_at", UTCDateTime(), nullable=True),
        sa.Column("kind", Code, nullable=False),
        sa.Column("country", Code, nullable=False),
        sa.Column("period_start", sa.Date(), nullable=False),
        sa.Column("period_end", sa.Date(), nullable=False),
        sa.Column("line", Code, nullable=False),
        sa.Column("line_title", sa.Text(), nullable=True),
        sa.Column("amount", Money(), nullable=False),
        sa.Column("currency", Code, nullable=False),
        sa.Column("status", Code, nullable=False),
        sa.Column("value_date", sa.Date(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "(kind = 'country') = (country <> '')", name=op.f("ck_institutional_budgets_country_on_country_budgets")
        ),
        sa.CheckConstraint(
            "kind IN ('total', 'country', 'expenditure')", name=op.f("ck_institutional_budgets_kind_known")
        ),
        sa.CheckConstraint("status IN ('indicative', 'committed')", name=op.f("ck_institutional_budgets_status_known")),
        sa.CheckConstraint("length(currency) = 3", name=op.f("ck_institutional_budgets_currency_is_code")),
        sa.CheckConstraint("period_end >= period_start", name=op.f("ck_institutional_budgets_dates_in_order")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_institutional_budgets")),
        sa.UniqueConstraint(
            "kind",
            "country",
            "period_start",
            "line",
            name=op.f("uq_institutional_budgets_kind_country_period_start_line"),
        ),
    )
    op.create_table(
        "job_runs",
        sa.Column("id", Key, nullable=False),
        sa.Column("job", Code, nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("started_at", UTCDateTime(), nullable=False),
        sa.Column("finished_at", UTCDateTime(), nullable=True),
        sa.Column("outcome", Code, nullable=False),
        sa.Column("worker", sa.Text(), nullable=False),
        sa.Column("summary", sa.JSON(), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.CheckConstraint("outcome IN ('running', 'done', 'failed')", name=op.f("ck_job_runs_outcome_known")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job_runs")),
    )
    op.create_index("ix_job_runs_job_started", "job_runs", ["job", "started_at"], unique=False)
    op.create_table(
        "leases",
        sa.Column("id", Key, nullable=False),
        sa.Column("name", Code, nullable=False),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("expires_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_leases")),
        sa.UniqueConstraint("name", name=op.f("uq_leases_name")),
    )
    op.create_table(
        "messages",
        sa.Column("id", Key, nullable=False),
        sa.Column("message_id", Code, nullable=False),
        sa.Column("channel", Code, nullable=False),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("payload", sa.JSON(), nullable=True),
        sa.Column("thread", Code, nullable=True),
        sa.Column(
            "state",
            sa.Enum(
                "waiting",
                "sending",
                "sent",
                "failed",
                name="is_deliverystate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_attempt_at", UTCDateTime(), nullable=False),
        sa.Column("claimed_by", sa.Text(), nullable=True),
        sa.Column("claimed_until", UTCDateTime(), nullable=True),
        sa.Column("sent_at", UTCDateTime(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.CheckConstraint("channel IN ('mail', 'webhook')", name=op.f("ck_messages_channel_known")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_messages")),
        sa.UniqueConstraint("message_id", name=op.f("uq_messages_message_id")),
    )
    op.create_index("ix_messages_state_next", "messages", ["state", "next_attempt_at"], unique=False)
    op.create_table(
        "organisations",
        sa.Column("id", Key, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("updated_at", UTCDateTime(), nullable=False),
        sa.Column("archived_at", UTCDateTime(), nullable=True),
        sa.Column("identifier", Code, nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_key", Code, nullable=False),
        sa.Column("name_translations", sa.JSON(), nullable=False),
        sa.Column("type", Code, nullable=True),
        sa.Column("country", Code, nullable=True),
        sa.Column("former_identifiers", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisations")),
    )
    op.create_index("uq_organisations_identifier", "organisations", ["identifier"], unique=True)
    op.create_index(
        "uq_organisations_name_key",
        "organisations",
        ["name_key"],
        unique=True,
        sqlite_where=sa.text("identifier IS NULL"),
        postgresql_where=sa.text("identifier IS NULL"),
    )
    op.create_table(
        "releases",
        sa.Column("id", Key, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("updated_at", UTCDateTime(), nullable=False),
        sa.Column("archived_at", UTCDateTime(), nullable=True),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "prepared",
                "approved",
                "published",
                "superseded",
                "withdrawn",
                name="is_releasestate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("prepared_by", sa.Text(), nullable=False),
        sa.Column("approved_by", sa.Text(), nullable=True),
        sa.Column("approved_at", UTCDateTime(), nullable=True),
        sa.Column("published_at", UTCDateTime(), nullable=True),
        sa.Column("previous_id", Key, nullable=True),
        sa.Column("account", sa.JSON(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["previous_id"],
            ["releases.id"],
            name=op.f("fk_releases_previous_id"),
            ondelete="RESTRICT",
            initially="IMMEDIATE",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_releases")),
        sa.UniqueConstraint("number", name=op.f("uq_releases_number")),
    )
    op.create_index(op.f("ix_releases_previous_id"), "releases", ["previous_id"], unique=False)
    op.create_table(
        "subscriptions",
        sa.Column("id", Key, nullable=False),
        sa.Column("recorded_at", UTCDateTime(), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("email", Code, nullable=False),
        sa.Column("digests", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subscriptions")),
    )
    op.create_index(op.f("ix_subscriptions_email"), "subscriptions", ["email"], unique=False)
    op.create_table(
        "units",
        sa.Column("id", Key, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("updated_at", UTCDateTime(), nullable=False),
        sa.Column("archived_at", UTCDateTime(), nullable=True),
        sa.Column("code", Code, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("head", sa.Text(), nullable=True),
        sa.Column("head_email", sa.Text(), nullable=True),
        sa.Column("region", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_units")),
        sa.UniqueConstraint("code", name=op.f("uq_units_code")),
    )
    op.create_table(
        "evaluation_ratings",
        sa.Column("id", Key, nullable=False),
        sa.Column("evaluation_id", Key, nullable=False),
        sa.Column("criterion", Code, nullable=False),
        sa.Column("rating", sa.Integer(), nullable=False),
        sa.Column("comment", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "criterion IN ('relevance', 'coherence', 'effectiveness', 'efficiency', 'impact', 'sustainability')",
            name=op.f("ck_evaluation_ratings_criterion_known"),
        ),
        sa.CheckConstraint("rating BETWEEN 1 AND 6", name=op.f("ck_evaluation_ratings_rating_1_to_6")),
        sa.ForeignKeyConstraint(
            ["evaluation_id"],
            ["evaluations.id"],
            name=op.f("fk_evaluation_ratings_evaluation_id"),
            ondelete="RESTRICT",
            initially="IMMEDIATE",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evaluation_ratings")),
        sa.UniqueConstraint("evaluation_id", "criterion", name=op.f("uq_evaluation_ratings_evaluation_id_criterion")),
    )
    op.create_index(op.f("ix_evaluation_ratings_evaluation_id"), "evaluation_ratings", ["evaluation_id"], unique=False)
    op.create_table(
        "officers",
        sa.Column("id", Key, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("updated_at", UTCDateTime(), nullable=False),
        sa.Column("archived_at", UTCDateTime(), nullable=True),
        sa.Column("code", Code, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("unit_id", Key, nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["unit_id"],
            ["units.id"],
            name=op.f("fk_officers_unit_id"),
            ondelete="RESTRICT",
            initially="IMMEDIATE",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_officers")),
        sa.UniqueConstraint("code", name=op.f("uq_officers_code")),
    )
    op.create_index(op.f("ix_officers_unit_id"), "officers", ["unit_id"], unique=False)
    op.create_table(
        "organisation_files",
        sa.Column("id", Key, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("updated_at", UTCDateTime(), nullable=False),
        sa.Column("archived_at", UTCDateTime(), nullable=True),
        sa.Column("organisation_id", Key, nullable=False),
        sa.Column("document", sa.JSON(), nullable=False),
        sa.Column("import_id", Key, nullable=True),
        sa.ForeignKeyConstraint(
            ["import_id"],
            ["import_runs.id"],
            name=op.f("fk_organisation_files_import_id"),
            ondelete="RESTRICT",
            initially="IMMEDIATE",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisations.id"],
            name=op.f("fk_organisation_files_organisation_id"),
            ondelete="RESTRICT",
            initially="IMMEDIATE",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisation_files")),
        sa.UniqueConstraint("organisation_id", name=op.f("uq_organisation_files_organisation_id")),
    )
    op.create_index(op.f("ix_organisation_files_import_id"), "organisation_files", ["import_id"], unique=False)
    op.create_table(
        "partners",
        sa.Column("id", Key, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("updated_at", UTCDateTime(), nullable=False),
        sa.Column("archived_at", UTCDateTime(), nullable=True),
        sa.Column("code", Code, nullable=False),
        sa.Column("organisation_id", Key, nullable=False),
        sa.Column(
            "category",
            sa.Enum(
                "government",
                "domestic-public",
                "un-entity",
                "un-pooled-fund",
                "ifi",
                "eu",
                "other-igo",
                "private-sector",
                "foundation",
                "public-institution",
                "social-partner",
                "multi-donor",
                name="is_partnercategory",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("subcategory", sa.Text(), nullable=True),
        sa.Column(
            "screening",
            sa.Enum(
                "not-required",
                "pending",
                "cleared",
                "refused",
                name="is_screening",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("cleared_until", sa.Date(), nullable=True),
        sa.Column("framework_agreement", sa.Text(), nullable=True),
        sa.Column("framework_starts_on", sa.Date(), nullable=True),
        sa.Column("framework_ends_on", sa.Date(), nullable=True),
        sa.Column("framework_themes", sa.JSON(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisations.id"],
            name=op.f("fk_partners_organisation_id"),
            ondelete="RESTRICT",
            initially="IMMEDIATE",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_partners")),
        sa.UniqueConstraint("code", name=op.f("uq_partners_code")),
    )
    op.create_index(op.f("ix_partners_category"), "partners", ["category"], unique=False)
    op.create_index(op.f("ix_partners_organisation_id"), "partners", ["organisation_id"], unique=False)
    op.create_table(
        "recommendations",
        sa.Column("id", Key, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("updated_at", UTCDateTime(), nullable=False),
        sa.Column("archived_at", UTCDateTime(), nullable=True),
        sa.Column("reference", Code, nullable=False),
        sa.Column("evaluation_id", Key, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column(
            "response",
            sa.Enum(
                "accepted",
                "partly",
                "rejected",
                name="is_recommendationresponse",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("response_text", sa.Text(), nullable=True),
        sa.Column("response_on", sa.Date(), nullable=True),
        sa.Column("response_due_on", sa.Date(), nullable=True),
        sa.Column("owner", sa.Text(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column(
            "status",
            sa.Enum(
                "open",
                "in-progress",
                "done",
                "verified",
                "dropped",
                name="is_recommendationstatus",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("verified_by", sa.Text(), nullable=True),
        sa.Column("verified_on", sa.Date(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["evaluation_id"],
            ["evaluations.id"],
            name=op.f("fk_recommendations_evaluation_id"),
            ondelete="RESTRICT",
            initially="IMMEDIATE",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recommendations")),
        sa.UniqueConstraint("reference", name=op.f("uq_recommendations_reference")),
    )
    op.create_index(op.f("ix_recommendations_due_on"), "recommendations", ["due_on"], unique=False)
    op.create_index(op.f("ix_recommendations_evaluation_id"), "recommendations", ["evaluation_id"], unique=False)
    op.create_table(
        "release_files",
        sa.Column("id", Key, nullable=False),
        sa.Column("release_id", Key, nullable=False),
        sa.Column("dataset", Code, nullable=False),
        sa.Column("file_type", Code, nullable=False),
        sa.Column("activities", sa.Integer(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", Code, nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["release_id"],
            ["releases.id"],
            name=op.f("fk_release_files_release_id"),
            ondelete="RESTRICT",
            initially="IMMEDIATE",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_release_files")),
        sa.UniqueConstraint("release_id", "dataset", name=op.f("uq_release_files_release_id_dataset")),
    )
    op.create_index(op.f("ix_release_files_release_id"), "release_files", ["release_id"], unique=False)
    op.create_table(
        "setup",
        sa.Column("id", Key, nullable=False),
        sa.Column("organisation_id", Key, nullable=False),
        sa.Column("currency", Code, nullable=False),
        sa.Column("language", Code, nullable=False),
        sa.Column("languages", sa.JSON(), nullable=False),
        sa.Column("fiscal_year_start", sa.Integer(), nullable=False),
        sa.Column("biennium_starts_even", sa.Boolean(), nullable=False),
        sa.Column("default_flow_type", Code, nullable=True),
        sa.Column("default_finance_type", Code, nullable=True),
        sa.Column("default_tied_status", Code, nullable=True),
        sa.Column("default_aid_type", Code, nullable=True),
        sa.Column("closed_until", sa.Date(), nullable=True),
        sa.Column("approval_by_second_person", sa.Boolean(), nullable=False),
        sa.CheckConstraint("fiscal_year_start BETWEEN 1 AND 12", name=op.f("ck_setup_fiscal_year_start_is_month")),
        sa.CheckConstraint("id = 1", name=op.f("ck_setup_one_row")),
        sa.CheckConstraint("length(currency) = 3", name=op.f("ck_setup_currency_is_code")),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisations.id"],
            name=op.f("fk_setup_organisation_id"),
            ondelete="RESTRICT",
            initially="IMMEDIATE",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_setup")),
    )
    op.create_table(
        "agreements",
        sa.Column("id", Key, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("updated_at", UTCDateTime(), nullable=False),
        sa.Column("archived_at", UTCDateTime(), nullable=True),
        sa.Column("reference", Code, nullable=False),
        sa.Column("partner_id", Key, nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("preset", Code, nullable=True),
        sa.Column(
            "status",
            sa.Enum(
                "pledged",
                "signed",
                "completed",
                "cancelled",
                name="is_agreementstatus",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("signed_on", sa.Date(), nullable=True),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("currency", Code, nullable=False),
        sa.Column("amount", Money(), nullable=False),
        sa.Column("support_cost_rate", Money(), nullable=True),
        sa.Column("gross", sa.Boolean(), nullable=False),
        sa.Column("earmarked_for", sa.Text(), nullable=True),
        sa.Column("framework", sa.Text(), nullable=True),
        sa.Column("modality", Code, nullable=False),
        sa.Column("category", sa.Integer(), nullable=False),
        sa.Column("aid_type", Code, nullable=True),
        sa.Column("corporate_wording", sa.Text(), nullable=True),
        sa.Column("provider_activity", Code, nullable=True),
        sa.Column(
            "origin",
            sa.Enum("own", "imported", name="is_origin", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("note", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "status NOT IN ('signed', 'completed') OR signed_on IS NOT NULL", name=op.f("ck_agreements_signed_has_date")
        ),
        sa.CheckConstraint("category BETWEEN 1 AND 4", name=op.f("ck_agreements_category_1_to_4")),
        sa.CheckConstraint(
            "ends_on IS NULL OR starts_on IS NULL OR ends_on >= starts_on", name=op.f("ck_agreements_dates_in_order")
        ),
        sa.CheckConstraint("length(currency) = 3", name=op.f("ck_agreements_currency_is_code")),
        sa.CheckConstraint("length(modality) = 1", name=op.f("ck_agreements_modality_is_letter")),
        sa.ForeignKeyConstraint(
            ["partner_id"],
            ["partners.id"],
            name=op.f("fk_agreements_partner_id"),
            ondelete="RESTRICT",
            initially="IMMEDIATE",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agreements")),
        sa.UniqueConstraint("reference", name=op.f("uq_agreements_reference")),
    )
    op.create_index(op.f("ix_agreements_category"), "agreements", ["category"], unique=False)
    op.create_index(op.f("ix_agreements_partner_id"), "agreements", ["partner_id"], unique=False)
    op.create_index(op.f("ix_agreements_preset"), "agreements", ["preset"], unique=False)
    op.create_index(op.f("ix_agreements_signed_on"), "agreements", ["signed_on"], unique=False)
    op.create_index(op.f("ix_agreements_status"), "agreements", ["status"], unique=False)
    op.create_table(
        "calendar_feeds",
        sa.Column("id", Key, nullable=False),
        sa.Column("recorded_at", UTCDateTime(), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("token_hash", Code, nullable=False),
        sa.Column("officer_id", Key, nullable=True),
        sa.Column("unit_id", Key, nullable=True),
        sa.Column("revoked_at", UTCDateTime(), nullable=True),
        sa.CheckConstraint("(officer_id IS NULL) <> (unit_id IS NULL)", name=op.f("ck_calendar_feeds_one_owner")),
        sa.ForeignKeyConstraint(
            ["officer_id"],
            ["officers.id"],
            name=op.f("fk_calendar_feeds_officer_id"),
            ondelete="RESTRICT",
            initially="IMMEDIATE",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["unit_id"],
            ["units.id"],
            name=op.f("fk_calendar_feeds_unit_id"),
            ondelete="RESTRICT",
            initially="IMMEDIATE",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar_feeds")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_calendar_feeds_token_hash")),
    )
    op.create_index(op.f("ix_calendar_feeds_officer_id"), "calendar_feeds", ["officer_id"], unique=False)
    op.create_index(op.f("ix_calendar_feeds_unit_id"), "calendar_feeds", ["unit_id"], unique=False)
    op.create_table(
        "evaluation_policies",
        sa.Column("id", Key, nullable=False),
        sa.Column("recorded_at", UTCDateTime(), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("code", Code, nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("partner_id", Key, nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("activation_on", sa.Date(), nullable=True),
        sa.Column("retired", sa.Boolean(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["partner_id"],
            ["partners.id"],
            name=op.f("fk_evaluation_policies_partner_id"),
            ondelete="RESTRICT",
            initially="IMMEDIATE",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evaluation_policies")),
        sa.UniqueConstraint("code", "sequence", name=op.f("uq_evaluation_policies_code_sequence")),
    )
    op.create_index(op.f("ix_evaluation_policies_partner_id"), "evaluation_policies", ["partner_id"], unique=False)
    op.create_table(
        "projects",
        sa.Column("id", Key, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("updated_at", UTCDateTime(), nullable=False),
        sa.Column("archived_at", UTCDateTime(), nullable=True),
        sa.Column(
            "grain",
            sa.Enum(
                "project", "pool", "programme", name="is_grain", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column("code", Code, nullable=False),
        sa.Column("iati_identifier", Code, nullable=False),
        sa.Column("identifier_frozen", sa.Boolean(), nullable=False),
        sa.Column("former_identifiers", sa.JSON(), nullable=False),
        sa.Column(
            "origin",
            sa.Enum("own", "imported", name="is_origin", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("reporting_org_id", Key, nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("title_translations", sa.JSON(), nullable=False),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("description_translations", sa.JSON(), nullable=False),
        sa.Column("language", Code, nullable=True),
        sa.Column("default_currency", Code, nullable=True),
        sa.Column(
            "stage",
            sa.Enum(
                "pipeline",
                "implementation",
                "finalisation",
                "closed",
                "cancelled",
                "suspended",
                name="is_stage",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("planned_start", sa.Date(), nullable=True),
        sa.Column("planned_end", sa.Date(), nullable=True),
        sa.Column("actual_start", sa.Date(), nullable=True),
        sa.Column("actual_end", sa.Date(), nullable=True),
        sa.Column("operationally_closed_on", sa.Date(), nullable=True),
        sa.Column("financially_closed_on", sa.Date(), nullable=True),
        sa.Column("total_budget", Money(), nullable=True),
        sa.Column("budget_currency", Code, nullable=True),
        sa.Column("unit_id", Key, nullable=True),
        sa.Column("officer_id", Key, nullable=True),
        sa.Column("backstopping_unit_id", Key, nullable=True),
        sa.Column("parent_id", Key, nullable=True),
        sa.Column("phase", sa.Text(), nullable=True),
        sa.Column("outcome", Code, nullable=True),
        sa.Column("country_programme", sa.Text(), nullable=True),
        sa.Column("gender_marker", sa.Integer(), nullable=True),
        sa.Column("mid_term_agreed", sa.Boolean(), nullable=True),
        sa.Column("pilot", sa.Boolean(), nullable=False),
        sa.Column("humanitarian", sa.Boolean(), nullable=True),
        sa.Column("south_south", sa.Boolean(), nullable=False),
        sa.Column("activity_scope", Code, nullable=True),
        sa.Column("collaboration_type", Code, nullable=True),
        sa.Column("flow_type", Code, nullable=True),
        sa.Column("finance_type", Code, nullable=True),
        sa.Column("aid_type", Code, nullable=True),
        sa.Column("tied_status", Code, nullable=True),
        sa.Column("withheld_reason", sa.Text(), nullable=True),
        sa.Column("embargo_until", sa.Date(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("content_version", sa.Integer(), nullable=False),
        sa.Column("content_changed_at", UTCDateTime(), nullable=True),
        sa.Column("iati_remainder", sa.JSON(), nullable=True),
        sa.CheckConstraint(
            "actual_end IS NULL OR actual_start IS NULL OR actual_end >= actual_start OR origin = 'imported'",
            name=op.f("ck_projects_actual_dates_in_order"),
        ),
        sa.CheckConstraint(
            "planned_end IS NULL OR planned_start IS NULL OR planned_end >= planned_start OR origin = 'imported'",
            name=op.f("ck_projects_planned_dates_in_order"),
        ),
        sa.CheckConstraint(
            "(total_budget IS NULL) = (budget_currency IS NULL)", name=op.f("ck_projects_budget_has_currency")
        ),
        sa.CheckConstraint(
            "gender_marker IS NULL OR gender_marker BETWEEN 0 AND 3", name=op.f("ck_projects_gender_marker_0_to_3")
        ),
        sa.CheckConstraint("parent_id IS NULL OR parent_id <> id", name=op.f("ck_projects_not_its_own_parent")),
        sa.ForeignKeyConstraint(
            ["backstopping_unit_id"],
            ["units.id"],
            name=op.f("fk_projects_backstopping_unit_id"),
            ondelete="RESTRICT",
            initially="IMMEDIATE",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["officer_id"],
            ["officers.id"],
            name=op.f("fk_projects_officer_id"),
            ondelete="RESTRICT",
            initially="IMMEDIATE",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["parent_id"],
            ["projects.id"],
            name=op.f("fk_projects_parent_id"),
            ondelete="RESTRICT",
            initially="IMMEDIATE",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["reporting_org_id"],
            ["organisations.id"],
            name=op.f("fk_projects_reporting_org_id"),
            ondelete="RESTRICT",
            initially="IMMEDIATE",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["unit_id"],
            ["units.id"],
            name=op.f("fk_projects_unit_id"),
            ondelete="RESTRICT",
            initially="IMMEDIATE",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_projects")),
        sa.UniqueConstraint("code", name=op.f("uq_projects_code")),
        sa.UniqueConstraint("iati_identifier", name=op.f("uq_projects_iati_identifier")),
    )
    op.create_index(op.f("ix_projects_backstopping_unit_id"), "projects", ["backstopping_unit_id"], unique=False)
    op.create_index("ix_projects_grain_code", "projects", ["grain", "code"], unique=False)
    op.create_index("ix_projects_officer_code", "projects", ["officer_id", "code"], unique=False)
    op.create_index("ix_projects_outcome_code", "projects", ["outcome", "code"], unique=False)
    op.create_index(op.f("ix_projects_parent_id"), "projects", ["parent_id"], unique=False)
    op.create_index(op.f("ix_projects_planned_end"), "projects", ["planned_end"], unique=False)
    op.create_index(op.f("ix_projects_reporting_org_id"), "projects", ["reporting_org_id"], unique=False)
    op.create_index("ix_projects_stage_code", "projects", ["stage", "code"], unique=False)
    op.create_index("ix_projects_unit_code", "projects", ["unit_id", "code"], unique=False)
    op.create_table(
        "recommendation_actions",
        sa.Column("id", Key, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("updated_at", UTCDateTime(), nullable=False),
        sa.Column("archived_at", UTCDateTime(), nullable=True),
        sa.Column("recommendation_id", Key, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("done_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["recommendation_id"],
            ["recommendations.id"],
            name=op.f("fk_recommendation_actions_recommendation_id"),
            ondelete="RESTRICT",
            initially="IMMEDIATE",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recommendation_actions")),
    )
    op.create_index(
        op.f("ix_recommendation_actions_recommendation_id"),
        "recommendation_actions",
        ["recommendation_id"],
        unique=False,
    )
    op.create_table(
        "users",
        sa.Column("id", Key, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("updated_at", UTCDateTime(), nullable=False),
        sa.Column("archived_at", UTCDateTime(), nullable=True),
        sa.Column("name", Code, nullable=False),
        sa.Column(
            "role",
            sa.Enum(
                "viewer",
                "officer",
                "evaluator",
                "publisher",
                "admin",
                name="is_role",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("unit_id", Key, nullable=True),
        sa.Column("officer_id", Key, nullable=True),
        sa.Column("openid_subject", Code, nullable=True),
        sa.ForeignKeyConstraint(
            ["officer_id"],
            ["officers.id"],
            name=op.f("fk_users_officer_id"),
            ondelete="RESTRICT",
            initially="IMMEDIATE",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["unit_id"],
            ["units.id"],
            name=op.f("fk_users_unit_id"),
            ondelete="RESTRICT",
            initially="IMMEDIATE",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_users")),
        sa.UniqueConstraint("name", name=op.f("uq_users_name")),
        sa.UniqueConstraint("openid_subject", name=op.f("uq_users_openid_subject")),
    )
    op.create_index(op.f("ix_users_officer_id"), "users", ["officer_id"], unique=False)
    op.create_index(op.f("ix_users_unit_id"), "users", ["unit_id"], unique=False)
    op.create_table(
        "agreement_revisions",
        sa.Column("id", Key, nullable=False),
        sa.Column("recorded_at", UTCDateTime(), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("agreement_id", Key, nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("known_on", sa.Date(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("amount", Money(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "pledged",
                "signed",
                "completed",
                "cancelled",
                name="is_agreementstatus",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["agreement_id"],
            ["agreements.id"],
            name=op.f("fk_agreement_revisions_agreement_id"),
            ondelete="RESTRICT",
            initially="IMMEDIATE",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agreement_revisions")),
        sa.UniqueConstraint("agreement_id", "sequence", name=op.f("uq_agreement_revisions_agreement_id_sequence")),
    )
    op.create_index(op.f("ix_agreement_revisions_agreement_id"), "agreement_revisions", ["agreement_id"], unique=False)
    op.create_table(
        "alerts",
        sa.Column("id", Key, nullable=False),
        sa.Column("recorded_at", UTCDateTime(), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("subject_kind", Code, nullable=False),
        sa.Column("subject_id", sa.Integer(), nullable=False),
        sa.Column("project_id", Key, nullable=True),
        sa.Column("officer_id", Key, nullable=True),
        sa.Column("rung", Code, nullable=False),
        sa.Column("rung_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("told_by_id", Key, nullable=True),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("run_id", Key, nullable=True),
        sa.CheckConstraint(
            "subject_kind IN ('obligation', 'recommendation', 'response', 'instalment', 'agreement')",
            name=op.f("ck_alerts_subject_kind_known"),
        ),
        sa.ForeignKeyConstraint(
            ["officer_id"],
            ["officers.id"],
            name=op.f("fk_alerts_officer_id"),
            ondelete="RESTRICT",
            initially="IMMEDIATE",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["project_id"],
            ["projects.id"],
            name=op.f("fk_alerts_project_id"),
            ondelete="RESTRICT",
            initially="IMMEDIATE",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["run_id"],
            ["job_runs.id"],
            name=op.f("fk_alerts_run_id"),
            ondelete="RESTRICT",
            initially="IMMEDIATE",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["told_by_id"],
            ["alerts.id"],
            name=op.f("fk_alerts_told_by_id"),
            ondelete="RESTRICT",
            initially="IMMEDIATE",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alerts")),
        sa.UniqueConstraint(
            "subject_kind", "subject_id", "rung", "due_on", name=op.f("uq_alerts_subject_kind_subject_id_rung_due_on")
        ),
    )
    op.create_index(op.f("ix_alerts_officer_id"), "alerts", ["officer_id"], unique=False)
    op.create_index(op.f("ix_alerts_project_id"), "alerts", ["project_id"], unique=False)
    op.create_index(op.f("ix_alerts_run_id"), "alerts", ["run_id"], unique=False)
    op.create_index(op.f("ix_alerts_subject_id"), "alerts", ["subject_id"], unique=False)
    op.create_index(op.f("ix_alerts_told_by_id"), "alerts", ["told_by_id"], unique=False)
    op.create_table(
        "allocations",
        sa.Column("id", Key, nullable=False),
        sa.Column("recorded_at", UTCDateTime(), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("project_id", Key, nullable=False),
        sa.Column("period_start", sa.Date(), nullable=True),
        sa.Column("period_end", sa.Date(), nullable=True),
        sa.Column("agreement_id", Key, nullable=True),
        sa.Column("source", Code, nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "original", "revised", name="is_allocationkind", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column("outcome", Code, nullable=False),
        sa.Column("country", Code, nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("decided_on", sa.Date(), nullable=False),
        sa.Column("amount", Money(), nullable=False),
        sa.Column("currency", Code, nullable=False),
        sa.Column("status", Code, nullable=True),
        sa.Column("value_date", sa.Date(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("supersedes_id", Key, nullable=True),
        sa.Column("withdrawn", sa.Boolean(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("ordinal", sa.Integer(), nullable=True),
        sa.Column("remainder", sa.JSON(), nullable=True),
        sa.CheckConstraint("length(currency) = 3 OR ordinal IS NOT NULL", name=op.f("ck_allocations_currency_is_code")),
        sa.ForeignKeyConstraint(
            ["agreement_id"],
            ["agreements.id"],
            name=op.f("fk_allocations_agreement_id"),
            ondelete="RESTRICT",
            initially="IMMEDIATE",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["project_id"],
            ["projects.id"],
            name=op.f("fk_allocations_project_id"),
            ondelete="RESTRICT",
            initially="IMMEDIATE",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["supersedes_id"],
            ["allocations.id"],
            name=op.f("fk_allocations_supersedes_id"),
            ondelete="RESTRICT",
            initially="IMMEDIATE",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_allocations")),
    )
    op.create_index(op.f("ix_allocations_agreement_id"), "allocations", ["agreement_id"], unique=False)
    op.create_index(
        "ix_allocations_project_period", "allocations", ["project_id", "period_start", "period_end"], unique=False
    )
    op.create_index(op.f("ix_allocations_supersedes_id"), "allocations", ["supersedes_id"], unique=False)
    op.create_table(
        "assessed_projects",
        sa.Column("id", Key, nullable=False),
        sa.Column("project_id", Key, nullable=False),
        sa.Column("stamp", Code, nullable=False),
        sa.Column("digest", Code, nullable=False),
        sa.Column("assessed_on", sa.Date(), nullable=False),
        sa.Column("revision_id", sa.Integer(), nullable=False),
        sa.Column("next_on", sa.Date(), nullable=True),
        sa.Column("policy", Code, nullable=True),
        sa.Column("findings", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["project_id"],
            ["projects.id"],
            name=op.f("fk_assessed_projects_project_id"),
            ondelete="RESTRICT",
            initially="IMMEDIATE",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assessed_projects")),
        sa.UniqueConstraint("project_id", name=op.f("uq_assessed_projects_project_id")),
    )
    op.create_index(op.f("ix_assessed_projects_next_on"), "assessed_projects", ["next_on"], unique=False)
    op.create_table(
        "classifications",
        sa.Column("id", Key, nullable=False),
        sa.Column("project_id", Key, nullable=False),
        sa.Column("kind", Code, nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("vocabulary", Code, nullable=True),
        sa.Column("code", Code, nullable=False),
        sa.Column("percentage", Money(), nullable=True),
        sa.Column("significance", Code, nullable=True),
        sa.Column("remainder", sa.JSON(), nullable=True),
        sa.CheckConstraint(
            "kind IN ('country', 'region', 'sector', 'tag', 'policy-marker')",
            name=op.f("ck_classifications_kind_known"),
        ),
        sa.ForeignKeyConstraint(
            ["project_id"],
            ["projects.id"],
            name=op.f("fk_classifications_project_id"),
            ondelete="RESTRICT",
            initially="IMMEDIATE",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_classifications")),
    )
    op.create_index("ix_classifications_kind_code", "classifications", ["kind", "code"], unique=False)
    op.create_index(op.f("ix_classifications_project_id"), "classifications", ["project_id"], unique=False)
    op.create_table(
        "contacts",
        sa.Column("id", Key, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("updated_at", UTCDateTime(), nullable=False),
        sa.Column("archived_at", UTCDateTime(), nullable=True),
        sa.Column("project_id", Key, nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("type", Code, nullable=True),
        sa.Column("organisation", sa.Text(), nullable=True),
        sa.Column("department", sa.Text(), nullable=True),
        sa.Column("person", sa.Text(), nullable=True),
        sa.Column("job_title", sa.Text(), nullable=True),
        sa.Column("telephone", sa.Text(), nullable=True),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("website", sa.Text(), nullable=True),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("released", sa.Boolean(), nullable=False),
        sa.Column("remainder", sa.JSON(), nullable=True),
        sa.ForeignKeyConstraint(
            ["project_id"],
            ["projects.id"],
            name=op.f("fk_contacts_project_id"),
            ondelete="RESTRICT",
            initially="IMMEDIATE",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contacts")),
    )
    op.create_index(op.f("ix_contacts_project_id"), "contacts", ["project_id"], unique=False)
    op.create_table(
        "documents",
        sa.Column("id", Key, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("updated_at", UTCDateTime(), nullable=False),
        sa.Column("archived_at", UTCDateTime(), nullable=True),
        sa.Column("project_id", Key, nullable=True),
        sa.Column("evaluation_id", Key, nullable=True),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("format", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("title_translations", sa.JSON(), nullable=False),
        sa.Column("category", Code, nullable=False),
        sa.Column("language", Code, nullable=True),
        sa.Column("document_date", sa.Date(), nullable=True),
        sa.Column("country", Code, nullable=True),
        sa.Column("withheld_reason", sa.Text(), nullable=True),
        sa.Column("embargo_until", sa.Date(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("remainder", sa.JSON(), nullable=True),
        sa.ForeignKeyConstraint(
            ["evaluation_id"],
            ["evaluations.id"],
            name=op.f("fk_documents_evaluation_id"),
            ondelete="RESTRICT",
            initially="IMMEDIATE",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["project_id"],
            ["projects.id"],
            name=op.f("fk_documents_project_id"),
            ondelete="RESTRICT",
            initially="IMMEDIATE",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_documents")),
    )
    op.create_index(op.f("ix_documents_evaluation_id"), "documents", ["evaluation_id"], unique=False)
    op.create_index(op.f("ix_documents_project_id"), "documents", ["project_id"], unique=False)
    op.create_table(
        "encumbrances",
        sa.Column("id", Key, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("updated_at", UTCDateTime(), nullable=False),
        sa.Column("archived_at", UTCDateTime(), nullable=True),
        sa.Column("document", Code, nullable=False),
        sa.Column("project_id", Key, nullable=False),
        sa.Column("date", sa.Date(), nullable=False),
        sa.Column("amount", Money(), nullable=False),
        sa.Column("currency", Code, nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "encumbrance",
                "advance",
                name="is_encumbrancekind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("released_on", sa.Date(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.CheckConstraint("length(currency) = 3", name=op.f("ck_encumbrances_currency_is_code")),
        sa.ForeignKeyConstraint(
            ["project_id"],
            ["projects.id"],
            name=op.f("fk_encumbrances_project_id"),
            ondelete="RESTRICT",
            initially="IMMEDIATE",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_encumbrances")),
        sa.UniqueConstraint("document", name=op.f("uq_encumbrances_document")),
    )
    op.create_index(op.f("ix_encumbrances_project_id"), "encumbrances", ["project_id"], unique=False)
    op.create_table(
        "evaluation_projects",
        sa.Column("id", Key, nullable=False),
        sa.Column("evaluation_id", Key, nullable=False),
        sa.Column("project_id", Key, nullable=False),
        sa.ForeignKeyConstraint(
            ["evaluation_id"],
            ["evaluations.id"],
            name=op.f("fk_evaluation_projects_evaluation_id"),
            ondelete="RESTRICT",
            initially="IMMEDIATE",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["project_id"],
            ["projects.id"],
            name=op.f("fk_evaluation_projects_project_id"),
            ondelete="RESTRICT",
            initially="IMMEDIATE",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evaluation_projects")),
        sa.UniqueConstraint(
            "evaluation_id", "project_id", name=op.f("uq_evaluation_projects_evaluation_id_project_id")
        ),
    )
    op.create_index(
        op.f("ix_evaluation_projects_evaluation_id"), "evaluation_projects", ["evaluation_id"], unique=False
    )
    op.create_index(op.f("ix_evaluation_projects_project_id"), "evaluation_projects", ["project_id"], unique=False)
    op.create_table(
        "fragments",
        sa.Column("id", Key, nullable=False),
        sa.Column("project_id", Key, nullable=False),
        sa.Column("content_version", sa.Integer(), nullable=False),
        sa.Column("mapping_version", Code, nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=False),
        sa.Column("hash", Code, nullable=False),
        sa.Column("xml", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["project_id"],
            ["projects.id"],
            name=op.f("fk_fragments_project_id"),
            ondelete="CASCADE",
            initially="IMMEDIATE",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fragments")),
        sa.UniqueConstraint("project_id", name=op.f("uq_fragments_project_id")),
    )
    op.create_table(
        "funding_shares",
        sa.Column("id", Key, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("updated_at", UTCDateTime(), nullable=False),
        sa.Column("archived_at", UTCDateTime(), nullable=True),
        sa.Column("agreement_id", Key, nullable=False),
        sa.Column("project_id", Key, nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("amount", Money(), nullable=True),
        sa.Column("percent", Money(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "ends_on IS NULL OR starts_on IS NULL OR ends_on >= starts_on",
            name=op.f("ck_funding_shares_dates_in_order"),
        ),
        sa.ForeignKeyConstraint(
            ["agreement_id"],
            ["agreements.id"],
            name=op.f("fk_funding_shares_agreement_id"),
            ondelete="RESTRICT",
            initially="IMMEDIATE",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["project_id"],
            ["projects.id"],
            name=op.f("fk_funding_shares_project_id"),
            ondelete="RESTRICT",
            initially="IMMEDIATE",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_funding_shares")),
        sa.UniqueConstraint(
            "agreement_id", "project_id", "starts_on", name=op.f("uq_funding_shares_agreement_id_project_id_starts_on")
        ),
    )
    op.create_index(op.f("ix_funding_shares_agreement_id"), "funding_shares", ["agreement_id"], unique=False)
    op.create_index(op.f("ix_funding_shares_project_id"), "funding_shares", ["project_id"], unique=False)
    op.create_table(
        "idempotency_keys",
        sa.Column("id", Key, nullable=False),
        sa.Column("user_id", Key, nullable=False),
        sa.Column("key", Code, nullable=False),
        sa.Column("request_hash", Code, nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("headers", sa.JSON(), nullable=True),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["users.id"],
            name=op.f("fk_idempotency_keys_user_id"),
            ondelete="RESTRICT",
            initially="IMMEDIATE",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_idempotency_keys")),
        sa.UniqueConstraint("user_id", "key", name=op.f("uq_idempotency_keys_user_id_key")),
    )
    op.create_index(op.f("ix_idempotency_keys_created_at"), "idempotency_keys", ["created_at"], unique=False)
    op.create_index(op.f("ix_idempotency_keys_user_id"), "idempotency_keys", ["user_id"], unique=False)
    op.create_table(
        "instalments",
        sa.Column("id", Key, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("updated_at", UTCDateTime(), nullable=False),
        sa.Column("archived_at", UTCDateTime(), nullable=True),
        sa.Column("agreement_id", Key, nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("amount", Money(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["agreement_id"],
            ["agreements.id"],
            name=op.f("fk_instalments_agreement_id"),
            ondelete="RESTRICT",
            initially="IMMEDIATE",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_instalments")),
        sa.UniqueConstraint("agreement_id", "due_on", name=op.f("uq_instalments_agreement_id_due_on")),
    )
    op.create_index(op.f("ix_instalments_agreement_id"), "instalments", ["agreement_id"], unique=False)
    op.create_table(
        "ledger_entries",
        sa.Column("id", Key, nullable=False),
        sa.Column("recorded_at", UTCDateTime(), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("project_id", Key, nullable=False),
        sa.Column("agreement_id", Key, nullable=True),
        sa.Column("document", Code, nullable=True),
        sa.Column("type", Code, nullable=False),
        sa.Column("date", sa.Date(), nullable=False),
        sa.Column("amount", Money(), nullable=False),
        sa.Column("currency", Code, nullable=False),
        sa.Column("value_date", sa.Date(), nullable=True),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("description_translations", sa.JSON(), nullable=True),
        sa.Column("provider_id", Key, nullable=True),
        sa.Column("provider_activity", Code, nullable=True),
        sa.Column("receiver_id", Key, nullable=True),
        sa.Column("receiver_activity", Code, nullable=True),
        sa.Column("country", Code, nullable=True),
        sa.Column("sector", Code, nullable=True),
        sa.Column("assistance", sa.Text(), nullable=True),
        sa.Column("flow_type", Code, nullable=True),
        sa.Column("finance_type", Code, nullable=True),
        sa.Column("aid_type", Code, nullable=True),
        sa.Column("tied_status", Code, nullable=True),
        sa.Column("internal", sa.Boolean(), nullable=False),
        sa.Column(
            "entry_kind",
            sa.Enum(
                "posting",
                "adjustment",
                "withdrawal",
                name="is_entrykind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("adjusts_id", Key, nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("withheld_reason", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("reference", Code, nullable=True),
        sa.Column("ordinal", sa.Integer(), nullable=True),
        sa.Column("remainder", sa.JSON(), nullable=True),
        sa.CheckConstraint(
            "(entry_kind = 'posting') = (adjusts_id IS NULL)", name=op.f("ck_ledger_entries_correction_names_its_entry")
        ),
        sa.CheckConstraint(
            "entry_kind = 'posting' OR reason <> ''", name=op.f("ck_ledger_entries_correction_has_reason")
        ),
        sa.CheckConstraint(
            "length(currency) = 3 OR ordinal IS NOT NULL", name=op.f("ck_ledger_entries_currency_is_code")
        ),
        sa.ForeignKeyConstraint(
            ["adjusts_id"],
            ["ledger_entries.id"],
            name=op.f("fk_ledger_entries_adjusts_id"),
            ondelete="RESTRICT",
            initially="IMMEDIATE",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["agreement_id"],
            ["agreements.id"],
            name=op.f("fk_ledger_entries_agreement_id"),
            ondelete="RESTRICT",
            initially="IMMEDIATE",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["project_id"],
            ["projects.id"],
            name=op.f("fk_ledger_entries_project_id"),
            ondelete="RESTRICT",
            initially="IMMEDIATE",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["provider_id"],
            ["organisations.id"],
            name=op.f("fk_ledger_entries_provider_id"),
            ondelete="RESTRICT",
            initially="IMMEDIATE",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["receiver_id"],
            ["organisations.id"],
            name=op.f("fk_ledger_entries_receiver_id"),
            ondelete="RESTRICT",
            initially="IMMEDIATE",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_entries")),
        sa.UniqueConstraint("document", name=op.f("uq_ledger_entries_document")),
    )
    op.create_index(op.f("ix_ledger_entries_adjusts_id"), "ledger_entries", ["adjusts_id"], unique=False)
    op.create_index(op.f("ix_ledger_entries_agreement_id"), "ledger_entries", ["agreement_id"], unique=False)
    op.create_index(
        "ix_ledger_entries_project_type_date", "ledger_entries", ["project_id", "type", "date"], unique=False
    )
    op.create_index(op.f("ix_ledger_entries_provider_id"), "ledger_entries", ["provider_id"], unique=False)
    op.create_index(op.f("ix_ledger_entries_receiver_id"), "ledger_entries", ["receiver_id"], unique=False)
    op.create_table(
        "links",
        sa.Column("id", Key, nullable=False),
        sa.Column("project_id", Key, nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("type", Code, nullable=False),
        sa.Column("identifier", Code, nullable=False),
        sa.Column("remainder", sa.JSON(), nullable=True),
        sa.ForeignKeyConstraint(
            ["project_id"],
            ["projects.id"],
            name=op.f("fk_links_project_id"),
            ondelete="RESTRICT",
            initially="IMMEDIATE",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_links")),
    )
    op.create_index(op.f("ix_links_project_id"), "links", ["project_id"], unique=False)
    op.create_table(
        "locations",
        sa.Column("id", Key, nullable=False),
        sa.Column("project_id", Key, nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("reference", Code, nullable=True),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("position", sa.Text(), nullable=True),
        sa.Column("exactness", Code, nullable=True),
        sa.Column("location_class", Code, nullable=True),
        sa.Column("remainder", sa.JSON(), nullable=True),
        sa.ForeignKeyConstraint(
            ["project_id"],
            ["projects.id"],
            name=op.f("fk_locations_project_id"),
            ondelete="RESTRICT",
            initially="IMMEDIATE",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_locations")),
    )
    op.create_index(op.f("ix_locations_project_id"), "locations", ["project_id"], unique=False)
    op.create_table(
        "obligations",
        sa.Column("id", Key, nullable=False),
        sa.Column("project_id", Key, nullable=False),
        sa.Column("key", Code, nullable=False),
        sa.Column("kind", Code, nullable=True),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("independence", Code, nullable=True),
        sa.Column("status", Code, nullable=False),
        sa.Column("opens_on", sa.Date(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("late_on", sa.Date(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("rules", sa.JSON(), nullable=False),
        sa.Column("missing", sa.Text(), nullable=True),
        sa.Column("terms", sa.JSON(), nullable=False),
        sa.Column("caused_on", sa.Date(), nullable=True),
        sa.Column("created_on", sa.Date(), nullable=True),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("successor_id", Key, nullable=True),
        sa.Column("status_reason", sa.Text(), nullable=False),
        sa.Column("activation_on", sa.Date(), nullable=True),
        sa.Column("look_on", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "kind IN ('evaluability', 'annual-review', 'mid-term', 'final', 'ex-post', 'interim')",
            name=op.f("ck_obligations_kind_known"),
        ),
        sa.CheckConstraint(
            "status <> 'superseded' OR successor_id IS NOT NULL OR status_reason <> ''",
            name=op.f("ck_obligations_superseded_says_why"),
        ),
        sa.CheckConstraint(
            "status IN ('open', 'superseded', 'lapsed', 'cannot-tell')", name=op.f("ck_obligations_status_known")
        ),
        sa.CheckConstraint(
            "substr(key, 1, 1) = '?' OR (kind IS NOT NULL AND opens_on IS NOT NULL AND due_on IS NOT NULL AND late_on IS NOT NULL AND independence IS NOT NULL)",
            name=op.f("ck_obligations_demand_known"),
        ),
        sa.ForeignKeyConstraint(
            ["project_id"],
            ["projects.id"],
            name=op.f("fk_obligations_project_id"),
            ondelete="RESTRICT",
            initially="IMMEDIATE",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["successor_id"],
            ["obligations.id"],
            name=op.f("fk_obligations_successor_id"),
            ondelete="RESTRICT",
            initially="IMMEDIATE",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_obligations")),
    )
    op.create_index(op.f("ix_obligations_project_id"), "obligations", ["project_id"], unique=False)
    op.create_index("ix_obligations_status_due", "obligations", ["status", "due_on"], unique=False)
    op.create_index("ix_obligations_status_look", "obligations", ["status", "look_on"], unique=False)
    op.create_index("ix_obligations_status_opens", "obligations", ["status", "opens_on"], unique=False)
    op.create_index(op.f("ix_obligations_successor_id"), "obligations", ["successor_id"], unique=False)
    op.create_index(
        "uq_obligations_open_key",
        "obligations",
        ["project_id", "key"],
        unique=True,
        sqlite_where=sa.text("status IN ('open', 'cannot-tell')"),
        postgresql_where=sa.text("status IN ('open', 'cannot-tell')"),
    )
    op.create_table(
        "participants",
        sa.Column("id", Key, nullable=False),
        sa.Column("project_id", Key, nullable=False),
        sa.Column("organisation_id", Key, nullable=False),
        sa.Column("role", Code, nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("activity", Code, nullable=True),
        sa.Column("remainder", sa.JSON(), nullable=True),
        sa.CheckConstraint("length(role) > 0", name=op.f("ck_participants_role_given")),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisations.id"],
            name=op.f("fk_participants_organisation_id"),
            ondelete="RESTRICT",
            initially="IMMEDIATE",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["project_id"],
            ["projects.id"],
            name=op.f("fk_participants_project_id"),
            ondelete="RESTRICT",
            initially="IMMEDIATE",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_participants")),
    )
    op.create_index(op.f("ix_participants_organisation_id"), "participants", ["organisation_id"], unique=False)
    op.create_index(op.f("ix_participants_project_id"), "participants", ["project_id"], unique=False)
    op.create_table(
        "project_revisions",
        sa.Column("id", Key, nullable=False),
        sa.Column("recorded_at", UTCDateTime(), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("project_id", Key, nullable=False),
        sa.Column("field", Code, nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("known_on", sa.Date(), nullable=False),
        sa.Column("value", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "field IN ('planned_start', 'planned_end', 'actual_start', 'actual_end', 'total_budget', 'officer', 'stage')",
            name=op.f("ck_project_revisions_field_known"),
        ),
        sa.ForeignKeyConstraint(
            ["project_id"],
            ["projects.id"],
            name=op.f("fk_project_revisions_project_id"),
            ondelete="RESTRICT",
            initially="IMMEDIATE",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_project_revisions")),
        sa.UniqueConstraint(
            "project_id", "field", "sequence", name=op.f("uq_project_revisions_project_id_field_sequence")
        ),
    )
    op.create_index(op.f("ix_project_revisions_project_id"), "project_revisions", ["project_id"], unique=False)
    op.create_table(
        "results",
        sa.Column("id", Key, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("updated_at", UTCDateTime(), nullable=False),
        sa.Column("archived_at", UTCDateTime(), nullable=True),
        sa.Column("project_id", Key, nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("type", Code, nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("title_translations", sa.JSON(), nullable=False),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("aggregation", sa.Boolean(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("remainder", sa.JSON(), nullable=True),
        sa.ForeignKeyConstraint(
            ["project_id"],
            ["projects.id"],
            name=op.f("fk_results_project_id"),
            ondelete="RESTRICT",
            initially="IMMEDIATE",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_results")),
    )
    op.create_index(op.f("ix_results_project_id"), "results", ["project_id"], unique=False)
    op.create_table(
        "tokens",
        sa.Column("id", Key, nullable=False),
        sa.Column("user_id", Key, nullable=False),
        sa.Column("hash", Code, nullable=False),
        sa.Column("hint", Code, nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("expires_at", UTCDateTime(), nullable=True),
        sa.Column("revoked_at", UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["users.id"],
            name=op.f("fk_tokens_user_id"),
            ondelete="RESTRICT",
            initially="IMMEDIATE",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tokens")),
        sa.UniqueConstraint("hash", name=op.f("uq_tokens_hash")),
    )
    op.create_index(op.f("ix_tokens_user_id"), "tokens", ["user_id"], unique=False)
    op.create_table(
        "alert_events",
        sa.Column("id", Key, nullable=False),
        sa.Column("recorded_at", UTCDateTime(), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("alert_id", Key, nullable=False),
        sa.Column("kind", Code, nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.CheckConstraint("kind <> 'snoozed' OR until IS NOT NULL", name=op.f("ck_alert_events_snooze_has_end")),
        sa.CheckConstraint(
            "kind IN ('acknowledged', 'snoozed', 'escalated', 'suppressed')", name=op.f("ck_alert_events_kind_known")
        ),
        sa.ForeignKeyConstraint(
            ["alert_id"],
            ["alerts.id"],
            name=op.f("fk_alert_events_alert_id"),
            ondelete="RESTRICT",
            initially="IMMEDIATE",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alert_events")),
    )
    op.create_index(op.f("ix_alert_events_alert_id"), "alert_events", ["alert_id"], unique=False)
    op.create_index(
        "uq_alert_events_escalated",
        "alert_events",
        ["alert_id"],
        unique=True,
        sqlite_where=sa.text("kind = 'escalated'"),
        postgresql_where=sa.text("kind = 'escalated'"),
    )
    op.create_table(
        "indicators",
        sa.Column("id", Key, nullable=False),
        sa.Column("result_id", Key, nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("measure", Code, nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("title_translations", sa.JSON(), nullable=False),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("ascending", sa.Boolean(), nullable=True),
        sa.Column("aggregation", sa.Boolean(), nullable=True),
        sa.Column("remainder", sa.JSON(), nullable=True),
        sa.ForeignKeyConstraint(
            ["result_id"],
            ["results.id"],
            name=op.f("fk_indicators_result_id"),
            ondelete="RESTRICT",
            initially="IMMEDIATE",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_indicators")),
    )
    op.create_index(op.f("ix_indicators_result_id"), "indicators", ["result_id"], unique=False)
    op.create_table(
        "message_alerts",
        sa.Column("id", Key, nullable=False),
        sa.Column("message_pk", Key, nullable=False),
        sa.Column("alert_id", Key, nullable=False),
        sa.Column("channel", Code, nullable=False),
        sa.Column("recipient", Code, nullable=False),
        sa.Column("purpose", Code, nullable=False),
        sa.ForeignKeyConstraint(
            ["alert_id"],
            ["alerts.id"],
            name=op.f("fk_message_alerts_alert_id"),
            ondelete="RESTRICT",
            initially="IMMEDIATE",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["message_pk"],
            ["messages.id"],
            name=op.f("fk_message_alerts_message_pk"),
            ondelete="RESTRICT",
            initially="IMMEDIATE",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message_alerts")),
        sa.UniqueConstraint(
            "alert_id",
            "channel",
            "recipient",
            "purpose",
            name=op.f("uq_message_alerts_alert_id_channel_recipient_purpose"),
        ),
    )
    op.create_index(op.f("ix_message_alerts_alert_id"), "message_alerts", ["alert_id"], unique=False)
    op.create_index(op.f("ix_message_alerts_message_pk"), "message_alerts", ["message_pk"], unique=False)
    op.create_table(
        "obligation_decisions",
        sa.Column("id", Key, nullable=False),
        sa.Column("recorded_at", UTCDateTime(), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("obligation_id", Key, nullable=False),
        sa.Column("kind", Code, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("approver", sa.Text(), nullable=False),
        sa.Column("decided_on", sa.Date(), nullable=False),
        sa.Column("new_due_on", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "(kind = 'reschedule') = (new_due_on IS NOT NULL)", name=op.f("ck_obligation_decisions_reschedule_has_date")
        ),
        sa.CheckConstraint("kind IN ('waiver', 'reschedule')", name=op.f("ck_obligation_decisions_kind_known")),
        sa.CheckConstraint(
            "reason <> '' AND approver <> ''", name=op.f("ck_obligation_decisions_has_reason_and_approver")
        ),
        sa.ForeignKeyConstraint(
            ["obligation_id"],
            ["obligations.id"],
            name=op.f("fk_obligation_decisions_obligation_id"),
            ondelete="RESTRICT",
            initially="IMMEDIATE",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_obligation_decisions")),
    )
    op.create_index(
        op.f("ix_obligation_decisions_obligation_id"), "obligation_decisions", ["obligation_id"], unique=False
    )
    op.create_table(
        "indicator_baselines",
        sa.Column("id", Key, nullable=False),
        sa.Column("indicator_id", Key, nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("iso_date", sa.Date(), nullable=True),
        sa.Column("value", sa.Text(), nullable=True),
        sa.Column("comment", sa.Text(), nullable=True),
        sa.Column("remainder", sa.JSON(), nullable=True),
        sa.ForeignKeyConstraint(
            ["indicator_id"],
            ["indicators.id"],
            name=op.f("fk_indicator_baselines_indicator_id"),
            ondelete="RESTRICT",
            initially="IMMEDIATE",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_indicator_baselines")),
    )
    op.create_index(op.f("ix_indicator_baselines_indicator_id"), "indicator_baselines", ["indicator_id"], unique=False)
    op.create_table(
        "indicator_periods",
        sa.Column("id", Key, nullable=False),
        sa.Column("indicator_id", Key, nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("remainder", sa.JSON(), nullable=True),
        sa.ForeignKeyConstraint(
            ["indicator_id"],
            ["indicators.id"],
            name=op.f("fk_indicator_periods_indicator_id"),
            ondelete="RESTRICT",
            initially="IMMEDIATE",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_indicator_periods")),
    )
    op.create_index(op.f("ix_indicator_periods_indicator_id"), "indicator_periods", ["indicator_id"], unique=False)
    op.create_table(
        "period_values",
        sa.Column("id", Key, nullable=False),
        sa.Column("period_id", Key, nullable=False),
        sa.Column("kind", Code, nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("value", sa.Text(), nullable=True),
        sa.Column("comment", sa.Text(), nullable=True),
        sa.Column("dimensions", sa.JSON(), nullable=True),
        sa.Column("remainder", sa.JSON(), nullable=True),
        sa.CheckConstraint("kind IN ('target', 'actual')", name=op.f("ck_period_values_kind_known")),
        sa.ForeignKeyConstraint(
            ["period_id"],
            ["indicator_periods.id"],
            name=op.f("fk_period_values_period_id"),
            ondelete="RESTRICT",
            initially="IMMEDIATE",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_period_values")),
    )
    op.create_index(op.f("ix_period_values_period_id"), "period_values", ["period_id"], unique=False)
    for table in APPEND_ONLY:
        guard(table)


def downgrade() -> None:
    for table in APPEND_ONLY:
        unguard(table)
    op.drop_index(op.f("ix_period_values_period_id"), table_name="period_values")
    op.drop_table("period_values")
    op.drop_index(op.f("ix_indicator_periods_indicator_id"), table_name="indicator_periods")
    op.drop_table("indicator_periods")
    op.drop_index(op.f("ix_indicator_baselines_indicator_id"), table_name="indicator_baselines")
    op.drop_table("indicator_baselines")
    op.drop_index(op.f("ix_obligation_decisions_obligation_id"), table_name="obligation_decisions")
    op.drop_table("obligation_decisions")
    op.drop_index(op.f("ix_message_alerts_message_pk"), table_name="message_alerts")
    op.drop_index(op.f("ix_message_alerts_alert_id"), table_name="message_alerts")
    op.drop_table("message_alerts")
    op.drop_index(op.f("ix_indicators_result_id"), table_name="indicators")
    op.drop_table("indicators")
    op.drop_index(
        "uq_alert_events_escalated",
        table_name="alert_events",
        sqlite_where=sa.text("kind = 'escalated'"),
        postgresql_where=sa.text("kind = 'escalated'"),
    )
    op.drop_index(op.f("ix_alert_events_alert_id"), table_name="alert_events")
    op.drop_table("alert_events")
    op.drop_index(op.f("ix_tokens_user_id"), table_name="tokens")
    op.drop_table("tokens")
    op.drop_index(op.f("ix_results_project_id"), table_name="results")
    op.drop_table("results")
    op.drop_index(op.f("ix_project_revisions_project_id"), table_name="project_revisions")
    op.drop_table("project_revisions")
    op.drop_index(op.f("ix_participants_project_id"), table_name="participants")
    op.drop_index(op.f("ix_participants_organisation_id"), table_name="participants")
    op.drop_table("participants")
    op.drop_index(
        "uq_obligations_open_key",
        table_name="obligations",
        sqlite_where=sa.text("status IN ('open', 'cannot-tell')"),
        postgresql_where=sa.text("status IN ('open', 'cannot-tell')"),
    )
    op.drop_index(op.f("ix_obligations_successor_id"), table_name="obligations")
    op.drop_index("ix_obligations_status_opens", table_name="obligations")
    op.drop_index("ix_obligations_status_look", table_name="obligations")
    op.drop_index("ix_obligations_status_due", table_name="obligations")
    op.drop_index(op.f("ix_obligations_project_id"), table_name="obligations")
    op.drop_table("obligations")
    op.drop_index(op.f("ix_locations_project_id"), table_name="locations")
    op.drop_table("locations")
    op.drop_index(op.f("ix_links_project_id"), table_name="links")
    op.drop_table("links")
    op.drop_index(op.f("ix_ledger_entries_receiver_id"), table_name="ledger_entries")
    op.drop_index(op.f("ix_ledger_entries_provider_id"), table_name="ledger_entries")
    op.drop_index("ix_ledger_entries_project_type_date", table_name="ledger_entries")
    op.drop_index(op.f("ix_ledger_entries_agreement_id"), table_name="ledger_entries")
    op.drop_index(op.f("ix_ledger_entries_adjusts_id"), table_name="ledger_entries")
    op.drop_table("ledger_entries")
    op.drop_index(op.f("ix_instalments_agreement_id"), table_name="instalments")
    op.drop_table("instalments")
    op.drop_index(op.f("ix_idempotency_keys_user_id"), table_name="idempotency_keys")
    op.drop_index(op.f("ix_idempotency_keys_created_at"), table_name="idempotency_keys")
    op.drop_table("idempotency_keys")
    op.drop_index(op.f("ix_funding_shares_project_id"), table_name="funding_shares")
    op.drop_index(op.f("ix_funding_shares_agreement_id"), table_name="funding_shares")
    op.drop_table("funding_shares")
    op.drop_table("fragments")
    op.drop_index(op.f("ix_evaluation_projects_project_id"), table_name="evaluation_projects")
    op.drop_index(op.f("ix_evaluation_projects_evaluation_id"), table_name="evaluation_projects")
    op.drop_table("evaluation_projects")
    op.drop_index(op.f("ix_encumbrances_project_id"), table_name="encumbrances")
    op.drop_table("encumbrances")
    op.drop_index(op.f("ix_documents_project_id"), table_name="documents")
    op.drop_index(op.f("ix_documents_evaluation_id"), table_name="documents")
    op.drop_table("documents")
    op.drop_index(op.f("ix_contacts_project_id"), table_name="contacts")
    op.drop_table("contacts")
    op.drop_index(op.f("ix_classifications_project_id"), table_name="classifications")
    op.drop_index("ix_classifications_kind_code", table_name="classifications")
    op.drop_table("classifications")
    op.drop_index(op.f("ix_assessed_projects_next_on"), table_name="assessed_projects")
    op.drop_table("assessed_projects")
    op.drop_index(op.f("ix_allocations_supersedes_id"), table_name="allocations")
    op.drop_index("ix_allocations_project_period", table_name="allocations")
    op.drop_index(op.f("ix_allocations_agreement_id"), table_name="allocations")
    op.drop_table("allocations")
    op.drop_index(op.f("ix_alerts_told_by_id"), table_name="alerts")
    op.drop_index(op.f("ix_alerts_subject_id"), table_name="alerts")
    op.drop_index(op.f("ix_alerts_run_id"), table_name="alerts")
    op.drop_index(op.f("ix_alerts_project_id"), table_name="alerts")
    op.drop_index(op.f("ix_alerts_officer_id"), table_name="alerts")
    op.drop_table("alerts")
    op.drop_index(op.f("ix_agreement_revisions_agreement_id"), table_name="agreement_revisions")
    op.drop_table("agreement_revisions")
    op.drop_index(op.f("ix_users_unit_id"), table_name="users")
    op.drop_index(op.f("ix_users_officer_id"), table_name="users")
    op.drop_table("users")
    op.drop_index(op.f("ix_recommendation_actions_recommendation_id"), table_name="recommendation_actions")
    op.drop_table("recommendation_actions")
    op.drop_index("ix_projects_unit_code", table_name="projects")
    op.drop_index("ix_projects_stage_code", table_name="projects")
    op.drop_index(op.f("ix_projects_reporting_org_id"), table_name="projects")
    op.drop_index(op.f("ix_projects_planned_end"), table_name="projects")
    op.drop_index(op.f("ix_projects_parent_id"), table_name="projects")
    op.drop_index("ix_projects_outcome_code", table_name="projects")
    op.drop_index("ix_projects_officer_code", table_name="projects")
    op.drop_index("ix_projects_grain_code", table_name="projects")
    op.drop_index(op.f("ix_projects_backstopping_unit_id"), table_name="projects")
    op.drop_table("projects")
    op.drop_index(op.f("ix_evaluation_policies_partner_id"), table_name="evaluation_policies")
    op.drop_table("evaluation_policies")
    op.drop_index(op.f("ix_calendar_feeds_unit_id"), table_name="calendar_feeds")
    op.drop_index(op.f("ix_calendar_feeds_officer_id"), table_name="calendar_feeds")
    op.drop_table("calendar_feeds")
    op.drop_index(op.f("ix_agreements_status"), table_name="agreements")
    op.drop_index(op.f("ix_agreements_signed_on"), table_name="agreements")
    op.drop_index(op.f("ix_agreements_preset"), table_name="agreements")
    op.drop_index(op.f("ix_agreements_partner_id"), table_name="agreements")
    op.drop_index(op.f("ix_agreements_category"), table_name="agreements")
    op.drop_table("agreements")
    op.drop_table("setup")
    op.drop_index(op.f("ix_release_files_release_id"), table_name="release_files")
    op.drop_table("release_files")
    op.drop_index(op.f("ix_recommendations_evaluation_id"), table_name="recommendations")
    op.drop_index(op.f("ix_recommendations_due_on"), table_name="recommendations")
    op.drop_table("recommendations")
    op.drop_index(op.f("ix_partners_organisation_id"), table_name="partners")
    op.drop_index(op.f("ix_partners_category"), table_name="partners")
    op.drop_table("partners")
    op.drop_index(op.f("ix_organisation_files_import_id"), table_name="organisation_files")
    op.drop_table("organisation_files")
    op.drop_index(op.f("ix_officers_unit_id"), table_name="officers")
    op.drop_table("officers")
    op.drop_index(op.f("ix_evaluation_ratings_evaluation_id"), table_name="evaluation_ratings")
    op.drop_table("evaluation_ratings")
    op.drop_table("units")
    op.drop_index(op.f("ix_subscriptions_email"), table_name="subscriptions")
    op.drop_table("subscriptions")
    op.drop_index(op.f("ix_releases_previous_id"), table_name="releases")
    op.drop_table("releases")
    op.drop_index(
        "uq_organisations_name_key",
        table_name="organisations",
        sqlite_where=sa.text("identifier IS NULL"),
        postgresql_where=sa.text("identifier IS NULL"),
    )
    op.drop_index("uq_organisations_identifier", table_name="organisations")
    op.drop_table("organisations")
    op.drop_index("ix_messages_state_next", table_name="messages")
    op.drop_table("messages")
    op.drop_table("leases")
    op.drop_index("ix_job_runs_job_started", table_name="job_runs")
    op.drop_table("job_runs")
    op.drop_table("institutional_budgets")
    op.drop_table("import_runs")
    op.drop_table("framework_items")
    op.drop_table("exchange_rates")
    op.drop_index(op.f("ix_evaluations_status"), table_name="evaluations")
    op.drop_index(op.f("ix_evaluations_kind"), table_name="evaluations")
    op.drop_table("evaluations")
    op.drop_table("earmarking_presets")
    op.drop_table("audit_seals")
    op.drop_index("ix_audit_events_entity", table_name="audit_events")
    op.drop_table("audit_events")
    op.drop_table("assessments")
