"""The first version that PostgreSQL keeps: everything is made from its frozen DDL."""

from __future__ import annotations

from pathlib import Path

from alembic import op

revision = "6"
down_revision = None

_TABLES = (
    *("daily_tests", "daily_figures", "suite_facts", "triage", "baselines", "resources"),
    *("measurements", "metrics", "cases", "runs", "hosts"),
)


def upgrade() -> None:
    """Make every table."""
    script = Path(__file__).with_suffix(".sql").read_text("utf-8")
    op.get_bind().exec_driver_sql(script.replace("%", "%%"))


def downgrade() -> None:
    """Remove every table: PostgreSQL keeps no older version."""
    for table in _TABLES:
        op.drop_table(table)
