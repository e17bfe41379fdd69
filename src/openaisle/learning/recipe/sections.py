"""Every key of a recipe: name, type, bounds, default and meaning. No other file states a default."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Literal

from annotated_types import Interval, Len, Predicate
from pydantic import ConfigDict

from openaisle.learning.recipe.names import FIELDS, SOURCES_OF_NEGATIVES
from openaisle.settings.sections import Doc, Share

Task = Literal["match", "rerank", "classify", "multilabel", "regress", "tag", "mlm", "simcse", "tsdae", "distil"]

_MODEL_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?")
_WHAT = re.compile(r"everything|head|last:[1-9][0-9]?|gradual|lora|adalora|ia3|prefix|prompt|adapter")

Count = Annotated[int, Interval(ge=0, le=100_000_000)]
Words = Annotated[str, Len(0, 200)]
Prefix = Annotated[str, Len(0, 1000)]
Metric = Annotated[str, Len(0, 60)]


def _each_of(allowed: tuple[str, ...]) -> Predicate:
    return Predicate(lambda names: set(names) <= set(allowed))


@dataclass(frozen=True, slots=True)
class DataRecipe:
    """What is learned from, and how it is divided."""

    source: Annotated[
        Literal["judgments", "pairs", "catalogue", "labelled", "valued", "tagged", "texts", "clicks"],
        Doc("Kind of data: which file is read, or `catalogue` and `clicks`, which the shop itself holds."),
    ] = "judgments"
    path: Annotated[
        Path | None,
        Doc("The file, relative to the recipe.", allowed="the path of a file", example="judgments.tsv.gz"),
    ] = None
    validation_path: Annotated[
        Path | None,
        Doc("File to validate on, instead of a share of `path`.", allowed="the path of a file", example="dev.tsv"),
    ] = None
    test_path: Annotated[
        Path | None,
        Doc("File to compare on, instead of a share of `path`.", allowed="the path of a file", example="test.tsv"),
    ] = None
    columns: Annotated[
        Mapping[str, str],
        Doc(
            "What the file calls what is read, where its columns are named otherwise.",
            allowed="a table of our name = the file's column",
            example='{ text = "review", label = "stars" }',
        ),
    ] = field(default_factory=dict)
    fields: Annotated[
        tuple[str, ...],
        Len(1, 6),
        _each_of(FIELDS),
        Doc("Fields of a product that make its text.", allowed=f"a list of {', '.join(FIELDS)}"),
    ] = ("title",)
    train: Annotated[Share, Doc("Share of the queries (or texts) to learn from.")] = 0.8
    validation: Annotated[Share, Doc("Share to choose the best checkpoint on and to stop early.")] = 0.1
    test: Annotated[Share, Doc("Share kept unseen, for the comparison of before and after.")] = 0.1
    limit: Annotated[Count, Doc("Most queries (or texts) that are used; 0 uses all.")] = 0
    positive_from: Annotated[
        float, Interval(ge=0, le=1000), Doc("Gain from which a judged text counts as an answer to its query.")
    ] = 0.5
    negatives: Annotated[
        int, Interval(ge=0, le=64), Doc("Hard negatives that are looked for, for each query and answer.")
    ] = 4
    negatives_from: Annotated[
        tuple[str, ...],
        _each_of(SOURCES_OF_NEGATIVES),
        Doc(
            "Who finds the hard negatives: the model as it is before training, or words.",
            allowed=f"a list of {', '.join(SOURCES_OF_NEGATIVES)}",
        ),
    ] = ("model", "bm25")
    false_negative_margin: Annotated[
        Share,
        Doc("A text that the model finds this near to the answer's own score is no negative: it may well answer too."),
    ] = 0.95
    synthetic_queries: Annotated[
        int, Interval(ge=0, le=20), Doc("Queries made up for each product, from its title and attributes.")
    ] = 0
    replay: Annotated[
        float,
        Interval(ge=0, le=0.95),
        Doc("Share of older examples mixed into a retraining `--since last`, so that they are not forgotten."),
    ] = 0.25


@dataclass(frozen=True, slots=True)
class ModelRecipe:
    """The model's form."""

    pooling: Annotated[Literal["mean", "cls"], Doc("How the vectors of tokens become one of the text.")] = "mean"
    max_tokens: Annotated[
        int, Interval(ge=4, le=8192), Doc("Tokens of a text that are read, special ones included.")
    ] = 64
    layers: Annotated[
        tuple[Annotated[int, Interval(ge=0, le=999)], ...],
        Doc(
            "Layers of the base that are kept, counted from 0 at the bottom; without it, all.",
            allowed="a list of whole numbers",
        ),
    ] = ()
    dropout: Annotated[
        float | None,
        Interval(ge=0, le=0.9),
        Doc("Share of activations dropped while training; without it, the base's own.", example="0.1"),
    ] = None
    dimensions: Annotated[
        int, Interval(ge=0, le=8192), Doc("Length of the vectors, by a projection; 0 keeps the base's own.")
    ] = 0
    grams: Annotated[
        int,
        Interval(ge=0, le=4),
        Doc(
            "Longest runs of tokens that a logistic regression hears beside the model, for `classify` with up to some "
            "hundred labels: its logits are added. 2, single tokens and pairs, often helps; 0 leaves it out. A base "
            "that hears the same keeps what it has."
        ),
    ] = 0
    query_prefix: Annotated[
        Prefix | None, Doc("Text put before every query; without it, the base's own.", example="query: ")
    ] = None
    document_prefix: Annotated[
        Prefix | None, Doc("Text put before every product; without it, the base's own.", example="passage: ")
    ] = None


