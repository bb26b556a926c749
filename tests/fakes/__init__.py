"""Servers of the world outside, small and on loopback."""
