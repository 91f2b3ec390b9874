"""The demo: sixty days of the real daemon in about a minute, on embedded mail servers, with prospects who answer.

Decides only when the calendar moves on: the daemon is the one that `followupd run` starts (`daemon.build`, `running`),
its store a real file, its mails go through real connections. Prospects (`people.py`, `script.py`) answer what they
receive, reps (`reps.py`) do their tasks, and at the end the judge (`verdict.py`) counts what the servers wrote down.
"""

from __future__ import annotations

import asyncio
import contextlib
import heapq
import itertools
import json
import logging
import shutil
import signal
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from rich.console import Console

from followupd.clock import SeededDice
from followupd.demo.play import START, Play
from followupd.demo.view import show_summary, view_for
