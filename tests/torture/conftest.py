"""What torture shares with the plays (one loop, one reading process, one stage) and with the kill tests."""

from tests.crash.conftest import shared
from tests.stories.conftest import nothing_by_itself, play, reader, runner, stage

__all__ = ["nothing_by_itself", "play", "reader", "runner", "shared", "stage"]
