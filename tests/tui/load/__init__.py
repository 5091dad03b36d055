"""The view of who has how much to do, and what it costs."""
