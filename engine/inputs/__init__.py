"""What a network is given: bytes of images as inputs, and images that one draws oneself."""
