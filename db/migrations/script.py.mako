"""${message}.

Revision: ${up_revision}
"""

from db.migrating import run_script

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_script("")


def downgrade() -> None:
    run_script("")
