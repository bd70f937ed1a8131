#!/usr/bin/env python3
"""A small convolutional network on Fashion-MNIST, trained data-parallel by PyTorch's DistributedDataParallel over gloo.

Takes the command line of Katib's pytorch-mnist example. WORLD_SIZE, RANK, MASTER_ADDR and MASTER_PORT come from the PyTorchJob; without
them it is one process. IMAGES (60000) says how many images an epoch has."""

import argparse
import gzip
import os
import struct

import torch
from torch import distributed, nn
from torch.nn import functional

DATA = "/usr/share/datasets/fashion-mnist"


def read(name, header, n):
    """The first n items of an IDX file: bytes after `header` bytes."""
    with gzip.open(os.path.join(DATA, name + ".gz")) as file:
        total = struct.unpack(">II", file.read(8))[1]
        shape = (min(n, total), *struct.unpack(">II", file.read(8))) if header == 16 else (min(n, total),)
        size = 1
        for length in shape:
            size *= length
        return torch.frombuffer(bytearray(file.read(size)), dtype=torch.uint8).reshape(shape)


def images(kind, n):
    return read(f"{kind}-images-idx3-ubyte", 16, n)[:, None].float() / 255 - 0.3, read(f"{kind}-labels-idx1-ubyte", 8, n).long()


def network():
    return nn.Sequential(nn.Conv2d(1, 16, 5, stride=2), nn.ReLU(), nn.Conv2d(16, 32, 5, stride=2), nn.ReLU(), nn.Flatten(), nn.Linear(512, 10))


def train(model, data, labels, arguments, rank, size, epoch):
    optimizer = torch.optim.SGD(model.parameters(), lr=arguments.lr, momentum=arguments.momentum)
    order = torch.randperm(len(data), generator=torch.Generator().manual_seed(arguments.seed + epoch))
    n = len(data) // size // arguments.batch_size * arguments.batch_size        # as many steps in every process
    model.train()
    for batch in order[rank * n:(rank + 1) * n].split(arguments.batch_size):
        optimizer.zero_grad()
        functional.cross_entropy(model(data[batch]), labels[batch]).backward()
        optimizer.step()


@torch.no_grad()
def test(model, data, labels):
    model.eval()
    scores = torch.cat([model(part) for part in data.split(1000)])
    return functional.cross_entropy(scores, labels).item(), (scores.argmax(1) == labels).float().mean().item()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--epochs", type=int, default=1)
    parser.add_argument("--batch-size", type=int, default=64)
    parser.add_argument("--lr", type=float, default=0.01)
    parser.add_argument("--momentum", type=float, default=0.5)
    parser.add_argument("--seed", type=int, default=1)
    arguments, _ = parser.parse_known_args()
    rank, size = int(os.environ.get("RANK", "0")), int(os.environ.get("WORLD_SIZE", "1"))
    limit = int(os.environ.get("IMAGES", "60000"))

    torch.set_num_threads(1)
    torch.manual_seed(arguments.seed)
    model = network()
    if size > 1:
        distributed.init_process_group("gloo")
        model = nn.parallel.DistributedDataParallel(model)
    data, tests = images("train", limit), images("t10k", max(limit // 6, 100))
    for epoch in range(1, arguments.epochs + 1):
        train(model, *data, arguments, rank, size, epoch)
        loss, accuracy = test(model, *tests)
        if rank == 0:
            print(f"epoch={epoch} loss={loss:.4f} accuracy={accuracy:.4f}", flush=True)
    if size > 1:
        distributed.destroy_process_group()


if __name__ == "__main__":
    main()
