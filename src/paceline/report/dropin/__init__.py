"""Tables, CSV and histograms in the shape of pytest-benchmark, made from its flat entries.

An entry is a dict of names and statistics in seconds, as that plugin's hooks hand it around
(`paceline.store.dropin.writing.flat`).
"""
