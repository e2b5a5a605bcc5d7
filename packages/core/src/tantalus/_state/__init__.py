"""What an app holds, and what can be asked of it without a context."""
