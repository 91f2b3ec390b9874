"""Servers that only the tests need; Dovecot, PostgreSQL and what all of them share are in `followupd/bench/servers`."""
