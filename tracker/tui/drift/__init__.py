"""What became of a plan, on the screen."""
