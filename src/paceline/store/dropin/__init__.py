"""Documents and folders as pytest-benchmark lays them out, read and written.

The format belongs to that plugin (its releases 3 to 5 are read, 5.3 is written); the code is ours.
"""

from paceline.store.dropin.storage import Storage, autosave_name, safe_name, source_of

__all__ = ["Storage", "autosave_name", "safe_name", "source_of"]
