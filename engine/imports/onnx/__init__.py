"""ONNX in: a file with a network of another program becomes a project, node by node."""
