"""What to show a shopper who asked for nothing: recommendations from what shoppers did and from what products are.

Each method is a small class in `methods`; a learned blend orders what they propose, rules of the placement arrange it,
and every recommendation tells the parts of its score and its reason. The room trains from interactions and keeps what
it learnt in generations beside the index. It never imports PyTorch: the sequential method is trained in `learning` and
run here.
"""
