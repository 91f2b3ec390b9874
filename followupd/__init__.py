"""followupd: follows up by email for salespeople, and stops when the prospect has answered."""

__version__ = "0.1.0"
