"""One module for each way to confine a slot."""
