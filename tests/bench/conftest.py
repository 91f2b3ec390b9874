"""The gates measure: beside other tests they would measure those, so several workers leave them to `make gates`, which runs them alone."""

import os
from pathlib import Path


def pytest_ignore_collect(collection_path: Path) -> bool | None:
    """Leave the gates out where tests run side by side."""
    beside_others = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1")) > 1
    return True if beside_others and collection_path.name == "test_gates.py" else None
