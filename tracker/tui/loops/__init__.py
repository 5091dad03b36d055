"""The forecast and the return arrows on the screen."""
