"""Any sentence encoder by hub name or folder, by sentence-transformers (extra `huggingface`); safetensors only."""

from __future__ import annotations

import importlib
from collections.abc import Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np

from openaisle.errors import MissingExtra, ModelError
from openaisle.models.protocol import EncoderIdentity, Vectors
from openaisle.models.text_form import text_form
from openaisle.models.vectors import empty, unit

_LONGEST = 8192
"""Tokens assumed for a model that states no limit."""


class HuggingFaceEncoder:
    """Encodes with a sentence-transformers model; one call at a time, PyTorch spreads each over the cores.

    A prefix that is None is the model's own prompt, named `query` and `document` or `passage`.
    """

    def __init__(self, name: str, model: Any, batch_size: int, query_prefix: str, document_prefix: str) -> None:
        self._model = model
        self._batch_size = batch_size
        self._query_prefix = query_prefix
        self._document_prefix = document_prefix
        self._max_tokens = int(model.max_seq_length or _LONGEST)
        self._lock = Lock()
        self._identity = self._identify(name)

    @classmethod
    def open(
        cls,
        name: str,
        *,
        threads: int = 0,
        batch_size: int = 64,
        query_prefix: str | None = None,
        document_prefix: str | None = None,
    ) -> HuggingFaceEncoder:
        """The model called `name` on the hub, or in the folder `name`; code that comes with a model is never run.

        Raises `MissingExtra` without sentence-transformers, `ModelError` when the model cannot be loaded.
        """
        model = _load(name, threads)
        prompts: Mapping[str, str] = model.prompts or {}
        document = prompts.get("document") or prompts.get("passage") or ""
        return cls(
            name,
            model,
            batch_size,
            (prompts.get("query") or "") if query_prefix is None else query_prefix,
            document if document_prefix is None else document_prefix,
        )

    @property
    def identity(self) -> EncoderIdentity:
        return self._identity

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        return self._encode(self._query_prefix, texts)

    def encode_documents(self, texts: Sequence[str]) -> Vectors:
        return self._encode(self._document_prefix, texts)

    def _encode(self, prefix: str, texts: Sequence[str]) -> Vectors:
        if not texts:
            return empty(self._identity.dimensions)
        formed = [prefix + text_form(text, self._max_tokens) for text in texts]
        try:
            with self._lock:
                vectors = self._model.encode(
                    formed, prompt="", batch_size=self._batch_size, convert_to_numpy=True, show_progress_bar=False
                )
        except (RuntimeError, ValueError) as error:
            raise ModelError(
                f"{self._identity.name} failed to run: {error}.", "Try a smaller batch_size under [encoder]."
            ) from error
        return unit(np.asarray(vectors), self._identity.name)

    def _identify(self, name: str) -> EncoderIdentity:
        """A digest over the weights themselves: a hub name may be moved to other weights at any time."""
        digest = sha256(f"{self._query_prefix}\0{self._document_prefix}\0{self._max_tokens}".encode())
        for key, tensor in sorted(self._model.state_dict().items()):
            digest.update(key.encode())
            digest.update(tensor.detach().cpu().float().numpy().tobytes())
        digest.update(_described(self._model.tokenizer).encode())
        dimensions = int(self._model.encode(["probe"], show_progress_bar=False).shape[1])
        label = Path(name).name if Path(name).is_dir() else name
        return EncoderIdentity(label, digest.hexdigest()[:12], dimensions, digest.hexdigest())


def _described(tokenizer: Any) -> str:
    """All that decides how text is split; a tokenizer without a fast form tells its pieces only."""
    fast = getattr(tokenizer, "backend_tokenizer", None)
    return str(fast.to_str()) if fast is not None else repr(sorted(tokenizer.get_vocab().items()))


def _load(name: str, threads: int) -> Any:
    try:
        from sentence_transformers import SentenceTransformer
    except ModuleNotFoundError as error:
        raise MissingExtra(
            f"huggingface:{name} needs sentence-transformers.", "Run `pip install 'openaisle[huggingface]'`."
        ) from error
    if threads:
        importlib.import_module("torch").set_num_threads(threads)
    try:
        return SentenceTransformer(name, trust_remote_code=False, model_kwargs={"use_safetensors": True})
    except Exception as error:  # the hub, the disk and the model's own code fail in many ways
        first = (str(error).strip().splitlines() or [type(error).__name__])[0][:300].rstrip(".")
        raise ModelError(
            f"The model {name} cannot be loaded: {first}.",
            "Check its name, that the hub can be reached, and that its weights are safetensors.",
        ) from error
