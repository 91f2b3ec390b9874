"""Which workloads there are. One row each; the module of a workload is imported only when it runs."""

from __future__ import annotations

from importlib import import_module

from followupd.bench.suite import Workload

NAMES = (
    "send", "send-far", "send-tls", "write", "due", "stop", "race", "read", "intake", "idle", "start", "quiet", "fleet", "year", "mixed", "check",
)  # fmt: skip
"""In the order in which they are run and shown. `send-far` lies in the module `send_far`, which has it as `WORKLOAD`."""


def workload(name: str) -> Workload:
    """One of `NAMES`."""
    found: Workload = import_module(f"{__name__}.{name.replace('-', '_')}").WORKLOAD
    return found
