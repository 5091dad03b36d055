"""Dates: the critical path, and many simulated runs through all returns."""
