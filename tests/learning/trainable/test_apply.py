"""Each choice of trainable weights on a tiny transformer: how many move, that it learns, and that it folds and loads."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from transformers import AutoModel

from openaisle.errors import ModelError, RecipeError, TrainingError
from openaisle.learning.recipe import names
from openaisle.learning.trainable import Sizes, Trainable, apply, restore

METHODS = ["everything", "head", "last:1", "gradual", "adapter", "lora", "adalora", "ia3", "prefix", "prompt"]
ADDING = ["adapter", "lora", "adalora", "ia3", "prefix", "prompt"]
FOLDING = ["everything", "head", "last:1", "gradual", "lora", "adalora", "ia3"]
STAYING = ["adapter", "prefix", "prompt"]
SIZES = Sizes(rank=4, alpha=8, virtual_tokens=5, bottleneck=6)
RATE = {"everything": 3e-3, "last": 3e-3, "gradual": 5e-3, "head": 3e-2, "prefix": 5e-2, "prompt": 5e-2, "ia3": 3e-2}
WIDTH, INSIDE, LABELS = 32, 64, 2
HEAD = WIDTH * LABELS + LABELS
LAYER = 4 * (WIDTH * WIDTH + WIDTH) + 2 * WIDTH * INSIDE + INSIDE + WIDTH + 4 * WIDTH


class Classifier(nn.Module):
    """The least that a head is: a backbone, a mean over tokens, a linear map."""

    def __init__(self, backbone: nn.Module) -> None:
        super().__init__()
        self.backbone = backbone
        self.scores = nn.Linear(WIDTH, LABELS)

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        hidden = self.backbone(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
        mask = attention_mask[..., None].to(hidden.dtype)
        logits: Tensor = self.scores((hidden * mask).sum(1) / mask.sum(1))
        return logits


@pytest.fixture(scope="module")
def plain(tiny_base: Path) -> Classifier:
    torch.manual_seed(1)
    model = AutoModel.from_pretrained(tiny_base, add_pooling_layer=False)
    return Classifier(model)


@pytest.fixture
def classifier(plain: Classifier) -> Classifier:
    return copy.deepcopy(plain).train()


def texts(count: int = 32) -> tuple[Tensor, Tensor, Tensor]:
    """Token ids with padding, and a label that one token among the others decides."""
    random = torch.Generator().manual_seed(3)
    ids = torch.randint(100, 1000, (count, 8), generator=random)
    labels = torch.arange(count) % LABELS
    ids[:, 2] = 50 + labels
    mask = torch.ones_like(ids)
    mask[::3, 6:] = 0
    return ids, mask, labels


def made(what: str, module: Classifier, steps: int = 40, **more: Any) -> Trainable:
    rate = RATE.get(what.partition(":")[0], 1e-2)
    return apply(what, module, module.backbone, learning_rate=rate, total_steps=steps, sizes=SIZES, **more)


def learn(module: Classifier, trainable: Trainable, steps: int = 40) -> list[float]:
    torch.manual_seed(2)
    ids, mask, labels = texts()
    optimizer = torch.optim.AdamW(trainable.parameter_groups)
    losses = []
    for step in range(1, steps + 1):
        loss = nn.functional.cross_entropy(module(ids, mask), labels)
        loss.backward()
        optimizer.step()
        if trainable.on_step is not None:
            trainable.on_step(step)
        optimizer.zero_grad()
        losses.append(loss.item())
    return losses


def outputs(module: Classifier) -> Tensor:
    ids, mask, _ = texts()
    module.eval()
    with torch.no_grad():
        return module(ids, mask)


EXPECTED = {
    "head": HEAD,
    "last:1": HEAD + LAYER,
    "adapter": HEAD + 2 * (2 * WIDTH * 6 + 6 + WIDTH),
    "lora": HEAD + 2 * 2 * (2 * WIDTH * 4),
    # rank 6 at the start: four maps of the attention, two of the feed-forward network; a value a rank
    "adalora": HEAD + 2 * 6 * (4 * 2 * WIDTH + 2 * (WIDTH + INSIDE) + 6),
    "ia3": HEAD + 2 * (2 * WIDTH + INSIDE),
    "prefix": HEAD + 2 * 2 * 5 * WIDTH,
    "prompt": HEAD + 5 * WIDTH,
}


@pytest.mark.parametrize("what", METHODS)
def test_trains_as_many_weights_as_it_should(what: str, classifier: Classifier) -> None:
    before = sum(parameter.numel() for parameter in classifier.parameters())
    counts = made(what, classifier).counts
    assert counts.trainable == EXPECTED.get(what, before)
    added = counts.trainable - HEAD if what in ADDING else 0
    ranks = 12 if what == "adalora" else 0  # one a map, kept beside the weights
    assert counts.total == before + added + ranks


@pytest.mark.parametrize("what", METHODS)
def test_learns_and_moves_nothing_that_is_frozen(what: str, classifier: Classifier) -> None:
    trainable = made(what, classifier)
    moving = {id(parameter) for group in trainable.parameter_groups for parameter in group["params"]}
    before = {name: value.detach().clone() for name, value in classifier.named_parameters()}
    losses = learn(classifier, trainable)
    assert losses[-1] < 0.6 * losses[0]
    for name, value in classifier.named_parameters():
        assert id(value) in moving or torch.equal(value, before[name]), name


@pytest.mark.parametrize("what", ["adapter", "lora", "adalora", "ia3"])
def test_changes_nothing_before_training(what: str, classifier: Classifier) -> None:
    before = outputs(classifier)
    made(what, classifier)
    torch.testing.assert_close(outputs(classifier), before)


@pytest.mark.parametrize("what", ["prefix", "prompt"])
def test_learned_tokens_leave_the_form_and_the_padding_alone(what: str, classifier: Classifier) -> None:
    made(what, classifier)
    ids, mask, _ = texts()
    classifier.eval()
    with torch.no_grad():
        hidden = classifier.backbone(input_ids=ids, attention_mask=mask).last_hidden_state
        other = classifier.backbone(input_ids=ids + (1 - mask), attention_mask=mask).last_hidden_state
    assert hidden.shape == (*ids.shape, WIDTH)
    torch.testing.assert_close(other[mask.bool()], hidden[mask.bool()])


@pytest.mark.parametrize("what", FOLDING)
def test_folded_it_gives_what_it_gave_from_plain_weights(what: str, classifier: Classifier, plain: Classifier) -> None:
    trainable = made(what, classifier)
    learn(classifier, trainable, 15)
    before = outputs(classifier)
    trainable.merge()
    assert trainable.folds
    torch.testing.assert_close(outputs(classifier), before, rtol=1e-4, atol=1e-5)
    assert classifier.state_dict().keys() == plain.state_dict().keys()


@pytest.mark.parametrize("what", FOLDING)
def test_a_folded_backbone_is_saved_and_opened_as_any_other(
    what: str, classifier: Classifier, plain: Classifier, tmp_path: Path
) -> None:
    trainable = made(what, classifier)
    learn(classifier, trainable, 10)
    trainable.merge()
    trainable.save(tmp_path)
    assert list(tmp_path.iterdir()) == []
    backbone: Any = classifier.backbone
    backbone.save_pretrained(tmp_path)
    opened = copy.deepcopy(plain)
    opened.backbone = AutoModel.from_pretrained(tmp_path, add_pooling_layer=False)
    opened.scores = classifier.scores
    torch.testing.assert_close(outputs(opened), outputs(classifier))


@pytest.mark.parametrize("what", STAYING)
def test_what_cannot_be_folded_is_saved_and_put_back(
    what: str, classifier: Classifier, plain: Classifier, tmp_path: Path
) -> None:
    trainable = made(what, classifier)
    learn(classifier, trainable, 10)
    trainable.merge()
    trainable.save(tmp_path)
    assert not trainable.folds
    opened = copy.deepcopy(plain)
    opened.scores = classifier.scores
    assert restore(opened, opened.backbone, tmp_path)
    torch.testing.assert_close(outputs(opened), outputs(classifier))


@pytest.mark.parametrize("what", METHODS)
def test_a_checkpoint_loads_into_a_module_made_the_same_way(
    what: str, classifier: Classifier, plain: Classifier
) -> None:
    learn(classifier, made(what, classifier), 5)
    again = copy.deepcopy(plain)
    made(what, again)
    again.load_state_dict(classifier.state_dict())
    torch.testing.assert_close(outputs(again), outputs(classifier))


@pytest.mark.parametrize("what", METHODS)
def test_a_copy_uses_its_own_weights(what: str, classifier: Classifier) -> None:
    trainable = made(what, classifier)
    learn(classifier, trainable, 5)
    copied = copy.deepcopy(classifier)
    before = outputs(copied)
    with torch.no_grad():
        for group in trainable.parameter_groups:
            for parameter in group["params"]:
                parameter.zero_()
    assert not torch.equal(outputs(classifier), before)
    torch.testing.assert_close(outputs(copied), before)


def test_gradual_frees_a_layer_more_from_the_top(classifier: Classifier) -> None:
    trainable = apply(
        "gradual",
        classifier,
        classifier.backbone,
        learning_rate=1e-3,
        total_steps=100,
        sizes=Sizes(unfreeze_every=10),
    )

    def free() -> set[str]:
        return {
            next(part for part in ("embeddings", "layer.0", "layer.1") if part in name)
            for name, parameter in classifier.backbone.named_parameters()
            if parameter.requires_grad
        }

    assert trainable.on_step is not None
    seen = {}
    for step in (0, 9, 10, 20, 30, 99):
        trainable.on_step(step)
        seen[step] = free()
    top, both = {"layer.1"}, {"layer.0", "layer.1"}
    assert seen == {0: set(), 9: set(), 10: top, 20: both, 30: both | {"embeddings"}, 99: both | {"embeddings"}}
    assert all(parameter.requires_grad for parameter in classifier.scores.parameters())


def test_adalora_ends_with_the_rank_that_was_asked_for(classifier: Classifier) -> None:
    trainable = made("adalora", classifier, steps=40)
    learn(classifier, trainable, 40)
    values = [value for name, value in classifier.named_parameters() if ".lora_E." in name]
    assert sum(int((value != 0).sum()) for value in values) == pytest.approx(12 * SIZES.rank, abs=2)
    assert sum(value.numel() for value in values) == 12 * 6


def test_adalora_pulls_as_peft_does(classifier: Classifier) -> None:
    made("adalora", classifier, accumulation=2)
    factors = {name: value for name, value in classifier.named_parameters() if ".lora_A." in name or ".lora_B." in name}
    for _ in range(2):
        sum((value * 0).sum() for value in factors.values()).backward()  # type: ignore[union-attr]
    hooked = {name: value.grad.clone() for name, value in factors.items() if value.grad is not None}
    terms = []
    for name, value in factors.items():
        factor = (
            value.detach().clone().requires_grad_() if ".lora_A." in name else value.detach().T.clone().requires_grad_()
        )
        terms.append((name, factor, torch.linalg.matrix_norm(factor @ factor.T - torch.eye(6))))
    (0.5 * torch.stack([term for _, _, term in terms]).mean()).backward()
    for name, factor, _ in terms:
        assert factor.grad is not None
        torch.testing.assert_close(hooked[name], factor.grad if ".lora_A." in name else factor.grad.T)


def test_a_head_without_weights_alone_trains_nothing(plain: Classifier) -> None:
    module = nn.ModuleDict({"backbone": copy.deepcopy(plain.backbone)})
    with pytest.raises(TrainingError, match="nothing trains"):
        apply("head", module, module["backbone"], learning_rate=1e-3, total_steps=10)


@pytest.mark.parametrize("what", ["all", "lora:2", "last", "last:0", "last:3", "last:x", ""])
def test_another_name_is_refused(what: str, classifier: Classifier) -> None:
    with pytest.raises(RecipeError):
        made(what, classifier)


def test_an_architecture_without_past_keys_takes_no_prefix() -> None:
    from transformers import MPNetConfig, MPNetModel

    config = MPNetConfig(
        vocab_size=50, hidden_size=32, num_hidden_layers=1, num_attention_heads=2, intermediate_size=64
    )
    module = Classifier(MPNetModel(config, add_pooling_layer=False))
    with pytest.raises(TrainingError, match="MPNetModel cannot take prefix tuning"):
        made("prefix", module)


@pytest.mark.parametrize("what", ["prefix", "prompt"])
def test_texts_must_leave_room_for_learned_tokens(what: str, classifier: Classifier) -> None:
    made(what, classifier)
    longest = torch.ones((1, 125), dtype=torch.int64)
    classifier(longest, longest)
    with pytest.raises(TrainingError, match="places for 125"):
        classifier(torch.ones((1, 126), dtype=torch.int64), torch.ones((1, 126), dtype=torch.int64))


def test_restore_says_when_there_is_nothing_and_refuses_what_is_damaged(classifier: Classifier, tmp_path: Path) -> None:
    assert not restore(classifier, classifier.backbone, tmp_path)
    (tmp_path / "added.json").write_text('{"what": "adapter", "virtual_tokens": 5, "bottleneck": 6}')
    (tmp_path / "added.safetensors").write_bytes(b"nonsense")
    with pytest.raises(ModelError, match="cannot be read"):
        restore(classifier, classifier.backbone, tmp_path)


def test_restore_refuses_weights_of_another_model(classifier: Classifier, plain: Classifier, tmp_path: Path) -> None:
    made("adapter", classifier).save(tmp_path)
    (tmp_path / "added.json").write_text('{"what": "adapter", "virtual_tokens": 5, "bottleneck": 7}')
    other = copy.deepcopy(plain)
    with pytest.raises(ModelError, match="another model"):
        restore(other, other.backbone, tmp_path)


@pytest.mark.parametrize("what", METHODS)
def test_every_method_has_a_usual_rate(what: str) -> None:
    assert 0 < names.RATE[what.partition(":")[0]] < 0.1
