"""The parts a screen is made of, each painted line by line."""
