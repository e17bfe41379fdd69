"""Making a trained model small and letting it run without PyTorch: vocabulary and layers left out, students distilled
from teachers, vectors cut and coded, and every head written as an ONNX graph that is checked against the model it came
from before anyone may use it.
"""
