"""Learning the blend: the cases of a validation time, which no method has learnt from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from openaisle.errors import MissingExtra
from openaisle.recommend.blend.features import Feature, features, table
from openaisle.recommend.blend.forest import forest
from openaisle.recommend.blend.knowledge import Knowledge
from openaisle.recommend.blend.proposals import ask, propose
from openaisle.recommend.blend.ranker import Graphs, LearnedRanker, parts_of
from openaisle.recommend.scores import Values
from openaisle.recommend.splits import Case

Groups = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class BlendOptions:
    """`cases` at most are learnt from, with `negatives` proposals each; a fifth of them decides when to stop: after
    `patience` trees that made nothing better."""

    cases: int = 12_000
    negatives: int = 150
    trees: int = 100
    leaves: int = 31
    rate: float = 0.1
    patience: int = 30
    least_cases: int = 200
    seed: int = 17


@dataclass(frozen=True, slots=True)
class Lessons:
    """Rows of all cases one after the other; `groups` is how many rows each case has."""

    rows: Values
    labels: NDArray[np.int8]
    groups: Groups


def learn_blend(cases: Sequence[Case], knowledge: Knowledge, options: BlendOptions) -> LearnedRanker | None:
    """None where too few cases have a right answer among the proposals. Raises `MissingExtra` without LightGBM or
    onnx."""
    generator = np.random.default_rng(options.seed)
    units = generator.permutation(np.unique([case.unit for case in cases]))
    stopping = set(units[: len(units) // 5].tolist())
    chosen = generator.permutation(len(cases))[: options.cases]
    learnt = lessons([cases[i] for i in chosen if cases[i].unit not in stopping], knowledge, options, generator)
    watched = lessons([cases[i] for i in chosen if cases[i].unit in stopping], knowledge, options, generator)
    if len(learnt.groups) < options.least_cases or len(watched.groups) == 0:
        return None
    graphs = graphs_of(_boosted(learnt, watched, options).model_to_string(), features(knowledge.methods))
    return None if graphs is None else LearnedRanker(graphs, tuple(knowledge.methods))


def graphs_of(text: str, told: Sequence[Feature]) -> Graphs | None:
    """What a model's text is run as; None where no tree of it splits."""
    names = parts_of(told)
    scoring = forest(text, [0] * len(told), 1)
    explaining = forest(text, [names.index(feature.part) for feature in told], len(names))
    return None if scoring is None or explaining is None else Graphs(scoring, explaining)


def lessons(
    cases: Sequence[Case], knowledge: Knowledge, options: BlendOptions, generator: np.random.Generator
) -> Lessons:
    """A case without a right answer among its proposals teaches nothing and is left out."""
    chosen = features(knowledge.methods)
    rows, labels = [], []
    for case in cases:
        proposals = propose(ask(case.context, knowledge.methods), knowledge.methods, case.context.trail)
        right = np.isin(proposals.products, case.targets)
        if not right.any() or right.all():
            continue
        wrong = np.flatnonzero(~right)
        # in the order they had: right answers that stood first would win all ties when the ranking is watched
        kept = np.sort(np.concatenate((np.flatnonzero(right), generator.permutation(wrong)[: options.negatives])))
        rows.append(table(case.context, proposals, knowledge, chosen)[kept])
        labels.append(right[kept].astype(np.int8))
    if not rows:
        return Lessons(np.empty((0, len(chosen)), np.float32), np.empty(0, np.int8), np.empty(0, np.int64))
    groups = np.array([len(each) for each in labels], np.int64)
    return Lessons(np.concatenate(rows), np.concatenate(labels), groups)


def _boosted(learnt: Lessons, watched: Lessons, options: BlendOptions) -> Any:
    library = _lightgbm()
    training = library.Dataset(learnt.rows, learnt.labels, group=learnt.groups)
    watching = library.Dataset(watched.rows, watched.labels, group=watched.groups, reference=training)
    parameters = {
        "objective": "lambdarank",
        "lambdarank_truncation_level": 25,
        "metric": "ndcg",
        "ndcg_eval_at": [20],
        "num_leaves": options.leaves,
        "max_depth": 6,
        "learning_rate": options.rate,
        "min_data_in_leaf": 50,
        "feature_fraction": 0.7,
        "bagging_fraction": 0.8,
        "bagging_freq": 1,
        "lambda_l2": 5.0,
        "num_threads": 1,
        "verbosity": -1,
        "seed": options.seed,
        "deterministic": True,
    }
    return library.train(
        parameters,
        training,
        num_boost_round=options.trees,
        valid_sets=[watching],
        callbacks=[library.early_stopping(options.patience, verbose=False)],
    )


def _lightgbm() -> Any:
    try:
        import lightgbm as library
    except ImportError as error:
        raise MissingExtra(
            "The learned blend needs LightGBM.", "Install it with: pip install 'openaisle[behaviour]'"
        ) from error
    return library
