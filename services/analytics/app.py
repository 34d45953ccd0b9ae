"""The HTTP side of the service, for an ASGI server of one's own: `uvicorn services.analytics.app:app --factory`."""

from fastapi import FastAPI

from chassis.service import RunningService
from chassis.settings import settings
from chassis.web.app import create_app
from services.analytics.definition import definition


def app() -> FastAPI:
    """The application, set up from the environment."""
    return create_app(RunningService(definition, settings()))
