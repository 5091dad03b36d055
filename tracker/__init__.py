"""A project tracker for the terminal whose plans may run backwards."""

__version__ = "0.2.0"
