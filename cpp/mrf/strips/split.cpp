#include "mrf/strips/split.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace metafast::mrf {

namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

// out[b] = min over a of value[a] + edge[a, b], or with `turned` of edge[b, a].
std::vector<double> message(const std::vector<double>& value, const double* edge, int to,
                            bool turned) {
    const int from = static_cast<int>(value.size());
    std::vector<double> out(to, kInfinity);
    for (int a = 0; a < from; ++a) {
        for (int b = 0; b < to; ++b) {
            const double sum = value[a] + edge[turned ? b * from + a : a * to + b];
            out[b] = std::min(out[b], sum);
        }
    }
    return out;
}

void add(std::vector<double>& to, const std::vector<double>& from) {
    for (std::size_t i = 0; i < to.size(); ++i) to[i] += from[i];
}

}  // namespace

StripSplit::StripSplit(const Lines& lines, double scale)
    : scale(scale), nodes(lines.field.sets.total(), 0.0f), edges_a_line(lines.length() - 1) {
    std::size_t end = 0;
    edge_begin.reserve(static_cast<std::size_t>(lines.count()) * edges_a_line + 1);
    for (int line = 0; line < lines.count(); ++line) {
        for (int pos = 0; pos < edges_a_line; ++pos) {
            edge_begin.push_back(end);
            end += static_cast<std::size_t>(lines.labels(line, pos)) * lines.labels(line, pos + 1);
        }
    }
    edge_begin.push_back(end);
    edges.assign(end, 0.0f);
}

StripSplit StripSplit::retained(const Lines& before, const Lines& now, double new_scale) const {
    StripSplit result(now, new_scale);
    const float factor = static_cast<float>(scale / new_scale);
    const LabelSets& old_sets = before.field.sets;
    const LabelSets& sets = now.field.sets;
    for (int line = 0; line < now.count(); ++line) {
        std::vector<Position> here = sets.positions_in(old_sets, now.node(line, 0));
        for (int pos = 0; pos < now.length(); ++pos) {
            const std::size_t at = now.node(line, pos);
            const float* from = node(at, old_sets);
            float* to = result.node(at, sets);
            for (std::size_t k = 0; k < here.size(); ++k) to[k] = factor * from[index(here[k])];
            if (pos + 1 == now.length()) continue;
            std::vector<Position> next =
                sets.positions_in(old_sets, now.node(line, pos + 1));
            const int width = before.labels(line, pos + 1);
            const float* table = edge(line, pos);
            float* out = result.edge(line, pos);
            for (const Position a : here) {
                const float* row = table + index(a) * width;
                for (const Position b : next) *out++ = factor * row[index(b)];
            }
            here.swap(next);
        }
    }
    return result;
}

StripSplit split_from_chains(const Lines& lines, const std::vector<double>& multipliers,
                             double scale) {
    StripSplit split(lines, scale);
    const LabelSets& sets = lines.field.sets;
    const int count = lines.count();
    // Rows pay half the node costs plus the multiplier; if lines are columns they pay the rest.
    const double sign = lines.columns ? -1.0 : 1.0;
    std::vector<double> scratch(lines.grid().pairs());
    std::vector<std::vector<double>> node(count), down(count), up(count);
    for (int pos = 0; pos < lines.length(); ++pos) {
        for (int line = 0; line < count; ++line) {
            const int labels = lines.labels(line, pos);
            const double* unary = lines.unary(line, pos, scratch.data());
            const double* multiplier = &multipliers[sets.offset(lines.node(line, pos))];
            node[line].resize(labels);
            for (int k = 0; k < labels; ++k) {
                node[line][k] = 0.5 * unary[k] - sign * multiplier[k];
            }
        }
        down[0] = std::vector<double>(node[0].size(), 0.0);  // best cost before, node left out
        for (int line = 1; line < count; ++line) {
            std::vector<double> value = down[line - 1];
            add(value, node[line - 1]);
            down[line] = message(value, lines.across(line - 1, pos, scratch.data()),
                                 lines.labels(line, pos), false);
        }
        up[count - 1] = std::vector<double>(node[count - 1].size(), 0.0);
        for (int line = count - 2; line >= 0; --line) {
            std::vector<double> value = up[line + 1];
            add(value, node[line + 1]);
            up[line] = message(value, lines.across(line, pos, scratch.data()),
                               lines.labels(line, pos), true);
        }
        for (int line = 1; line + 1 < count; ++line) {
            const std::size_t at = lines.node(line, pos);
            float* to = split.node(at, sets);
            for (std::size_t k = 0; k < node[line].size(); ++k) {
                // 1/2 of the line's own share, (unary - node) / 2, plus the part of the chain
                // across, (f - up) / 2 with f = down + node, less half of the whole.
                const double share = 0.5 * (down[line][k] - up[line][k]);
                to[k] = std::isfinite(share) ? static_cast<float>(share / scale) : 0.0f;
            }
        }
    }
    return split;
}

}  // namespace metafast::mrf
