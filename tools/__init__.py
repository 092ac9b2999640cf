"""What `make` does for the course."""
