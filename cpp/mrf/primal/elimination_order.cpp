#include "mrf/primal/elimination_order.hpp"

#include <functional>
#include <queue>
#include <set>
#include <utility>

namespace metafast::mrf {

namespace {

// Neighbours not yet taken out, of nodes that have a choice.
using Graph = std::vector<std::set<std::size_t>>;

Graph graph_of(const Field& field) {
    const Grid& grid = field.grid;
    Graph graph(grid.nodes());
    auto join = [&](std::size_t a, std::size_t b) {
        if (field.count(a) > 1 && field.count(b) > 1) graph[a].insert(b), graph[b].insert(a);
    };
    for (std::size_t node = 0; node < graph.size(); ++node) {
        if ((node + 1) % grid.cols != 0) join(node, node + 1);
        if (node + grid.cols < graph.size()) join(node, node + grid.cols);
    }
    return graph;
}

}  // namespace

std::optional<EliminationOrder> elimination_order(const Field& field, double most_entries,
                                                  WorkPoll& stop) {
    Graph graph = graph_of(field);
    // Of the table that takes the node out.
    auto entries = [&](std::size_t node) {
        double size = field.count(node);
        for (const std::size_t other : graph[node]) size *= field.count(other);
        return size;
    };
    using Entry = std::pair<double, std::size_t>;
    std::priority_queue<Entry, std::vector<Entry>, std::greater<>> queue;
    for (std::size_t node = 0; node < graph.size(); ++node) {
        if (field.count(node) > 1) queue.emplace(entries(node), node);
    }
    EliminationOrder order;
    std::vector<char> gone(graph.size(), 0);
    double total = 0.0;
    while (!queue.empty()) {
        if (stop(1.0)) return std::nullopt;
        const auto [size, node] = queue.top();
        queue.pop();
        if (gone[node] || size != entries(node)) continue;
        total += size;
        if (total > most_entries) return std::nullopt;
        gone[node] = 1;
        const std::vector<std::size_t> around(graph[node].begin(), graph[node].end());
        order.nodes.push_back(node);
        order.neighbours.push_back(around);
        for (const std::size_t a : around) {
            graph[a].erase(node);
            for (const std::size_t b : around) {
                if (a != b) graph[a].insert(b);
            }
        }
        for (const std::size_t a : around) queue.emplace(entries(a), a);
    }
    return order;
}

}  // namespace metafast::mrf
