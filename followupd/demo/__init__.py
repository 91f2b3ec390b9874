"""The demo: the real daemon on mail servers of its own, with people who answer. It begins in `run.py`."""
