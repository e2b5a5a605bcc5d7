"""What needs no app: switches, defaults, names, and what is current."""
