"""Messages that are composed when they are sent: what was withdrawn, merged or left out stays on record."""

import sqlalchemy as sa
from alembic import op

from app.db.types import Key, UTCDateTime

revision = "2026_11_25_written_messages"
down_revision = "2026_11_25_words_of_categories"
branch_labels = None
depends_on = None

_BEFORE = ("waiting", "sending", "sent", "failed")
_AFTER = (*_BEFORE, "withdrawn", "merged")


def _check(*values: str) -> str:
    return f"state IN ({', '.join(repr(value) for value in values)})"


def _allow(*values: str) -> None:
    with op.batch_alter_table("messages") as batch:
        batch.drop_constraint(op.f("ck_messages_is_deliverystate"), type_="check")
        batch.create_check_constraint(op.f("ck_messages_is_deliverystate"), _check(*values))


def upgrade() -> None:
    _allow(*_AFTER)
    with op.batch_alter_table("messages") as batch:
        batch.add_column(sa.Column("composed_at", UTCDateTime(), nullable=True))
        batch.add_column(sa.Column("merged_into_id", Key, nullable=True))
        batch.create_foreign_key(
            op.f("fk_messages_merged_into_id"),
            "messages",
            ["merged_into_id"],
            ["id"],
            ondelete="RESTRICT",
            initially="IMMEDIATE",
            deferrable=True,
        )
        batch.create_index(op.f("ix_messages_merged_into_id"), ["merged_into_id"])
    op.add_column("message_alerts", sa.Column("left_out", sa.Text(), nullable=False, server_default=""))


def downgrade() -> None:
    op.drop_column("message_alerts", "left_out")
    with op.batch_alter_table("messages") as batch:
        batch.drop_index(op.f("ix_messages_merged_into_id"))
        batch.drop_constraint(op.f("fk_messages_merged_into_id"), type_="foreignkey")
        batch.drop_column("merged_into_id")
        batch.drop_column("composed_at")
    # what the older program does not know: told, as far as it goes
    op.execute("UPDATE messages SET state = 'sent' WHERE state IN ('withdrawn', 'merged')")
    _allow(*_BEFORE)
