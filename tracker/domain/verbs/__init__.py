"""What may be done to a plan: each verb takes the newest workspace and returns a change."""
