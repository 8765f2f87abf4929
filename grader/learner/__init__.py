"""Everything between a check and the learner's code."""
