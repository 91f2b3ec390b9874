"""What systemd wants to hear: ready, stopping, alive, and how we are (sd_notify(3))."""

from __future__ import annotations

import os
import socket


def notify(message: str) -> None:
    """Tell the service manager, if there is one; never fails."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address:
        return
    path = "\0" + address[1:] if address.startswith("@") else address
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as talk:
        try:
            talk.connect(path)
            talk.sendall(message.encode())
        except OSError:
            return  # a manager that does not listen must not stop the daemon


def watchdog_seconds() -> float | None:
    """How often systemd wants a sign of life; half of its patience."""
    patience = os.environ.get("WATCHDOG_USEC", "")
    return int(patience) / 2_000_000 if patience.isdigit() and int(patience) > 0 else None
