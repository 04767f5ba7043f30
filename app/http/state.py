"""What the application holds for all requests: its database and its settings."""

from fastapi import Request

from app.config import Settings
from app.db.engine import Database


def database_of(request: Request) -> Database:
    """The database that the application was made with."""
    found: Database = request.app.state.database
    return found


def settings_of(request: Request) -> Settings:
    """The settings that the application was made with."""
    found: Settings = request.app.state.settings
    return found
