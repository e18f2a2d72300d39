"""Plan a suite: what runs where and when, and what that should take. Pure."""
