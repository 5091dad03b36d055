"""One task on the screen: its page, its form and its fields."""
