"""The matrices on the screen."""
