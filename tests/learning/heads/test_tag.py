"""Tagging aligns characters with tokens, in Chinese too, and learns."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from openaisle.errors import DataError
from openaisle.learning.backbones import Backbone, open_backbone
from openaisle.learning.examples import DataSet, Labelled, Span, Tagged
from openaisle.learning.heads import HeadOptions, build_head, load_head
from openaisle.learning.heads.alignment import spans_of, tags_of
from openaisle.learning.heads.tag import TagHead
from openaisle.learning.losses import LossOptions

EXAMPLES = [
    Tagged("red leather shoes", (Span(0, 3, "colour"), Span(4, 11, "material"))),
    Tagged("blue cotton shirt", (Span(0, 4, "colour"), Span(5, 11, "material"))),
    Tagged("cup", ()),
    Tagged("红色皮革杯子", (Span(0, 2, "colour"), Span(2, 4, "material"))),
    Tagged("杯子黑色", (Span(2, 4, "colour"),)),
]


def tagger(backbone: Backbone, examples: list[Any] = EXAMPLES, loss: str = "") -> TagHead:
    data = DataSet(tuple(examples), (), (), "0" * 64)
    head = build_head("tag", backbone, HeadOptions(max_tokens=24), LossOptions(loss), data)
    assert isinstance(head, TagHead)
    return head


@pytest.mark.parametrize("loss", ["cross_entropy", "random_field"])
def test_learns(backbone: Backbone, learn: Any, loss: str) -> None:
    head = tagger(backbone, loss=loss)
    before = head.measure(EXAMPLES)["f1"]
    learn(head, EXAMPLES, steps=80)
    assert before < 0.5
    assert head.measure(EXAMPLES) == {"f1": 1.0, "precision": 1.0, "recall": 1.0}
    assert head.predict(["杯子黑色"]) == [(Span(2, 4, "colour"),)]


@pytest.mark.parametrize("base", ["tiny", "starter"])
def test_gold_tags_give_the_gold_spans_back(tiny_base: Path, base: str) -> None:
    head = tagger(open_backbone(str(tiny_base) if base == "tiny" else base, max_tokens=24, layers=1))
    texts = [*EXAMPLES, Tagged("买苹果手机壳iPhone 15", (Span(1, 5, "material"), Span(5, 6, "colour")))]
    batch = head.collate(texts)
    _, places = head._read([each.text for each in texts])
    for row, (each, extent) in enumerate(zip(texts, places, strict=True)):
        tags = [head.tags[max(number, 0)] for number in batch["labels"][row, : len(extent)].tolist()]
        assert spans_of(tags, extent) == each.spans


def test_padding_and_special_tokens_are_not_judged(backbone: Backbone) -> None:
    labels = tagger(backbone).collate(EXAMPLES)["labels"]
    assert (labels[:, 0] == -100).all()
    assert (labels[2] != -100).sum() >= 1


def test_what_is_cut_off_counts_as_missed(backbone: Backbone, learn: Any) -> None:
    head = tagger(backbone)
    learn(head, EXAMPLES, steps=80)
    far = Tagged("杯子黑色" + "杯" * 60 + "黑色", (Span(2, 4, "colour"), Span(64, 66, "colour")))
    assert head.measure([far])["recall"] <= 0.5


def test_counts_by_hand(backbone: Backbone, monkeypatch: pytest.MonkeyPatch) -> None:
    head = tagger(backbone)
    found = [(Span(0, 3, "colour"), Span(4, 11, "colour")), ()]
    monkeypatch.setattr(head, "predict", lambda texts: found)
    measured = head.measure([EXAMPLES[0], EXAMPLES[2]])
    assert measured == {"f1": 0.5, "precision": 0.5, "recall": 0.5}
    assert head.per_example([EXAMPLES[0], EXAMPLES[2]])["example_f1"].tolist() == [0.5, 1.0]


@pytest.mark.parametrize("loss", ["cross_entropy", "random_field"])
def test_saved_and_loaded_it_tags_the_same(backbone: Backbone, learn: Any, tmp_path: Path, loss: str) -> None:
    head = tagger(backbone, loss=loss)
    learn(head, EXAMPLES, steps=80)
    head.save(tmp_path)
    again = load_head(tmp_path)
    assert isinstance(again, TagHead)
    assert again.tags == head.tags
    assert (again.module.chain is not None) == (loss == "random_field")
    assert again.module(**again.collate(EXAMPLES))["loss"].isfinite()
    assert again.predict([each.text for each in EXAMPLES]) == [each.spans for each in EXAMPLES]


def test_what_follows_what_is_learnt_and_decides(backbone: Backbone) -> None:
    """A text of which the logits say nothing is tagged by what the chain has learnt."""
    head = tagger(backbone, loss="random_field")
    assert head.module.chain is not None
    with torch.no_grad():
        head.module.output[-1].weight.zero_()
        head.module.chain.starts[head.tags.index("B-colour")] = 5
        head.module.chain.steps[head.tags.index("B-colour"), head.tags.index("I-colour")] = 5
        head.module.chain.steps[head.tags.index("I-colour"), head.tags.index("O")] = 5
    assert head.predict(["红色杯"]) == [(Span(0, 2, "colour"),)]


@pytest.mark.parametrize(("before", "after"), [("", "random_field"), ("random_field", ""), ("random_field",) * 2])
def test_a_training_goes_on_with_another_loss(
    backbone: Backbone, learn: Any, tmp_path: Path, before: str, after: str
) -> None:
    head = tagger(backbone, loss=before)
    learn(head, EXAMPLES, steps=20)
    head.save(tmp_path)
    again = tagger(open_backbone(str(tmp_path), max_tokens=24), loss=after)
    torch.testing.assert_close(again.module.output[-1].weight, head.module.output[-1].weight)
    if before and after:
        assert head.module.chain is not None
        assert again.module.chain is not None
        torch.testing.assert_close(again.module.chain.steps, head.module.chain.steps)


def test_the_backbones_own_tokenizer_is_left_alone(backbone: Backbone) -> None:
    before = backbone.tokenizer.backend_tokenizer.to_str()
    tagger(backbone)
    assert backbone.tokenizer.backend_tokenizer.to_str() == before


@pytest.mark.parametrize("examples", [[], [Tagged("cup", ())], [Labelled("cup", ("a",))]])
def test_data_without_spans_are_refused(backbone: Backbone, examples: list[Any]) -> None:
    with pytest.raises(DataError):
        tagger(backbone, examples)


@given(st.lists(st.tuples(st.integers(1, 3), st.sampled_from(["a", "b", None])), max_size=8))
def test_tags_and_back(parts: list[tuple[int, str | None]]) -> None:
    spans, tokens, position = [], [], 0
    for length, kind in parts:
        tokens += [(position + step, position + step + 1) for step in range(length)]
        if kind is not None:
            spans.append(Span(position, position + length, kind))
        position += length
    names = ["O", "B-a", "I-a", "B-b", "I-b"]
    tags = tags_of(spans, tokens, {name: number for number, name in enumerate(names)})
    assert list(spans_of([names[tag] for tag in tags], tokens)) == spans
