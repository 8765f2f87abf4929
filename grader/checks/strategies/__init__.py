"""Strategies of hypothesis: each domain of inputs once, small, and large where a check measures speed.

What is drawn by a strategy is part of the example banks: when a module of this folder changes, the banks of the checks
that import it are stale. Named tuples that are drawn keep their names: a bank tells them by name.
"""
