"""How a worker is confined."""
