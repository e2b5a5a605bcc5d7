"""What `tantalus_sessions.testing` is made of."""
