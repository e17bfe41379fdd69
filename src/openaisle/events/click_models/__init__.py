"""What clicks tell of relevance: pages of results in columns, how likely each position is looked at, click models
behind one protocol, their choice by clicks they have not seen, and graded judgments as what comes of it.
"""
