"""The views, and what can be done on each."""
