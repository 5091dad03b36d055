"""The plan in time: bars of tasks on an axis of days."""
