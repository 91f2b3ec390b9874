"""`python -m followupd` is `followupd`; nothing is decided here."""

from __future__ import annotations

from followupd.cli import main

if __name__ == "__main__":
    main()
