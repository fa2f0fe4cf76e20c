"""What `oncomart check` says of a project: mistakes that the models alone cannot see, and what is worth a second look."""
