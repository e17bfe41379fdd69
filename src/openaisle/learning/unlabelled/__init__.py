"""Before there are labels: pretraining on a shop's own text, classification from a few labels, and which texts or pairs
to have labelled next, written for annotators and read back.
"""
