"""What is said of a plan, in lines of pieces: the shell and the screen print the same words."""
