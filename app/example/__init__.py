"""The example portfolio: CSV files that load through the import every user has. See README.md beside this file."""
