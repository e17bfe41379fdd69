"""The network: product embeddings, causal self-attention with a learnt bias for every distance, tied output.

SASRec (Kang and McAuley, 2018) with distances in place of absolute positions: the newest product is always at distance
0, however long the session, which suits short sessions better.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

DISTANCES = 64
"""Distances that are told apart; what lies further back counts as the last of them."""


class Attention(nn.Module):
    def __init__(self, width: int, heads: int, dropout: float) -> None:
        super().__init__()
        self.heads = heads
        self.projections = nn.Linear(width, 3 * width)
        self.output = nn.Linear(width, width)
        self.distance = nn.Parameter(torch.zeros(heads, DISTANCES))
        self.dropout = nn.Dropout(dropout)

    def forward(self, states: Tensor) -> Tensor:
        """(sessions, rows, width) → the same; a row attends to itself and to those before it."""
        sessions, rows, width = states.shape
        parts = self.projections(states).view(sessions, rows, 3, self.heads, width // self.heads)
        query, key, value = parts.permute(2, 0, 3, 1, 4)
        place = torch.arange(rows, device=states.device)
        distance = place[:, None] - place[None, :]
        bias = self.distance[:, distance.clamp(0, DISTANCES - 1)]
        weights = query @ key.transpose(-1, -2) / math.sqrt(width // self.heads) + bias
        weights = weights.masked_fill(distance < 0, -1e9).softmax(-1)
        mixed = self.dropout(weights) @ value
        mixed_rows: Tensor = self.output(mixed.transpose(1, 2).reshape(sessions, rows, width))
        return mixed_rows


class Block(nn.Module):
    def __init__(self, width: int, heads: int, dropout: float) -> None:
        super().__init__()
        self.before, self.between = nn.LayerNorm(width), nn.LayerNorm(width)
        self.attention = Attention(width, heads, dropout)
        self.feed = nn.Sequential(nn.Linear(width, 2 * width), nn.GELU(), nn.Linear(2 * width, width))
        self.dropout = nn.Dropout(dropout)

    def forward(self, states: Tensor) -> Tensor:
        states = states + self.dropout(self.attention(self.before(states)))
        moved: Tensor = states + self.dropout(self.feed(self.between(states)))
        return moved


class Network(nn.Module):
    """Products (sessions, rows) → states (sessions, rows, width). Product `products` is padding."""

    def __init__(self, products: int, width: int, heads: int, blocks: int, dropout: float) -> None:
        super().__init__()
        self.embeddings = nn.Embedding(products + 1, width, padding_idx=products)
        nn.init.normal_(self.embeddings.weight, std=1 / math.sqrt(width))
        self.blocks = nn.ModuleList(Block(width, heads, dropout) for _ in range(blocks))
        self.norm = nn.LayerNorm(width)
        self.dropout = nn.Dropout(dropout)

    def forward(self, products: Tensor) -> Tensor:
        states = self.dropout(self.embeddings(products))
        for block in self.blocks:
            states = block(states)
        normed: Tensor = self.norm(states)
        return normed

    def vectors(self) -> Tensor:
        """(products, width), whose inner product with a state is the score of coming next."""
        return self.embeddings.weight[:-1]


class Asked(nn.Module):
    """Products of one session → the state at its end, which is all that is needed to serve."""

    def __init__(self, network: Network) -> None:
        super().__init__()
        self.network = network

    def forward(self, products: Tensor) -> Tensor:
        states: Tensor = self.network(products)[:, -1]
        return states
