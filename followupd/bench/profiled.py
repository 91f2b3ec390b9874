"""Our daemon under cProfile, with all its threads, in seconds of the processor: `python -m followupd.bench.profiled FILE ARGUMENTS...`.

Waiting costs nothing in it, so what stands on top is what is worth making faster. It takes about three times as long.
"""

from __future__ import annotations

import cProfile
import marshal
import runpy
import sys
import threading
import time
from pathlib import Path


def main() -> None:
    """Run the command, and write down where the time went."""
    into, *arguments = sys.argv[1:]
    profiles: list[cProfile.Profile] = []

    def begin(*_: object) -> None:
        profiles.append(cProfile.Profile(time.thread_time))
        profiles[-1].enable()

    threading.setprofile(begin)
    begin()
    sys.argv = ["followupd", *arguments]
    try:
        runpy.run_module("followupd", run_name="__main__")
    finally:
        threading.setprofile(None)
        _written(profiles, into)


def _written(profiles: list[cProfile.Profile], into: str) -> None:
    """What is still running in another thread is left out: it would be counted by the clock of this one."""
    found: dict[object, tuple[float, ...]] = {}
    for profile in profiles:
        profile.snapshot_stats()
        for place, (primitive, calls, own, whole, _) in profile.stats.items():
            known = found.get(place, (0, 0, 0.0, 0.0))
            found[place] = (known[0] + primitive, known[1] + calls, known[2] + own, known[3] + whole)
    with Path(into).open("wb") as file:
        marshal.dump({place: (*figures, {}) for place, figures in found.items()}, file)


if __name__ == "__main__":
    main()
