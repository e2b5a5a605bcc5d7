"""The app beside other frameworks under ASGI: called on a loop, without a server."""
