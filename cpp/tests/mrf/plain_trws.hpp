// A plain slow twin of MessageAscent: row by row, in float64, from the tables as they are.
#pragma once

#include "tests/mrf/random_grid.hpp"

namespace metafast::mrf::testing {

class PlainTrws {
public:
    explicit PlainTrws(const Grid& grid) : grid_(grid), x_(grid.nodes()) {
        for (auto& side : from_) side.assign(grid.nodes() * grid.labels, 0.0);
    }

    // Labels and messages on the way forward, messages on the way back. Returns the bound.
    double pass() {
        for (int i = 0; i < static_cast<int>(grid_.nodes()); ++i) {
            label(i);
            visit(i, kRight, 1);
            visit(i, kBelow, 1);
        }
        bound_ = 0.0;
        for (int i = static_cast<int>(grid_.nodes()) - 1; i >= 0; --i) {
            double least = kInfinity;
            for (int k = 0; k < grid_.labels; ++k) least = std::min(least, sum(i, k));
            bound_ += least;
            visit(i, kLeft, -1);
            visit(i, kAbove, -1);
        }
        return bound_;
    }

    const Labelling& labelling() const { return x_; }

private:
    enum Side { kLeft, kRight, kAbove, kBelow };

    int row(int i) const { return i / grid_.cols; }
    int col(int i) const { return i % grid_.cols; }
    bool has(int i, Side side) const {
        switch (side) {
            case kLeft: return col(i) > 0;
            case kRight: return col(i) + 1 < grid_.cols;
            case kAbove: return row(i) > 0;
            default: return row(i) + 1 < grid_.rows;
        }
    }
    // Of label a here and b beyond.
    double edge(int i, Side side, int a, int b) const {
        const std::size_t ab = a * grid_.labels + b, ba = b * grid_.labels + a;
        switch (side) {
            case kLeft: return grid_.horizontal.at(row(i), col(i) - 1, ba);
            case kRight: return grid_.horizontal.at(row(i), col(i), ab);
            case kAbove: return grid_.vertical.at(row(i) - 1, col(i), ba);
            default: return grid_.vertical.at(row(i), col(i), ab);
        }
    }
    double unary(int i, int k) const { return grid_.unary.at(row(i), col(i), k); }
    double& message(int i, Side side, int k) {
        return from_[side][static_cast<std::size_t>(i) * grid_.labels + k];
    }
    double sum(int i, int k) {
        double sum = unary(i, k);
        for (const Side side : {kLeft, kRight, kAbove, kBelow}) sum += message(i, side, k);
        return sum;
    }
    void label(int i) {
        double best = kInfinity;
        for (int k = 0; k < grid_.labels; ++k) {
            double cost = unary(i, k) + message(i, kRight, k) + message(i, kBelow, k);
            if (has(i, kLeft)) cost += edge(i, kLeft, k, x_[i - 1]);
            if (has(i, kAbove)) cost += edge(i, kAbove, k, x_[i - grid_.cols]);
            if (cost < best) best = cost, x_[i] = static_cast<Label>(k);
        }
    }
    void visit(int i, Side side, int direction) {
        if (!has(i, side)) return;
        const bool across = side == kAbove || side == kBelow;
        const int other = i + direction * (across ? grid_.cols : 1);
        const Side back = direction > 0 ? (across ? kAbove : kLeft) : (across ? kBelow : kRight);
        double lowest = kInfinity, least = kInfinity;
        for (int k = 0; k < grid_.labels; ++k) lowest = std::min(lowest, sum(i, k));
        std::vector<double> out(grid_.labels, kInfinity);
        for (int a = 0; a < grid_.labels; ++a) {
            const double cost = 0.5 * (sum(i, a) - lowest) - message(i, side, a);
            for (int b = 0; b < grid_.labels; ++b) {
                out[b] = std::min(out[b], cost + edge(i, side, a, b));
            }
        }
        for (const double cost : out) least = std::min(least, cost);
        bound_ += least;
        for (int k = 0; k < grid_.labels; ++k) message(other, back, k) = out[k] - least;
    }

    const Grid& grid_;
    Labelling x_;
    std::vector<double> from_[4];
    double bound_ = 0.0;
};

}  // namespace metafast::mrf::testing
