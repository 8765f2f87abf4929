"""The katas: read from the tree, listed, proposed for a time, copied for a learner, created for an author."""
