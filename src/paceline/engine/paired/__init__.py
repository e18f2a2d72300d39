"""Two sides measured in process pairs: channel, worker processes, the pair, the whole comparison.

`director` and `channel` are what a worker needs; the rest is the controller's.
"""
