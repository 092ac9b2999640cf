"""What `make` does for the course: run it, renew notebooks and exercises, write web pages, fill an offline folder."""
