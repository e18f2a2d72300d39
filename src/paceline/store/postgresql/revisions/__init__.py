"""Alembic's revisions of the store; each is frozen when its version is released."""
