"""`make outside`: how the course does on documents and questions that nobody of this project wrote."""
