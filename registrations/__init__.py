"""Who sits where, under which money; who came, and for how long."""
