"""The scene of certifications is that of certificates."""

from tests.service.gamification.certificates.conftest import scene as scene
