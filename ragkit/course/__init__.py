"""What `make` and the command `ragkit` do: run the course, renew the notebooks, look at the machine."""
