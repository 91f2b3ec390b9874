"""Floor 1: text to nouns and back. Pure functions over text; only `workspace.py`, `secret.py` open files, and none writes one."""
