"""How fast: a database of its own, a running server, and what it does over HTTP. Nothing here is a test."""
