"""What the scenes of one run share."""

from collections.abc import Iterator

import pytest

from tests.crash.scene import Backstage, backstage


@pytest.fixture(scope="session")
def shared() -> Iterator[Backstage]:
    """One mail server and one zygote for all scenes."""
    with backstage() as found:
        yield found
