"""Revisions: the two sides of a comparison, each with files and an environment of its own."""

from paceline.engine.revisions.bodies import changed_bodies
from paceline.engine.revisions.cache import cache_folder
from paceline.engine.revisions.preparation import prepare
from paceline.engine.revisions.provenance import provenance
from paceline.engine.revisions.repository import Commit, find_repository
from paceline.engine.revisions.sides import Side

__all__ = [
    "Commit",
    "Side",
    "cache_folder",
    "changed_bodies",
    "find_repository",
    "prepare",
    "provenance",
]
