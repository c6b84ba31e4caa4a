"""ONNX files: a network as a graph of nodes, written and read without the package onnx."""
