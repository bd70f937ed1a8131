"""Makes supernet.txt: what PyTorch computes, in double precision, for the supernets of tests/bench/nas_peer.py (8 channels, 3 cells,
8x8, 4 images) at weights, alphas and images given by formulas. Run it where PyTorch 1.13 is:

    python3 tests/nas/golden/make_supernet.py > tests/nas/golden/supernet.txt

Lines: partial, loss; then a line of the alphas' gradients (types, edges, operations), one of the edges' (types, edges), and one of the norms of
the gradients of each run of weights, in the order in which nas/supernet.c makes them.
"""

import os
import sys

import torch
from torch.nn import functional

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "bench"))
import nas_peer  # noqa: E402

BATCH, SIDE, CHANNELS, LAYERS = 4, 8, 8, 3


def convs(module):
    return [layer.weight for layer in module.modules() if isinstance(layer, torch.nn.Conv2d)]


def parameters(net):
    """Runs of weights in Hone's order."""
    yield from (net.stem[1].weight, net.stem[1].bias, net.stem[0].weight)
    for cell in net.cells:
        yield from convs(cell.first) + convs(cell.second)
        for edge in cell.edges:
            for operation in edge.operations:
                yield from convs(operation)
    yield from (net.head.weight, net.head.bias)


def ours(tensor):
    """A weight, flat, in Hone's layout: (kernel, kernel, in, out), (in, classes)."""
    return tensor.permute(2, 3, 1, 0).reshape(-1) if tensor.dim() == 4 else tensor.t().reshape(-1) if tensor.dim() == 2 else tensor


def set_ours(tensor, flat):
    if tensor.dim() == 4:
        out, inputs, height, width = tensor.shape
        flat = flat.view(height, width, inputs, out).permute(3, 2, 0, 1)
    elif tensor.dim() == 2:
        flat = flat.view(tensor.shape[1], tensor.shape[0]).t()
    tensor.data.copy_(flat)


def main():
    torch.set_default_dtype(torch.double)
    images = torch.tensor([(i * 37 + 11) % 251 for i in range(BATCH * SIDE * SIDE * 3)], dtype=torch.double)
    images = ((images / 255 - 0.5) / 0.25).float().double().view(BATCH, SIDE, SIDE, 3).permute(0, 3, 1, 2)
    labels = torch.arange(BATCH) % 10
    for partial in (1, 4):
        net = nas_peer.Supernet(partial, CHANNELS, LAYERS)
        place = 0
        for tensor in parameters(net):
            n = tensor.numel()
            set_ours(tensor, 0.3 * torch.sin(0.7 * torch.arange(place, place + n) + 0.3))
            place += n
        for kind in range(2):
            net.alphas[kind].data = 0.5 * torch.sin(1.3 * torch.arange(kind * 112, kind * 112 + 112)).view(14, 8)
            net.betas[kind].data = 0.5 * torch.cos(1.1 * torch.arange(kind * 14, kind * 14 + 14))
        loss = functional.cross_entropy(net(images), labels)
        loss.backward()
        print(partial, f"{loss.item():.15g}")
        print(*(f"{g:.12g}" for kind in range(2) for g in net.alphas[kind].grad.reshape(-1).tolist()))
        edges = [net.betas[kind].grad if partial > 1 else torch.zeros(14) for kind in range(2)]
        print(*(f"{g:.12g}" for kind in range(2) for g in edges[kind].tolist()))
        print(*(f"{ours(tensor.grad).norm().item():.12g}" for tensor in parameters(net)))


if __name__ == "__main__":
    main()
