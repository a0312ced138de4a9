#include "mrf/primal/elimination.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>
#include <vector>

#include "mrf/primal/elimination_order.hpp"
#include "threads/work_poll.hpp"

namespace metafast::mrf {

namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
// Table entries between two looks at `should_stop`: about a millisecond.
constexpr double kAskEvery = 1e5;

constexpr std::size_t kNobody = static_cast<std::size_t>(-1);

// Costs over the labels of a few nodes, the last node fastest.
struct Factor {
    std::vector<std::size_t> nodes;
    std::vector<double> costs;
};

class Eliminator {
public:
    Eliminator(const Field& field, const EliminationOrder& order, WorkPoll& stop)
        : field_(field), order_(order), stop_(stop) {}

    std::optional<Elimination> solve() {
        turn_.assign(field_.grid.nodes(), kNobody);
        for (std::size_t i = 0; i < order_.nodes.size(); ++i) turn_[order_.nodes[i]] = i;
        buckets_.resize(order_.nodes.size());
        chosen_.assign(field_.grid.nodes(), Position(0));
        collect();
        std::vector<std::vector<Position>> best(order_.nodes.size());
        for (std::size_t i = 0; i < order_.nodes.size(); ++i) {
            take_out(i, best[i]);
            if (stop_.stopped()) return std::nullopt;
        }
        for (std::size_t i = order_.nodes.size(); i-- > 0;) {
            std::size_t at = 0;
            for (const std::size_t node : order_.neighbours[i]) {
                at = at * field_.count(node) + index(chosen_[node]);
            }
            chosen_[order_.nodes[i]] = best[i][at];
        }
        Elimination result;
        result.bound = shifts_;
        result.bound.add(deflate(rest_, 3.0 * static_cast<double>(factors_) + 8.0));
        result.margin = shifts_.value() + rest_ - result.bound.lower();
        result.labelling = field_.sets.labelling(chosen_);
        return result;
    }

private:
    bool open(std::size_t node) const { return field_.count(node) > 1; }

    template <class Visit>
    void for_each_edge(Visit visit) {
        const Grid& grid = field_.grid;
        std::vector<double> scratch(grid.pairs());
        for (int r = 0; r < grid.rows; ++r) {
            for (int c = 0; c < grid.cols; ++c) {
                const std::size_t node = grid.node(r, c);
                if (c + 1 < grid.cols) {
                    visit(node, node + 1, field_.horizontal(r, c, scratch.data()));
                }
                if (r + 1 < grid.rows) {
                    visit(node, node + grid.cols, field_.vertical(r, c, scratch.data()));
                }
            }
        }
    }

    // Shifted to be non-negative, into the bucket of the node that is taken out first.
    void add(Factor factor) {
        const double least = *std::min_element(factor.costs.begin(), factor.costs.end());
        if (factor.nodes.empty() || std::isinf(least)) {
            shifts_.add(least);
            return;
        }
        shifts_.add(least);
        for (double& cost : factor.costs) cost -= least;
        place(std::move(factor));
    }

    void place(Factor factor) {
        ++factors_;
        std::size_t first = kNobody;
        for (const std::size_t node : factor.nodes) first = std::min(first, turn_[node]);
        buckets_[first].push_back(std::move(factor));
    }

    void collect() {
        const Grid& grid = field_.grid;
        std::vector<double> scratch(grid.pairs());
        for (int r = 0; r < grid.rows; ++r) {
            for (int c = 0; c < grid.cols; ++c) {
                const std::size_t node = grid.node(r, c);
                const double* unary = field_.unary(r, c, scratch.data());
                Factor factor{{}, {unary, unary + field_.count(node)}};
                if (open(node)) factor.nodes.push_back(node);
                add(std::move(factor));
            }
        }
        for_each_edge([&](std::size_t a, std::size_t b, const double* table) {
            const std::size_t size = static_cast<std::size_t>(field_.count(a)) * field_.count(b);
            Factor factor{{}, {table, table + size}};
            if (open(a)) factor.nodes.push_back(a);
            if (open(b)) factor.nodes.push_back(b);
            add(std::move(factor));
        });
    }

    // Minimises over the i-th node of the order for every choice of its neighbours.
    void take_out(std::size_t i, std::vector<Position>& best) {
        const std::size_t node = order_.nodes[i];
        const std::vector<std::size_t>& around = order_.neighbours[i];
        const std::vector<Factor>& bucket = buckets_[i];
        const int labels = field_.count(node);
        std::size_t size = 1;
        for (const std::size_t other : around) size *= field_.count(other);
        // Steps of every factor's index as a neighbour's label, or the node's own, goes up by one.
        std::vector<std::vector<std::size_t>> step(bucket.size());
        std::vector<std::size_t> own(bucket.size(), 0), at(bucket.size(), 0);
        for (std::size_t f = 0; f < bucket.size(); ++f) {
            step[f].assign(around.size(), 0);
            std::size_t stride = 1;
            for (std::size_t n = bucket[f].nodes.size(); n-- > 0;) {
                const std::size_t other = bucket[f].nodes[n];
                if (other == node) {
                    own[f] = stride;
                } else {
                    const auto found = std::find(around.begin(), around.end(), other);
                    step[f][found - around.begin()] = stride;
                }
                stride *= field_.count(other);
            }
        }
        Factor result{around, std::vector<double>(size)};
        best.resize(size);
        std::vector<int> digit(around.size(), 0);
        for (std::size_t choice = 0; choice < size && !stop_(labels); ++choice) {
            double least = kInfinity;
            for (int k = 0; k < labels; ++k) {
                double sum = 0.0;
                for (std::size_t f = 0; f < bucket.size(); ++f) {
                    sum += bucket[f].costs[at[f] + own[f] * k];
                }
                if (sum < least) least = sum, best[choice] = Position(k);
            }
            result.costs[choice] = least;
            for (std::size_t n = around.size(); n-- > 0;) {
                if (++digit[n] < field_.count(around[n])) {
                    for (std::size_t f = 0; f < bucket.size(); ++f) at[f] += step[f][n];
                    break;
                }
                for (std::size_t f = 0; f < bucket.size(); ++f) {
                    at[f] -= step[f][n] * (digit[n] - 1);
                }
                digit[n] = 0;
            }
        }
        buckets_[i].clear();
        if (around.empty()) {
            ++factors_;
            rest_ += result.costs[0];
        } else {
            place(std::move(result));
        }
    }

    const Field& field_;
    const EliminationOrder& order_;
    WorkPoll& stop_;
    std::vector<std::size_t> turn_;  // place of a node in the order
    std::vector<std::vector<Factor>> buckets_;
    Positions chosen_;
    CompensatedSum shifts_;
    double rest_ = 0.0;        // what the pieces cost above the shifts
    std::size_t factors_ = 0;
};

}  // namespace

std::optional<Elimination> eliminate(const Field& field, double most_entries,
                                     const std::function<bool()>& should_stop) {
    WorkPoll stop(should_stop, kAskEvery);
    const auto order = elimination_order(field, most_entries, stop);
    if (!order) return std::nullopt;
    return Eliminator(field, *order, stop).solve();
}

}  // namespace metafast::mrf
