"""What finished files say about themselves."""
