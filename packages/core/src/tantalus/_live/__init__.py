"""What begins before the first request, stays open, or goes on after the answer."""
