"""What others ask through: a page and a server, on the same steps as `ragkit.ask`."""
