"""What survives a power cut: the journal, its checkpoint, and the lock around them."""
