"""What the rep answers to a letter has its effect, line by line.

Decides nothing yet. `TAKES` is the one place where kinds of items are listed.
"""

from __future__ import annotations

from collections.abc import Mapping

from followupd import debriefing
from followupd.letters import Take
from followupd.world import World

TAKES: Mapping[str, Take] = {debriefing.QUESTION: debriefing.take}
"""What an answer to each kind of item does. To add one: a row here."""


async def turn(world: World) -> None:
    """Every answer that is proved has its effect; one that nobody proves in time is reported."""
