"""Classifiers, regressors and taggers on ONNX Runtime: what a shop trained on its own labels, without PyTorch."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tokenizers import Encoding, Tokenizer

from openaisle.errors import ModelError
from openaisle.models.batching import batches
from openaisle.models.graph import MEND, Graph, open_graph, open_tokenizer, padded
from openaisle.models.manifest import Kind, Manifest, read_manifest
from openaisle.models.tags import Decoder
from openaisle.models.text_form import text_form

BATCH_TOKENS = 1024
_OUTSIDE = "O"
_MARKERS = "▁Ġ "
"""What tokenizers put where a word begins: a piece of nothing else stands for no character."""

Values = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class TaggedSpan:
    """Characters `start` to `end` (not included) of a text, of a type, and how sure the model is (0 to 1)."""

    start: int
    end: int
    type: str
    probability: float


class _Runner:
    """Texts through a graph in batches of about one length."""

    def __init__(self, folder: Path, threads: int, *kinds: Kind) -> None:
        self.manifest: Manifest = read_manifest(folder).of_kind(*kinds)
        self._tokenizer: Tokenizer = open_tokenizer(self.manifest)
        self._graph: Graph = open_graph(self.manifest, threads or os.cpu_count() or 1)
        for _ in self.run(self.encodings(["probe"])):
            pass

    def formed(self, texts: Sequence[str]) -> list[str]:
        return [self.manifest.query_prefix + text_form(text, self.manifest.max_tokens) for text in texts]

    def encodings(self, formed: Sequence[str]) -> list[Encoding]:
        return list(self._tokenizer.encode_batch(list(formed))) if formed else []

    def run(self, encodings: Sequence[Encoding]) -> Iterator[tuple[int, Values]]:
        """Each text's place and output, whatever the order; a tagger's may have rows for padding at its end."""
        lengths = np.fromiter((len(each.ids) for each in encodings), np.int64, len(encodings))
        for positions in batches(lengths, BATCH_TOKENS):
            ids, mask = padded([encodings[position].ids for position in positions])
            output = self._graph.run(ids, mask)
            if len(output) != len(positions) or not np.isfinite(output).all():
                raise ModelError(f"{self._graph.name} does not give finite numbers for each text.", MEND)
            yield from zip(map(int, positions), output, strict=True)


class OnnxClassifier:
    """Labels for texts, one or (`several`) any number each. Safe to call from several threads."""

    def __init__(self, runner: _Runner) -> None:
        self._runner = runner
        self.labels = runner.manifest.labels
        self.several = runner.manifest.several

    @classmethod
    def open(cls, folder: Path, *, threads: int = 0) -> OnnxClassifier:
        """The classifier in `folder`, verified and tried once. Raises `ModelError`."""
        return cls(_Runner(folder, threads, "classifier"))

    def probabilities(self, texts: Sequence[str]) -> Values:
        """float32 (texts, labels): rows sum to 1, or, with `several`, each label has a probability of its own."""
        logits = np.empty((len(texts), len(self.labels)), np.float32)
        for place, row in self._runner.run(self._runner.encodings(self._runner.formed(texts))):
            logits[place] = row
        return _sigmoid(logits) if self.several else _softmax(logits)

    def predict(self, texts: Sequence[str], threshold: float = 0.5) -> list[tuple[str, ...]]:
        """The labels of each text, likeliest first: the best one, or with `several` all that reach the threshold."""
        return [self._chosen(row, threshold) for row in self.probabilities(texts)]

    def _chosen(self, row: Values, threshold: float) -> tuple[str, ...]:
        if not self.several:
            return (self.labels[int(row.argmax())],)
        order = np.argsort(-row, kind="stable")
        return tuple(self.labels[place] for place in order if row[place] >= threshold)


class OnnxRegressor:
    """A number for each text. Safe to call from several threads."""

    def __init__(self, runner: _Runner) -> None:
        self._runner = runner

    @classmethod
    def open(cls, folder: Path, *, threads: int = 0) -> OnnxRegressor:
        """The regressor in `folder`, verified and tried once. Raises `ModelError`."""
        return cls(_Runner(folder, threads, "regressor"))

    def predict(self, texts: Sequence[str]) -> Values:
        """float32 (texts,)."""
        values = np.empty(len(texts), np.float32)
        for place, value in self._runner.run(self._runner.encodings(self._runner.formed(texts))):
            values[place] = np.ravel(value)[0]
        return values


class OnnxTagger:
    """Typed spans in texts, from tags B-TYPE, I-TYPE and O for each token. Safe to call from several threads."""

    def __init__(self, runner: _Runner) -> None:
        self._runner = runner
        self.labels = runner.manifest.labels
        self._decoder = Decoder(self.labels, runner.manifest.following)

    @classmethod
    def open(cls, folder: Path, *, threads: int = 0) -> OnnxTagger:
        """The tagger in `folder`, verified and tried once. Raises `ModelError`."""
        return cls(_Runner(folder, threads, "tagger"))

    def spans(self, texts: Sequence[str]) -> list[tuple[TaggedSpan, ...]]:
        """The spans of each text in order. Places are in the text as given; what is cut off has no spans."""
        encodings = self._runner.encodings(texts)
        found: list[tuple[TaggedSpan, ...]] = [()] * len(texts)
        for place, logits in self._runner.run(encodings):
            found[place] = self._spans(texts[place], encodings[place], logits)
        return found

    def _spans(self, text: str, encoding: Encoding, logits: Values) -> tuple[TaggedSpan, ...]:
        places, said = _pieces(text, encoding), logits[: len(encoding.ids)]
        said = said[[number for number, _ in places]]
        spans: list[TaggedSpan] = []
        for (_, (start, end)), number, row in zip(places, self._decoder.decode(said), _softmax(said), strict=True):
            tag, probability = self.labels[number], float(row[number])
            if tag.startswith("I-") and spans:
                last = spans[-1]
                spans[-1] = TaggedSpan(last.start, end, last.type, min(last.probability, probability))
            elif tag != _OUTSIDE:
                spans.append(TaggedSpan(start, end, tag[2:], probability))
        return tuple(spans)


def _pieces(text: str, encoding: Encoding) -> list[tuple[int, tuple[int, int]]]:
    """The number and the characters of each piece that stands for some."""
    trimmed = [_trimmed(text, *offset) for offset in encoding.offsets]
    return [
        (number, (start, end))
        for number, ((start, end), piece) in enumerate(zip(trimmed, encoding.tokens, strict=True))
        if start < end and piece.strip(_MARKERS)
    ]


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    """Without the blanks at either end, which some tokenizers count to the word behind them."""
    while start < end and text[start].isspace():
        start += 1
    while start < end and text[end - 1].isspace():
        end -= 1
    return start, end


def _softmax(logits: Values) -> Values:
    raised = np.exp(logits - logits.max(axis=-1, keepdims=True))
    shares: Values = raised / raised.sum(axis=-1, keepdims=True)
    return shares


def _sigmoid(logits: Values) -> Values:
    return (0.5 * (1 + np.tanh(logits.astype(np.float64) / 2))).astype(np.float32)
