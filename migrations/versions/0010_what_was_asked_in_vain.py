"""How likely nothing fits a question, and the mix of questions among which its confidences hold."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name in ("none_fits", "mix_answers", "mix_requests", "mix_nothing"):
        op.add_column("decisions", sa.Column(name, sa.Float(), nullable=True))
