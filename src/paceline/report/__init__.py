"""Say what was measured and judged."""
