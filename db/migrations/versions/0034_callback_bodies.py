"""Callbacks whose bodies are still kept are found by when they came.

Revision: 0034
"""

from db.migrating import run_script

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_script(
        """
        create index ix_mpesa_callbacks_kept on mpesa_callbacks (received_at)
            where state in ('TAKEN', 'REFUSED') and body <> '';
        create index ix_acquirer_callbacks_kept on acquirer_callbacks (received_at)
            where state in ('TAKEN', 'REFUSED') and body <> ''
        """
    )


def downgrade() -> None:
    run_script("drop index ix_mpesa_callbacks_kept; drop index ix_acquirer_callbacks_kept")
