"""A person's account at an OpenID provider is known by its issuer and subject together: subjects alone may coincide."""

import sqlalchemy as sa
from alembic import op

from app.db.types import Code

revision = "2026_11_26_95_provider_accounts"
down_revision = "2026_11_26_90_published_bodies"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("users") as batch:
        batch.add_column(sa.Column("openid_issuer", Code, nullable=True))
        batch.drop_constraint(op.f("uq_users_openid_subject"), type_="unique")
        batch.create_unique_constraint(
            op.f("uq_users_openid_issuer_openid_subject"), ["openid_issuer", "openid_subject"]
        )


def downgrade() -> None:
    # a subject says nothing without its issuer, and two of them may be the same
    op.execute("UPDATE users SET openid_subject = NULL")
    with op.batch_alter_table("users") as batch:
        batch.drop_constraint(op.f("uq_users_openid_issuer_openid_subject"), type_="unique")
        batch.create_unique_constraint(op.f("uq_users_openid_subject"), ["openid_subject"])
        batch.drop_column("openid_issuer")
