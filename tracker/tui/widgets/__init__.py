"""Widgets that several rooms share, each painted line by line."""
