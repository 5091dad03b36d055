"""Readings of a workspace: the board, and the dates."""
