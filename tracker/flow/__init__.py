"""Readings of a workspace: where its cards stand on the board and how its arrows run."""
