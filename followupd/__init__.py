"""followupd: follows up by email for salespeople, and stops when the prospect has answered."""

import logging

__version__ = "0.1.0"

# It writes a traceback for each odd report, and strangers make them odd: what matters of them is said by `log.py`.
logging.getLogger("flufl").addHandler(logging.NullHandler())
