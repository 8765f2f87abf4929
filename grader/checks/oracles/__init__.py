"""Slow definitions: what an answer is by its source, written plainly, one element at a time.

They are answers to the katas. They belong to the checks, and no learner's process may read them. Where a check
measures speed, the slowest way that it accepts stands here too.
"""
