"""How a touch is carried out. `CHANNELS` is the one place where channels are listed.

A channel's name is its key in a step (`- email: value`). To add one: a module here that writes its touches, one line in
this table with the step keys that are its own, and a case in `dispatch.py` that carries it out.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from followupd.channels import kinds
from followupd.channels.kinds import TaskFields
from followupd.files.cadence import ChannelFields, Pick
from followupd.files.values import Part


class EmailFields(Part):
    """The keys that only a step of `email` takes."""

    pick: Pick | None = None
    """Which content item goes with it."""
    doors: tuple[Literal["yes", "later", "no"], ...] = Field(default=())
    """The answers that it offers as ready links."""


CHANNELS: dict[str, ChannelFields] = {
    "email": ChannelFields("email", EmailFields),
    "task": ChannelFields("task", TaskFields, folder="tasks", task=True, needs=kinds.needed, misfits=kinds.misfits),
}
