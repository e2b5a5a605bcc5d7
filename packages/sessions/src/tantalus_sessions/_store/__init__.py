"""Where sessions are kept when they are not kept in the cookie."""
