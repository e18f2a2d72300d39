"""Numbers in, numbers out: estimates, intervals, ratios, fits. Pure."""
