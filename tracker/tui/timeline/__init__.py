"""The view of the plan in time."""
