"""Being Flask for others: the class that keeps its ways, and `import flask`."""
