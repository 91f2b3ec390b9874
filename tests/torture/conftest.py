"""What the torture shares with the kill tests."""

from tests.crash.conftest import shared

__all__ = ["shared"]
