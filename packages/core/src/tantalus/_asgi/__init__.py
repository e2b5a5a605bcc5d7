"""The app as an ASGI application; loaded when a server first asks for it."""
