"""What all views share: head line, foot lines, search and the verbs behind the keys."""
