"""The supernets of tests/bench/nas.c in PyTorch, as quark0/darts and yuhuixu1993/PC-DARTS define them: seconds of a pass forward and
back, one thread, in both memory layouts.

    python3 tests/bench/nas_peer.py [BATCH [PASSES]]
"""

import json
import statistics
import sys
import time

import torch
from torch import nn
from torch.nn import functional

OPERATIONS = ["none", "max_pool", "avg_pool", "skip", ("sep", 3), ("sep", 5), ("dil", 3), ("dil", 5)]


def normal(channels):
    return nn.BatchNorm2d(channels, affine=False)


def separable(channels, kernel, stride, dilation):
    padding = dilation * (kernel - 1) // 2
    return [nn.ReLU(), nn.Conv2d(channels, channels, kernel, stride, padding, dilation, channels, bias=False),
            nn.Conv2d(channels, channels, 1, bias=False), normal(channels)]


class Reduce(nn.Module):
    def __init__(self, before, channels):
        super().__init__()
        self.halves = nn.ModuleList([nn.Conv2d(before, channels // 2, 1, 2, bias=False) for _ in range(2)])
        self.normal = normal(channels)

    def forward(self, x):
        x = functional.relu(x)
        return self.normal(torch.cat([self.halves[0](x), self.halves[1](x[:, :, 1:, 1:])], 1))


class Zero(nn.Module):
    def __init__(self, stride):
        super().__init__()
        self.stride = stride

    def forward(self, x):
        return x[:, :, ::self.stride, ::self.stride] * 0.0


def operation(name, channels, stride):
    if name == "none":
        return Zero(stride)
    if name == "max_pool":
        return nn.Sequential(nn.MaxPool2d(3, stride, 1), normal(channels))
    if name == "avg_pool":
        return nn.Sequential(nn.AvgPool2d(3, stride, 1, count_include_pad=False), normal(channels))
    if name == "skip":
        return nn.Identity() if stride == 1 else Reduce(channels, channels)
    kind, kernel = name
    if kind == "dil":
        return nn.Sequential(*separable(channels, kernel, stride, 2))
    return nn.Sequential(*separable(channels, kernel, stride, 1), *separable(channels, kernel, 1, 1))


class Edge(nn.Module):
    def __init__(self, channels, stride, partial):
        super().__init__()
        self.partial, self.stride = partial, stride
        self.operations = nn.ModuleList([operation(name, channels // partial, stride) for name in OPERATIONS])

    def forward(self, x, weights):
        if self.partial == 1:
            return sum(w * op(x) for w, op in zip(weights, self.operations))
        width = x.shape[1] // self.partial
        mixed = sum(w * op(x[:, :width]) for w, op in zip(weights, self.operations))
        around = x[:, width:] if self.stride == 1 else functional.max_pool2d(x[:, width:], 2, 2)
        both = torch.cat([mixed, around], 1)
        n, c, h, w = both.shape
        return both.view(n, self.partial, c // self.partial, h, w).transpose(1, 2).reshape(n, c, h, w)


class Cell(nn.Module):
    def __init__(self, before_last, last, channels, reduces, has_reduced, partial):
        super().__init__()
        if has_reduced:
            self.first = Reduce(before_last, channels)
        else:
            self.first = nn.Sequential(nn.ReLU(), nn.Conv2d(before_last, channels, 1, bias=False), normal(channels))
        self.second = nn.Sequential(nn.ReLU(), nn.Conv2d(last, channels, 1, bias=False), normal(channels))
        self.edges = nn.ModuleList([Edge(channels, 2 if reduces and k < 2 else 1, partial) for i in range(4) for k in range(2 + i)])

    def forward(self, s0, s1, weights, edges):
        states, first = [self.first(s0), self.second(s1)], 0
        for _ in range(4):
            states.append(sum(edges[first + k] * self.edges[first + k](x, weights[first + k]) for k, x in enumerate(states)))
            first += len(states) - 1
        return torch.cat(states[2:], 1)


class Supernet(nn.Module):
    def __init__(self, partial, channels=16, layers=8):
        super().__init__()
        self.partial = partial
        self.stem = nn.Sequential(nn.Conv2d(3, 3 * channels, 3, 1, 1, bias=False), nn.BatchNorm2d(3 * channels))
        self.cells, self.reduces = nn.ModuleList(), []
        before_last, last, has_reduced = 3 * channels, 3 * channels, False
        for layer in range(layers):
            reduces = layer in (layers // 3, 2 * layers // 3)
            channels *= 2 if reduces else 1
            self.cells.append(Cell(before_last, last, channels, reduces, has_reduced, partial))
            self.reduces.append(reduces)
            before_last, last, has_reduced = last, 4 * channels, reduces
        self.head = nn.Linear(last, 10)
        self.alphas = nn.ParameterList([nn.Parameter(1e-3 * torch.randn(14, 8)) for _ in range(2)])
        self.betas = nn.ParameterList([nn.Parameter(1e-3 * torch.randn(14)) for _ in range(2)])

    def edge_weights(self, kind):
        if self.partial == 1:
            return torch.ones(14)
        return torch.cat([functional.softmax(part, 0) for part in self.betas[kind].split([2, 3, 4, 5])])

    def forward(self, x):
        s0 = s1 = self.stem(x)
        for cell, reduces in zip(self.cells, self.reduces):
            kind = int(reduces)
            s0, s1 = s1, cell(s0, s1, functional.softmax(self.alphas[kind], -1), self.edge_weights(kind))
        return self.head(s1.mean((2, 3)))


def seconds(partial, batch, passes, layout):
    torch.manual_seed(1)
    net = Supernet(partial).to(memory_format=layout)
    x = torch.randn(batch, 3, 32, 32).contiguous(memory_format=layout)
    y = torch.randint(0, 10, (batch,))
    times = []
    for _ in range(passes + 1):
        net.zero_grad()
        began = time.perf_counter()
        functional.cross_entropy(net(x), y).backward()
        times.append(time.perf_counter() - began)
    return statistics.median(times[1:])


def main():
    batch = int(sys.argv[1]) if len(sys.argv) > 1 else 64
    passes = int(sys.argv[2]) if len(sys.argv) > 2 else 3
    torch.set_num_threads(1)
    found = {"torch": torch.__version__, "batch": batch}
    for name, layout in (("nhwc", torch.channels_last), ("nchw", torch.contiguous_format)):
        for net, partial in (("darts", 1), ("pc-darts", 4)):
            found[f"{net}-{name}"] = round(seconds(partial, batch, passes, layout), 4)
    print(json.dumps(found))


if __name__ == "__main__":
    main()
