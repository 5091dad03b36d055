"""Tests of the reports that are handed to others."""