@dataclass(frozen=True, slots=True)
class TrainRecipe:
    """How it learns."""

    what: Annotated[
        str,
        Predicate(lambda what: _WHAT.fullmatch(what) is not None),
        Doc(
            "Which weights learn.",
            allowed="everything, head, last:N, gradual, lora, adalora, ia3, prefix, prompt or adapter",
        ),
    ] = "everything"
    start: Annotated[
        Literal["probe", "random"],
        Doc(
            "What the layer of a new `classify` model begins as: `probe`, a logistic regression on the base's vectors, "
            "or random weights. The loss `few_shot` has a regression of its own."
        ),
    ] = "probe"
    loss: Annotated[str, Len(0, 60), Doc("The loss; without it, the task's own.", example="multiple_negatives")] = ""
    temperature: Annotated[
        float, Interval(ge=0.001, le=10), Doc("What similarities are divided by in contrastive losses.")
    ] = 0.05
    margin: Annotated[float, Interval(ge=0, le=100), Doc("Margin of losses that have one.")] = 0.5
    matryoshka: Annotated[
        tuple[Annotated[int, Interval(ge=1, le=8192)], ...],
        Doc("Shorter lengths at which vectors must work too.", allowed="a list of whole numbers"),
    ] = ()
    teachers: Annotated[
        tuple[str, ...],
        Doc(
            "Models that a student learns from; without any, it learns layer by layer from the base it is cut out of.",
            allowed="a list of starter, folders, names, .npy files or NAME@VERSION",
        ),
    ] = ()
    teacher_weights: Annotated[
        tuple[Annotated[float, Interval(ge=0.001, le=1000)], ...],
        Doc("How much each teacher counts; without it, all the same.", allowed="a list of numbers, one a teacher"),
    ] = ()
    mask: Annotated[Share, Doc("Share of tokens hidden (mlm) or deleted (tsdae); 0 takes the method's own.")] = 0.0
    epochs: Annotated[float, Interval(ge=0, le=10_000), Doc("Times that the data are gone through.")] = 3.0
    max_steps: Annotated[Count, Doc("Most steps of the optimiser; 0 lets `epochs` decide.")] = 0
    batch_size: Annotated[
        int,
        Interval(ge=1, le=65_536),
        Doc("Examples in a batch, over all processes; a judged query is one example, with all its products."),
    ] = 32
    accumulation: Annotated[int, Interval(ge=1, le=4096), Doc("Batches whose gradients make one step.")] = 1
    learning_rate: Annotated[
        float,
        Interval(ge=0, le=10),
        Doc("Highest learning rate; 0 takes what suits `what`, such as 2e-5 for everything."),
    ] = 0.0
    layer_decay: Annotated[
        float,
        Interval(ge=0.1, le=1),
        Doc("Factor of the learning rate from each layer to the one below; 1 is one rate."),
    ] = 1.0
    optimizer: Annotated[
        str,
        Len(2, 60),
        Doc("The optimiser.", allowed="adamw, adam, sgd, or the name of another one in torch.optim"),
    ] = "adamw"
    momentum: Annotated[float, Interval(ge=0, le=0.999), Doc("Momentum of optimisers that take one, such as sgd.")] = (
        0.9
    )
    schedule: Annotated[
        Literal[
            "linear", "cosine", "cosine_with_restarts", "polynomial", "constant", "constant_with_warmup", "inverse_sqrt"
        ],
        Doc("Course of the learning rate after the warm-up."),
    ] = "linear"
    warmup: Annotated[Share, Doc("Share of the steps in which the learning rate rises.")] = 0.1
    weight_decay: Annotated[float, Interval(ge=0, le=1), Doc("Pull of the weights towards nothing.")] = 0.01
    clip: Annotated[
        float, Interval(ge=0, le=1000), Doc("Longest gradient; a longer one is shortened. 0 clips none.")
    ] = 1.0
    precision: Annotated[
        Literal["float32", "bfloat16", "float16"],
        Doc("Numbers that are computed with; weights stay float32. float16 needs a GPU."),
    ] = "float32"
    patience: Annotated[
        int, Interval(ge=0, le=1000), Doc("Validations without a better result after which training ends; 0 never.")
    ] = 0
    metric: Annotated[
        Metric,
        Doc("Validation metric that says which checkpoint is best; without it, the task's own.", example="ndcg@10"),
    ] = ""
    evaluate_every: Annotated[Count, Doc("Steps between validations and checkpoints; 0 is once an epoch.")] = 0
    bucketing: Annotated[bool, Doc("Whether texts of like length share a batch, which saves padding.")] = True
    workers: Annotated[int, Interval(ge=0, le=64), Doc("Processes that prepare batches; 0 does it in between.")] = 0
    rank: Annotated[int, Interval(ge=1, le=1024), Doc("Rank of the matrices of lora and adalora.")] = 8
    alpha: Annotated[
        float, Interval(ge=0.01, le=4096), Doc("Weight of what lora and adalora add, before division by rank.")
    ] = 16
    virtual_tokens: Annotated[int, Interval(ge=1, le=1000), Doc("Learned tokens of prefix and prompt.")] = 20
    bottleneck: Annotated[int, Interval(ge=1, le=4096), Doc("Width of the adapters of adapter.")] = 64
    unfreeze_every: Annotated[
        Count, Doc("Steps after which gradual frees the next layer; 0 spreads the layers over the first half.")
    ] = 0


