"""From an encoder's name in the settings to the encoder."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from openaisle.errors import ModelError
from openaisle.models.protocol import Encoder


@dataclass(frozen=True, slots=True)
class EncoderOptions:
    """What an encoder may be told besides its name; None leaves a thing to the model.

    `threads` 0 takes every core. `model`, `api_key_env`, `dimensions` and `batch_size` are for an endpoint. `registry`
    is the folder of the shop's own models, for `model:NAME@VERSION`.
    """

    threads: int = 0
    query_prefix: str | None = None
    document_prefix: str | None = None
    model: str | None = None
    api_key_env: str | None = None
    dimensions: int | None = None
    batch_size: int = 64
    registry: Path | None = None


DEFAULTS = EncoderOptions()


def open_encoder(name: str, options: EncoderOptions = DEFAULTS) -> Encoder | None:
    """The encoder of `starter`, `model:NAME@VERSION`, `onnx:FOLDER`, `huggingface:NAME` or `endpoint:URL`; None for
    `none`.

    Raises `ModelError` when it cannot be used, `MissingExtra` when the part that runs it is not installed.
    """
    kind, _, rest = name.partition(":")
    if kind == "none" and not rest:
        return None
    if kind == "starter" and not rest:
        return _onnx_starter(options)
    if kind == "model" and rest and options.registry is not None:
        return _registered(rest, options.registry, options)
    if kind == "onnx" and rest:
        return _onnx(Path(rest).expanduser(), options)
    if kind == "huggingface" and rest:
        return _huggingface(rest, options)
    if kind == "endpoint" and rest:
        return _endpoint(rest, options)
    raise ModelError(
        f"There is no encoder called {name!r}.",
        "Use starter, none, model:NAME@VERSION, onnx:FOLDER, huggingface:NAME or endpoint:URL.",
    )


def _onnx_starter(options: EncoderOptions) -> Encoder:
    from openaisle.models.starter import starter_folder

    return _onnx(starter_folder(), options)


# Each backend is imported when it is asked for: a shop that searches by words alone never pays for a model's runtime.


def _onnx(folder: Path, options: EncoderOptions) -> Encoder:
    from openaisle.models.onnx import OnnxEncoder

    return OnnxEncoder.open(
        folder,
        threads=options.threads,
        query_prefix=options.query_prefix,
        document_prefix=options.document_prefix,
    )


def _registered(reference: str, registry: Path, options: EncoderOptions) -> Encoder:
    from openaisle.models.registry import Registry
    from openaisle.models.registry.version import ENCODER, slot_of

    version = Registry(registry).get(reference)
    task = version.lineage().task
    if slot_of(task) != ENCODER:
        raise ModelError(
            f"{version.reference} was trained for the task {task}, which is no encoder's.",
            "Name a model that was trained to match, or another encoder.",
        )
    return _onnx(version.folder, options)


def _huggingface(name: str, options: EncoderOptions) -> Encoder:
    from openaisle.models.huggingface import HuggingFaceEncoder

    return HuggingFaceEncoder.open(
        name,
        threads=options.threads,
        batch_size=options.batch_size,
        query_prefix=options.query_prefix,
        document_prefix=options.document_prefix,
    )


def _endpoint(url: str, options: EncoderOptions) -> Encoder:
    from openaisle.models.endpoint import EndpointEncoder

    return EndpointEncoder.open(
        url,
        model=options.model,
        api_key_env=options.api_key_env,
        dimensions=options.dimensions,
        batch_size=options.batch_size,
        query_prefix=options.query_prefix or "",
        document_prefix=options.document_prefix or "",
    )
