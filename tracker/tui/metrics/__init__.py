"""How work flows, on the screen."""
