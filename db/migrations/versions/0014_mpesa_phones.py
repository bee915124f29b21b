"""How often a phone was asked is found by an index.

Revision: 0014
"""

from db.migrating import run_script

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_script("create index ix_mpesa_requests_phone on mpesa_requests (phone)")


def downgrade() -> None:
    run_script("drop index ix_mpesa_requests_phone")
