"""A small shop: prices, stock, orders, accounts, search, imports, reports and an HTTP API."""
