"""Curves of log10 regret over trials as SVG text."""

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 760, 420, 60, 190, 36, 44
COLOURS = ["#1f77b4", "#d62728", "#2ca02c", "#ff7f0e", "#9467bd", "#8c564b", "#e377c2", "#7f7f7f", "#bcbd22", "#17becf", "#393b79", "#637939"]


def draw(title, curves):
    """curves: {name: [(t, log10 regret)]}; names that begin with "hone" are drawn full, the others dashed."""
    last = max(t for points in curves.values() for t, _ in points)
    values = [v for points in curves.values() for _, v in points]
    low, high = min(values), max(values)
    high = high if high > low else low + 1

    def x(t):
        return LEFT + (WIDTH - LEFT - RIGHT) * t / last

    def y(v):
        return TOP + (HEIGHT - TOP - BOTTOM) * (high - v) / (high - low)

    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" font-family="sans-serif" font-size="12">',
             f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>',
             f'<text x="{LEFT}" y="22" font-size="15">{title}: mean log10 regret over trials</text>']
    for i in range(5):
        v, t = low + (high - low) * i / 4, last * i / 4
        parts += [f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y(v):.1f}" y2="{y(v):.1f}" stroke="#ddd"/>',
                  f'<text x="{LEFT - 6}" y="{y(v) + 4:.1f}" text-anchor="end">{v:.2f}</text>',
                  f'<text x="{x(t):.1f}" y="{HEIGHT - BOTTOM + 18}" text-anchor="middle">{t:g}</text>']
    for i, (name, points) in enumerate(sorted(curves.items(), key=lambda item: item[1][-1][1])):
        colour, dash = COLOURS[i % len(COLOURS)], "" if name.startswith("hone") else ' stroke-dasharray="5 3"'
        path = " ".join(f"{x(t):.1f},{y(v):.1f}" for t, v in points)
        parts += [f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="1.8"{dash}/>',
                  f'<line x1="{WIDTH - RIGHT + 10}" x2="{WIDTH - RIGHT + 34}" y1="{TOP + 17 * i + 4}" y2="{TOP + 17 * i + 4}" stroke="{colour}" stroke-width="1.8"{dash}/>',
                  f'<text x="{WIDTH - RIGHT + 40}" y="{TOP + 17 * i + 8}">{name}</text>']
    return "\n".join(parts + ["</svg>", ""])
