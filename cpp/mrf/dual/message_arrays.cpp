#include "mrf/dual/message_arrays.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace metafast::mrf {

namespace {

// Nanoseconds of a node, of every label of it, and of every entry of its edges' tables.
constexpr double kNode = 8.0, kLabel = 4.0, kEntry = 0.4;

// Messages through finite tables are at most 1, in units of the scale. Those of labels that cannot
// be chosen know no limit, and would leave float32 blind to the others.
constexpr float kMostMessage = 4.0f;

float limited(float message) { return std::min(message, kMostMessage); }

int groups_of(const Lines& lines) { return (lines.count() + kLanes - 1) / kLanes; }

double positions_of(const Lines& lines) {
    return static_cast<double>(groups_of(lines)) * (lines.length() + kLanes - 1);
}

}  // namespace

Lines MessageArrays::lines_for(const Field& field) {
    const Lines rows{field, false}, columns{field, true};
    return positions_of(columns) < positions_of(rows) ? columns : rows;
}

double MessageArrays::memory(const Field& field) {
    const double labels = field.sets.most();
    return sizeof(float) * kLanes * positions_of(lines_for(field)) * labels * (2.0 * labels + 5.0);
}

double MessageArrays::padding(const Field& field) {
    return kLanes * positions_of(lines_for(field)) / static_cast<double>(field.grid.nodes());
}

MessageArrays::MessageArrays(const Lines& lines, double scale, ThreadPool& pool)
    : lines_(lines),
      left_{pair_shape(lines, false), {}, {}, {}},
      above_{pair_shape(lines, true), {}, {}, {}},
      by_label_(left_.shape == PairShape::linear || above_.shape == PairShape::linear),
      labels_(by_label_ ? lines.grid().labels : lines.field.sets.most()),
      groups_(groups_of(lines)),
      positions_(lines.length() + kLanes - 1) {
    const std::size_t places = static_cast<std::size_t>(groups_) * positions_;
    for (auto* array : {&unary_, &from_left_, &from_above_, &from_right_, &from_below_}) {
        array->assign(places * labels_ * kLanes, 0.0f);
    }
    counted_.assign(groups_, 0.0);
    allot(left_);
    allot(above_);
    pool.run(groups_, [&](int group, int) { pack(group, scale); });
}

void MessageArrays::allot(Edges& edges) {
    const std::size_t places = static_cast<std::size_t>(groups_) * positions_;
    const std::size_t pairs = static_cast<std::size_t>(labels_) * labels_;
    if (edges.shape != PairShape::own) edges.weights.assign(places * kLanes, 0.0f);
    switch (edges.shape) {
        case PairShape::linear: edges.limits.assign(places * kLanes, 0.0f); break;
        case PairShape::shared: edges.tables.assign(pairs, 0.0f); break;
        case PairShape::own: edges.tables.assign(places * pairs * kLanes, 0.0f); break;
    }
}

EdgeLanes MessageArrays::at(const Edges& edges, std::size_t place) const {
    const std::size_t pairs = static_cast<std::size_t>(labels_) * labels_;
    const bool own = edges.shape == PairShape::own;
    return {edges.shape, edges.tables.data() + (own ? place * pairs * kLanes : 0),
            edges.weights.data() + (own ? 0 : place * kLanes),
            edges.limits.data() + (edges.shape == PairShape::linear ? place * kLanes : 0)};
}

MessageStep MessageArrays::step(int group, int position) {
    const std::size_t place = static_cast<std::size_t>(group) * positions_ + position;
    const std::size_t begin = place * labels_ * kLanes;
    MessageStep s{};
    s.labels = labels_;
    s.unary = unary_.data() + begin;
    s.left = at(left_, place);
    s.above = at(above_, place);
    s.from_left = from_left_.data() + begin;
    s.from_above = from_above_.data() + begin;
    s.from_right = from_right_.data() + begin;
    s.from_below = from_below_.data() + begin;
    return s;
}

void MessageArrays::pack(int group, double scale) {
    std::vector<double> scratch(lines_.grid().pairs());
    for (int position = 0; position < positions_; ++position) {
        float* costs = unary_.data() + (static_cast<std::size_t>(group) * positions_ + position) *
                                           labels_ * kLanes;
        for (int lane = 0; lane < kLanes; ++lane) {
            if (!holds(group, lane, position)) continue;
            const int line = group * kLanes + lane, pos = position - lane;
            const std::size_t at = lines_.node(line, pos);
            const int count = lines_.labels(line, pos);
            const double* unary = lines_.unary(line, pos, scratch.data());
            const double least = least_entry(unary, count);
            for (int k = 0; k < labels_; ++k) costs[k * kLanes + lane] = kAbsent;
            for (int k = 0; k < count; ++k) {
                costs[index_of(at, k) * kLanes + lane] = working_cost(unary[k], least, scale);
            }
            if (pos > 0) {
                pack_edge(left_, false, line, pos - 1, group, lane, position, scale,
                          scratch.data());
            }
            if (line > 0) {
                pack_edge(above_, true, line - 1, pos, group, lane, position, scale,
                          scratch.data());
            }
        }
    }
}

