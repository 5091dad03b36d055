"""The view of who has how much to do in which week, and of what it costs."""
