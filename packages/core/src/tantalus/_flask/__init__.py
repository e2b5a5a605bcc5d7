"""Being Flask for others: the class with its defaults, and `import flask`."""
