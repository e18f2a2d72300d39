"""Leaks: call code again and again, here or in a fresh process, and judge what it keeps."""
