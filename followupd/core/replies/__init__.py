"""Understanding replies: `kinds.classify` says what a mail means; the rules stand in tables, one module for each matter.

Loads nothing: of the daemon only the reading process needs all of it.
"""
