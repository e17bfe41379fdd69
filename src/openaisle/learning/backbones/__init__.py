"""Pretrained models to learn on: the starter, a folder, or a name on a hub. Weights come as safetensors or ONNX only,
and code that comes with a model is never run.
"""
