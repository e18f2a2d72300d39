"""Resolve option classes and budget files."""
