"""From published files into the database."""
