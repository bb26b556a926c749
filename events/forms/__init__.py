"""The shape of input: institutes, blocks of an agenda, and what institutes choose from."""
