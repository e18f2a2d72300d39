"""Judge figures against budgets and baselines. Pure."""
