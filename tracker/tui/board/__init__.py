"""The dependency board on the screen."""
