"""The channels as the tests of this floor pass them in: the two real ones in shape, and one that nobody has built."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from followupd.files.cadence import ChannelFields, Pick
from followupd.files.values import Many, Part


class EmailFields(Part):
    """The keys of a mail step."""

    pick: Pick | None = None
    doors: Many[Literal["yes", "later", "no"]] = ()


class PigeonFields(Part):
    """The keys of a channel that no program has."""

    altitude: Annotated[int, Field(ge=1, le=500)] = 50


CHANNELS = {
    "email": ChannelFields("email", EmailFields),
    "task": ChannelFields("task", folder="tasks", task=True),
}
WITH_PIGEON = {**CHANNELS, "pigeon": ChannelFields("pigeon", PigeonFields, folder="pigeons")}
