"""Exact min-cost flow over integers (successive shortest paths with potentials).

Small and deterministic: the same input gives the same flow, since nodes and edges are taken in the
order in which they are given. Costs are not negative.
"""

from __future__ import annotations

import heapq

UNLIMITED = 1 << 62


class _Graph:
    """Residual graph; edge ``e`` and its reverse ``e ^ 1`` stand beside each other."""

    def __init__(self, size: int):
        self.heads: list[list[int]] = [[] for _ in range(size)]
        self.target: list[int] = []
        self.capacity: list[int] = []
        self.cost: list[int] = []

    def add(self, source: int, target: int, capacity: int, cost: int) -> int:
        edge = len(self.target)
        for start, end, cap, price in (
            (source, target, capacity, cost),
            (target, source, 0, -cost),
        ):
            self.heads[start].append(len(self.target))
            self.target.append(end)
            self.capacity.append(cap)
            self.cost.append(price)
        return edge


def _shortest(graph: _Graph, source: int, sink: int, potential: list[int]) -> list | None:
    """Dijkstra on reduced costs, up to the sink; return the edge into each node, None if unreachable.

    Moves the potentials by the distances, cut at that of the sink, which keeps all reduced costs from
    becoming negative although farther nodes were not looked at.
    """
    distance: list[int | None] = [None] * len(graph.heads)
    into: list[int | None] = [None] * len(graph.heads)
    distance[source] = 0
    # Among equals the node nearest to the sink comes first, so that few are looked at.
    queue = [(0, -source)]
    while queue:
        length, node = heapq.heappop(queue)
        node = -node
        if length > distance[node]:
            continue
        if node == sink:
            break
        for edge in graph.heads[node]:
            if not graph.capacity[edge]:
                continue
            target = graph.target[edge]
            reached = length + graph.cost[edge] + potential[node] - potential[target]
            if distance[target] is None or reached < distance[target]:
                distance[target] = reached
                into[target] = edge
                heapq.heappush(queue, (reached, -target))
    if distance[sink] is None:
        return None
    for node, length in enumerate(distance):
        farthest = distance[sink]
        potential[node] += farthest if length is None else min(length, farthest)
    return into


def _augment(graph: _Graph, source: int, sink: int, into: list, most: int) -> int:
    """Push as much as fits, up to ``most``, along the path that ``into`` describes; return how much."""
    path = []
    node = sink
    while node != source:
        edge = into[node]
        path.append(edge)
        node = graph.target[edge ^ 1]
    amount = min(most, *(graph.capacity[edge] for edge in path))
    for edge in path:
        graph.capacity[edge] -= amount
        graph.capacity[edge ^ 1] += amount
    return amount


def min_cost_flow(
    supplies: list[int],
    demands: list[list[tuple[int, int]]],
    edges: list[tuple[int, int, int]],
) -> tuple[dict[tuple[int, int], int], int]:
    """Send all supply at the least cost.

    :param supplies: integer quantity of each left node.
    :param demands: per right node its tiers as (capacity, cost per unit), cheapest first.
    :param edges: (left, right, cost per unit), costs not negative.
    :return: flow per (left, right), and its total cost. Supply that reaches nothing stays behind.
    """
    sink = len(supplies) + len(demands)
    graph = _Graph(sink + 1)
    numbered = {
        (left, right): graph.add(left, len(supplies) + right, UNLIMITED, cost) for left, right, cost in edges
    }
    for right, tiers in enumerate(demands):
        for capacity, cost in tiers:
            graph.add(len(supplies) + right, sink, capacity, cost)
    potential = [0] * (sink + 1)
    for left, supply in enumerate(supplies):
        while supply and (into := _shortest(graph, left, sink, potential)) is not None:
            supply -= _augment(graph, left, sink, into, supply)
    flow = {pair: graph.capacity[edge ^ 1] for pair, edge in numbered.items()}
    total = sum(graph.cost[edge] * graph.capacity[edge ^ 1] for edge in range(0, len(graph.target), 2))
    return {pair: amount for pair, amount in flow.items() if amount}, total
