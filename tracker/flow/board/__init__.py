"""The dependency board: a workspace becomes cards, lanes and arrows in cells."""
