"""The view of what the day asks of one."""
