"""The benchmark suite: each workload beside a floor and its peers, in one run. It begins in `suite.py`; the table is `workloads/`."""
