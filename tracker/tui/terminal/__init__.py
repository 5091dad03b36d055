"""What stands between the screen and the terminal."""
