"""What a project is and what may be done to it: values and rules, no clock, no disk, no screen."""
