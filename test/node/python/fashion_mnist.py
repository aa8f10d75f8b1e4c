"""What the weights of the Keras example predict for the first image, in numpy: python3 fashion_mnist.py WEIGHTS.h5 < images.idx."""
import json
import sys

import h5py
import numpy


def convolution(x, kernel, bias):
    height, width, _ = x.shape
    padded = numpy.pad(x, ((1, 1), (1, 1), (0, 0)))
    taps = [(i, j, padded[i : i + height, j : j + width]) for i in range(3) for j in range(3)]
    return sum(part @ kernel[i, j] for i, j, part in taps) + bias


def batch_normalization(x, gamma, beta, mean, variance):
    return gamma * (x - mean) / numpy.sqrt(variance + 1e-3) + beta


def max_pooling(x):
    height, width, channels = x.shape
    return x.reshape(height // 2, 2, width // 2, 2, channels).max(axis=(1, 3))


def softmax(x):
    exponentials = numpy.exp(x - x.max())
    return exponentials / exponentials.sum()


def weights_of(path):
    """By layer, each in float64, as Keras 2 reads them: in the order that the attributes say."""
    with h5py.File(path, "r") as file:
        for layer in file.attrs["layer_names"]:
            group = file[layer]
            yield [group[name][()].astype("float64") for name in group.attrs["weight_names"]]


def predict(x, layers):
    layers = iter([weights for weights in layers if weights])
    for _ in range(2):
        for _ in range(2):
            x = batch_normalization(numpy.maximum(convolution(x, *next(layers)), 0), *next(layers))
        x = max_pooling(x)
    kernel, bias = next(layers)
    x = batch_normalization(numpy.maximum(x.ravel() @ kernel + bias, 0), *next(layers))
    kernel, bias = next(layers)
    return softmax(x @ kernel + bias)


if __name__ == "__main__":
    image = numpy.frombuffer(sys.stdin.buffer.read(), "uint8", 28 * 28, 16).reshape(28, 28, 1) / 255
    print(json.dumps(predict(image, list(weights_of(sys.argv[1]))).tolist()))
