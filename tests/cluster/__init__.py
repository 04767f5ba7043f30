"""Earmark over several machines' worth of processes: PostgreSQL with a standby, and a pooler, on this one."""
