"""The service for servers that want a factory: `uvicorn --factory app.main:create`."""

from fastapi import FastAPI

from app.api.service import create_app
from app.settings import read_settings


def create() -> FastAPI:
    """The service with the settings of the environment."""
    return create_app(read_settings())
