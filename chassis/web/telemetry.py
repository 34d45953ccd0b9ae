"""Traces, where `QUNXUE_TELEMETRY` asks for them: FastAPI makes the spans (`fastapi.telemetry`), the OpenTelemetry SDK sends them.

Traces alone. Metrics are Prometheus' (`/metrics`), and what FastAPI would send as logs are texts of exceptions, which may tell
of people. Without the setting nothing of the SDK is imported.
"""

import os
from collections.abc import MutableMapping
from typing import TYPE_CHECKING, Any, Final

from fastapi.telemetry import TelemetryConfig
from opentelemetry.trace import TracerProvider

from chassis.settings import Settings, SettingsInvalid
from chassis.web.middleware import QUIET, IsUntold

if TYPE_CHECKING:
    from chassis.web.span_export import Pipeline

_NONE: Final = TelemetryConfig(tracing=False, metrics=False, logs=False, operation_spans=False, auto_configure=False)

_pipeline: "Pipeline | None" = None
"""Of this process: its services share one exporter and its thread."""


def telemetry(settings: Settings, service: str, is_untold: IsUntold | None = None) -> TelemetryConfig:
    """What the FastAPI application of a service is to be told. Raises `SettingsInvalid`."""
    provider = tracer_provider(settings, service)
    if provider is None:
        return _NONE
    return TelemetryConfig(
        tracing=True,
        tracer_provider=provider,
        # They would quadruple the spans and tell little: our endpoints find their sessions and callers themselves.
        operation_spans=False,
        metrics=False,
        logs=False,
        # `FASTAPI_OTEL_AUTO_CONFIGURE` would make a second exporter, in each service.
        auto_configure=False,
        exclude=lambda scope: _is_quiet(scope) or (is_untold is not None and is_untold(scope)),
    )


def tracer_provider(settings: Settings, service: str) -> TracerProvider | None:
    """Where the spans of a service of this process are made; None where there are to be none. Raises `SettingsInvalid`."""
    global _pipeline
    if not settings.telemetry or not _exporter_wanted():
        return None
    if _pipeline is None:
        from chassis.web.span_export import Pipeline

        _pipeline = Pipeline()
    return _pipeline.provider(service)


async def close() -> None:
    """Send what is left, for 2 s at most. For the end of the process: no span made after this is sent."""
    global _pipeline
    pipeline, _pipeline = _pipeline, None
    if pipeline is not None:
        await pipeline.close()


def _is_quiet(scope: MutableMapping[str, Any]) -> bool:
    return scope["path"] in QUIET


def _exporter_wanted() -> bool:
    """Whether the standard variables leave tracing on; what they ask for and we have not is refused, not passed over."""
    exporter = _of_environment("OTEL_TRACES_EXPORTER") or "otlp"
    if exporter == "none" or _of_environment("OTEL_SDK_DISABLED").lower() == "true":
        return False
    if exporter != "otlp":
        raise SettingsInvalid(f"OTEL_TRACES_EXPORTER: {exporter!r} is not known here, only 'otlp' and 'none'")
    for name in ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL"):
        protocol = _of_environment(name)
        if protocol and protocol != "http/protobuf":
            raise SettingsInvalid(f"{name}: {protocol!r} is not known here, only 'http/protobuf'")
        if protocol:
            break
    for name in ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT"):
        address = _of_environment(name)
        if address and not address.startswith(("http://", "https://")):
            raise SettingsInvalid(f"{name}: must begin with http:// or https://")
    return True


def _of_environment(name: str) -> str:
    return os.environ.get(name, "").strip()
