"""The table of tasks on the screen."""