@dataclass(frozen=True, slots=True)
class TrackingRecipe:
    """Where the course of a training is written."""

    tensorboard: Annotated[bool, Doc("Whether to write TensorBoard files beside the checkpoints.")] = True
    wandb: Annotated[Words, Doc("Project at Weights & Biases; without it, nothing goes there.")] = ""
    mlflow: Annotated[Words, Doc("Folder or address of an MLflow store; without it, nothing goes there.")] = ""


@dataclass(frozen=True, slots=True)
class ExportRecipe:
    """How the trained model is made small."""

    quantise: Annotated[
        Literal["int8", "4bit", "packed", "none"],
        Doc("Numbers that the exported weights are kept in. packed is 4bit on disk and int8 at work."),
    ] = "int8"
    vocabulary: Annotated[bool, Doc("Whether tokens that the shop's texts never use are left out.")] = False
    layers: Annotated[int, Interval(ge=0, le=200), Doc("Layers that are kept; 0 keeps all.")] = 0
    dimensions: Annotated[
        int,
        Interval(ge=0, le=8192),
        Doc("Length that vectors are cut to, for models trained with `matryoshka`; 0 cuts none."),
    ] = 0
    vectors: Annotated[
        Literal["float32", "int8", "binary"],
        Doc(
            "Numbers that the shop's index keeps vectors in. float32 takes as few bytes as scores allow; binary, a bit "
            "a dimension, finds by Hamming distance and scores with the query's full vector: train for it with "
            "the loss `binary_codes`."
        ),
    ] = "float32"


