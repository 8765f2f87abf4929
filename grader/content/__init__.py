"""What katas there are: read from the tree, listed, proposed, and made anew."""
