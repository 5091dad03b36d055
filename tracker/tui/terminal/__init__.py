"""What is between the screen and the terminal."""