@dataclass(frozen=True, slots=True)
class CompareRecipe:
    """What is measured before and after besides the metrics of the task."""

    catalogue_recall: Annotated[
        int,
        Interval(ge=0, le=100_000),
        Doc(
            "For `match` on judged products: recall among so many nearest products of the whole catalogue, such as "
            "100. The catalogue is encoded twice for it; 0 leaves it out."
        ),
    ] = 0


@dataclass(frozen=True, slots=True)
class GateRecipe:
    """What keeps a version from being promoted."""

    guarded: Annotated[
        Mapping[str, Annotated[float, Interval(ge=0, le=1e9)]],
        Doc(
            "Metrics that must not get worse by more than this; without it, the metric of `train` by at most 0.005.",
            allowed="a table of metric = number from 0",
            example='{ "ndcg@10" = 0.005 }',
        ),
    ] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Space:
    """Values that one key may take in `openaisle tune`: a range (`low`, `high`) or `choices`."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    low: float | None = None
    high: float | None = None
    log: bool = False
    step: float | None = None
    choices: tuple[str | int | float | bool, ...] = ()


@dataclass(frozen=True, slots=True)
class TuneRecipe:
    """What `openaisle tune` tries."""

    trials: Annotated[int, Interval(ge=1, le=100_000), Doc("Trainings that are tried.")] = 20
    pruning: Annotated[bool, Doc("Whether a training that falls behind is given up.")] = True
    space: Annotated[
        Mapping[str, Space],
        Doc(
            "Keys that are varied, each with its range or choices; without it, a space that suits the task.",
            allowed="a table of key = { low, high, log, step } or { choices }",
            example='{ "train.learning_rate" = { low = 1e-5, high = 1e-3, log = true } }',
        ),
    ] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Recipe:
    """One training as it is to be done. What is left to the task or to `train.what` is filled in:
    the loss, the metric, the learning rate and what is guarded."""

    name: Annotated[
        str,
        Predicate(lambda name: _MODEL_NAME.fullmatch(name) is not None),
        Doc(
            "Name of the model in the shop's registry.",
            allowed="a-z, 0-9 and - inside, at most 64",
            example="shop-encoder",
        ),
    ]
    task: Annotated[Task, Doc("What the model learns to do.")]
    base: Annotated[
        str,
        Len(1, 1000),
        Doc(
            "The pretrained model that is trained on.",
            allowed="starter, a folder, a Hugging Face name, or NAME@VERSION of the shop's registry",
        ),
    ] = "starter"
    seed: Annotated[int, Interval(ge=0, le=4_294_967_295), Doc("Seed of everything that is random.")] = 7
    licence: Annotated[Words, Doc("Licence of the trained model, for its card; without it, the base's.")] = ""
    data: DataRecipe = field(default_factory=DataRecipe)
    model: ModelRecipe = field(default_factory=ModelRecipe)
    train: TrainRecipe = field(default_factory=TrainRecipe)
    tracking: TrackingRecipe = field(default_factory=TrackingRecipe)
    export: ExportRecipe = field(default_factory=ExportRecipe)
    compare: CompareRecipe = field(default_factory=CompareRecipe)
    gate: GateRecipe = field(default_factory=GateRecipe)
    tune: TuneRecipe = field(default_factory=TuneRecipe)
