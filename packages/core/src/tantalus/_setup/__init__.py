"""What happens once: folders, routes, registration, and parts loaded at first use."""
