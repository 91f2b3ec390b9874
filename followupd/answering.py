"""What the rep answers to a letter has its effect, line by line.

Decides nothing yet.
"""

from __future__ import annotations

from followupd.world import World


async def turn(world: World) -> None:
    """Every answer that is proved has its effect; one that nobody proves in time is reported."""
