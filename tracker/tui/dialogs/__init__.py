"""Questions put to a person; each dialog returns a value and saves nothing."""
