"""Katas on e-commerce search and recommendation, and the grader that marks them."""
