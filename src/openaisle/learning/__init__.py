"""Learning: data sets from what a shop knows, task heads on a pretrained model, losses, training, tuning, comparison,
compression and export. The only room that imports PyTorch; what it makes runs in `models` without it. Needs the extra
`train`.
"""
