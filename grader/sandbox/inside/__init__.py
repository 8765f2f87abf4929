"""What runs inside a sandbox, where nothing is trusted."""
