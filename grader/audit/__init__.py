"""Checks that are checked: what `kata audit` proves of every kata."""
