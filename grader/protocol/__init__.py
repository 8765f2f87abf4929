"""What may cross between a judge and a worker, and between the grader's own processes."""
