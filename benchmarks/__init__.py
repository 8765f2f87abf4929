"""What grading costs, measured in one run against other graders on the same work: `python -m benchmarks`."""
