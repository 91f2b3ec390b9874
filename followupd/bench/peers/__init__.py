"""Who else does the same work: scripts that run in environments of their own."""
