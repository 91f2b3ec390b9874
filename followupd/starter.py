"""Where the starter set lies: the cadences, templates and content that `init` copies and `demo` plays, and their tests.

There is one copy. In a checkout it is the three folders at the top of the repository; an installed wheel carries the
same files in `followupd/starter_set/`. The cadence tests lie in the package itself: `tests/` at the top is the house's own.
This module only finds them; it never reads or writes a file of the set.
"""

from __future__ import annotations

from pathlib import Path

PARTS = ("cadences", "templates", "content")


class StarterSetMissing(LookupError):
    """Neither a checkout nor an installed package holds the starter set: the installation is broken."""


def starter_folder() -> Path:
    """Return the folder that holds `cadences/`, `templates/` and `content/` as they are shipped."""
    package = Path(__file__).resolve().parent
    for folder in (package / "starter_set", package.parent):
        if all((folder / part).is_dir() for part in PARTS):
            return folder
    message = f"the starter set is missing beside {package}; install followupd again"
    raise StarterSetMissing(message)


def starter_tests() -> Path:
    """Return the folder that holds the cadence tests of the starter set; `init` copies them to `tests/`."""
    return Path(__file__).resolve().parent / "starter_tests"
