"""The command line: what people and scripts type. Says and asks; every decision is taken on a lower floor.

`door.py` is where everything comes in and where each exception becomes words; `commands.py` lists what there is.
"""

from __future__ import annotations

from followupd.cli.door import main

__all__ = ["main"]
