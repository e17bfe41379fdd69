"""Task heads on a pretrained model: matching, re-ranking, classification, multi-label, regression and tagging. Each
owns its module, how examples become batches, its metrics, and its files.
"""
