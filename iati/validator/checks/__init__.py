"""The kinds of things that rules ask for. Each is data with parameters, bound to a rule when the table is built."""
