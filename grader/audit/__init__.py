"""`kata audit`: check the checks of a kata, and its example bank."""
