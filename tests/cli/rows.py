"""Rows of a CSV file that the starter cadences accept."""

from __future__ import annotations

HEADER = "email,cadence,first_name,last_name,company,meeting_at,meeting_highlight,challenges,goals,timezone\n"


def row(name: str, **more: str) -> str:
    """One line of a CSV file that the starter cadences accept."""
    cells = {"email": f"{name}@prospect.example", "cadence": "proposal", "zone": "Europe/Berlin"} | more
    return f"{cells['email']},{cells['cadence']},{name.title()},Sample,Works,2026-03-03 10:00,the handover,cash flow,pricing,{cells['zone']}\n"