// The edge that begins at (line, pos).
void MessageArrays::pack_edge(Edges& edges, bool across, int line, int pos, int group, int lane,
                              int position, double scale, double* scratch) {
    const std::size_t place = static_cast<std::size_t>(group) * positions_ + position;
    const std::size_t at = place * kLanes + lane;
    if (edges.shape == PairShape::linear) {
        const TruncatedLinear shape = linear_at(lines_, across, line, pos);
        edges.weights[at] = static_cast<float>(shape.weight / scale);
        edges.limits[at] = static_cast<float>(shape.limit / scale);
        if (lines_.field.sets.full()) return;
        const double* open =
            across ? lines_.across(line, pos, scratch) : lines_.along(line, pos, scratch);
        const std::size_t ahead =
            across ? lines_.labels(line + 1, pos) : lines_.labels(line, pos + 1);
        const double least = least_entry(open, lines_.labels(line, pos) * ahead);
        counted_[group] += (least - shape.base) / scale;
        return;
    }
    const bool shared = edges.shape == PairShape::shared;
    if (shared) {
        edges.weights[at] = 1.0f;
        if (line > 0 || pos > 0) return;  // once is enough
    }
    const std::size_t from = lines_.node(line, pos);
    const std::size_t to = across ? lines_.node(line + 1, pos) : lines_.node(line, pos + 1);
    const int rows = lines_.field.count(from), cols = lines_.field.count(to);
    const double* table =
        across ? lines_.across(line, pos, scratch) : lines_.along(line, pos, scratch);
    const double least = least_entry(table, static_cast<std::size_t>(rows) * cols);
    const std::size_t stride = shared ? 1 : kLanes;
    float* out = edges.tables.data() +
                 (shared ? 0 : place * labels_ * static_cast<std::size_t>(labels_) * kLanes + lane);
    for (int a = 0; a < rows; ++a) {
        float* row = out + index_of(from, a) * labels_ * stride;
        for (int b = 0; b < cols; ++b) {
            row[index_of(to, b) * stride] =
                working_cost(table[static_cast<std::size_t>(a) * cols + b], least, scale);
        }
    }
}

double MessageArrays::counted() const {
    return std::accumulate(counted_.begin(), counted_.end(), 0.0);
}

Position MessageArrays::open_position(std::size_t node, int label) const {
    return by_label_ ? lines_.field.sets.position(node, static_cast<Label>(label))
                     : Position(label);
}

template <class Visit>
void MessageArrays::for_each_node(Visit visit) const {
    const LabelSets& sets = lines_.field.sets;
    for (int group = 0; group < groups_; ++group) {
        for (int position = 0; position < positions_; ++position) {
            const std::size_t begin =
                (static_cast<std::size_t>(group) * positions_ + position) * labels_ * kLanes;
            for (int lane = 0; lane < kLanes; ++lane) {
                if (!holds(group, lane, position)) continue;
                const std::size_t at = node(group, lane, position);
                visit(sets.offset(at), begin + lane, at);
            }
        }
    }
}

std::vector<double> MessageArrays::multipliers(double scale) const {
    const LabelSets& sets = lines_.field.sets;
    std::vector<double> result(sets.total());
    const float sign = lines_.columns ? -0.5f : 0.5f;
    for_each_node([&](std::size_t out, std::size_t begin, std::size_t at) {
        for (int k = 0; k < sets.count(at); ++k) {
            const std::size_t i = begin + index_of(at, k) * kLanes;
            const float across = limited(from_above_[i]) + limited(from_below_[i]);
            const float along = limited(from_left_[i]) + limited(from_right_[i]);
            result[out + k] = scale * sign * (across - along);
        }
    });
    return result;
}

Messages MessageArrays::messages(double scale) const {
    const LabelSets& sets = lines_.field.sets;
    Messages result{std::vector<double>(sets.total()), std::vector<double>(sets.total())};
    for_each_node([&](std::size_t out, std::size_t begin, std::size_t at) {
        for (int k = 0; k < sets.count(at); ++k) {
            const std::size_t i = begin + index_of(at, k) * kLanes;
            result.from_right[out + k] = scale * from_right_[i];
            result.from_below[out + k] = scale * from_below_[i];
        }
    });
    return result;
}

void MessageArrays::receive(const Messages& messages, double scale) {
    const LabelSets& sets = lines_.field.sets;
    for_each_node([&](std::size_t from, std::size_t begin, std::size_t at) {
        for (int k = 0; k < sets.count(at); ++k) {
            const std::size_t i = begin + index_of(at, k) * kLanes;
            from_right_[i] = static_cast<float>(messages.from_right[from + k] / scale);
            from_below_[i] = static_cast<float>(messages.from_below[from + k] / scale);
        }
    });
}

double MessageArrays::work() const {
    const double tables = (left_.shape != PairShape::linear) + (above_.shape != PairShape::linear);
    const double labels = labels_;
    return positions_of(lines_) * kLanes * (kNode + labels * (kLabel + kEntry * tables * labels));
}

}  // namespace metafast::mrf
