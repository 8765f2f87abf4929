"""The trusted processes: they run checks, ask workers, and make verdicts."""
