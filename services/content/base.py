"""This service's table registry, with the chassis' tables on it."""

from sqlalchemy import MetaData
from sqlalchemy.orm import registry
from sqlmodel import SQLModel

from chassis.database.base import NAMING_CONVENTION, service_tables


class Base(SQLModel, registry=registry(metadata=MetaData(naming_convention=NAMING_CONVENTION))):
    """Every table of the content service."""


tables = service_tables(Base)
