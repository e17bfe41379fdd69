"""Triplet loss (Schroff, Kalenichenko and Philbin, 2015, "FaceNet"): the better text nearer than the worse one, by a
margin.

    loss = mean over triplets of max(0, δ(q, better) − δ(q, worse) + margin),   δ = 1 − cos

Every two texts of a list with different gains make a triplet. sentence-transformers' TripletLoss on the triplets laid
out flat; without any, the loss is 0.
"""

from __future__ import annotations

import torch
from sentence_transformers.sentence_transformer.losses import TripletLoss
from sentence_transformers.sentence_transformer.losses.triplet import TripletDistanceMetric
from torch import Tensor

from openaisle.learning.losses.protocol import VectorLoss


class Triplet(VectorLoss):
    """`margin`: difference of distances, which lie between 0 and 2."""

    within_lists = True

    def __init__(self, margin: float) -> None:
        super().__init__()
        self._published = TripletLoss(None, TripletDistanceMetric.COSINE, margin)  # type: ignore[arg-type]

    def forward(self, queries: Tensor, documents: Tensor, place: Tensor, gains: Tensor) -> Tensor:
        ordered = torch.where(place >= 0, gains, torch.nan)  # nothing is above or below what is not there
        rows, better, worse = torch.nonzero(ordered[:, :, None] > ordered[:, None, :], as_tuple=True)
        if len(rows) == 0:
            return (queries.sum() + documents.sum()) * 0
        vectors = [queries[rows], documents[place[rows, better]], documents[place[rows, worse]]]
        loss: Tensor = self._published.compute_loss_from_embeddings(vectors, rows)
        return loss
