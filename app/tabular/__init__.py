"""Tables that go in: CSV and XLSX files, a kind each, through the same rules as the API."""
