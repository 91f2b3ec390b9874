"""Where the weights of the statistical reader lie: in the package, or in a workspace that has learned from its own replies.

The one module of the core that opens files, for these are data of the program itself. Decides nothing.
"""

from __future__ import annotations

from functools import cache
from importlib import resources
from pathlib import Path

from followupd.core.replies.statistics import LARGEST, Model, model_from


@cache
def shipped() -> Model:
    """The model that comes with this version."""
    return model_from(resources.files("followupd.core.replies").joinpath("reader.model").read_bytes())


def model_in(path: Path) -> Model | None:
    """The model in a file; None where there is no such file, or none of this version: then the shipped one reads."""
    try:
        with path.open("rb") as file:
            return model_from(file.read(LARGEST))
    except (OSError, ValueError):
        return None
