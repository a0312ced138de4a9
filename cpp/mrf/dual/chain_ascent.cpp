#include "mrf/dual/chain_ascent.hpp"

#include <utility>

#include "mrf/dual/strip_ascent.hpp"

namespace metafast::mrf {

namespace {

// Velocity kept from one step to the next.
constexpr double kMomentum = 0.9;

// Nanoseconds of an edge, and of every addition and comparison of it.
constexpr double kEdge = 8.0, kAddition = 0.15;

}  // namespace

ChainAscent::ChainAscent(const Field& field, const CostRange& range, ThreadPool& pool,
                         const std::vector<double>& multipliers, const Level& level)
    : Ascent(range, kMomentum, work(field), level),
      field_(field),
      labels_(field.sets.most()),
      pool_(pool),
      row_chains_(Lines{field, false}, scale_, pool),
      col_chains_(Lines{field, true}, scale_, pool),
      rows_(field.grid.nodes()),
      cols_(rows_.size()),
      next_rows_(rows_.size()),
      next_cols_(rows_.size()),
      values_(row_chains_.groups() + col_chains_.groups()),
      saved_(rows_.size() * labels_, 0.0f) {
    if (!multipliers.empty()) {
        const LabelSets& sets = field.sets;
        for (std::size_t node = 0; node < sets.nodes(); ++node) {
            for (int k = 0; k < sets.count(node); ++k) {
                saved_[node * labels_ + k] =
                    static_cast<float>(multipliers[sets.offset(node) + k] / scale_);
            }
        }
        load();
    }
    start();
}

double ChainAscent::work(const Field& field) {
    const Grid& grid = field.grid;
    const double labels = field.sets.most();
    const double edges = static_cast<double>(grid.horizontal_edges() + grid.vertical_edges());
    return edges * (kEdge + kAddition * labels * labels);
}

Ascent::Outcome ChainAscent::pass(Step step) {
    const int split = row_chains_.groups();
    pool_.run(static_cast<int>(values_.size()), [&](int task, int worker) {
        values_[task] = task < split
                            ? row_chains_.advance(task, worker, step, rows_.data(), cols_.data(),
                                                  next_rows_.data())
                            : col_chains_.advance(task - split, worker, step, rows_.data(),
                                                  cols_.data(), next_cols_.data());
    });
    rows_.swap(next_rows_);
    cols_.swap(next_cols_);
    double value = 0.0;
    for (const double part : values_) value += part;
    std::size_t disagreements = 0;
    for (std::size_t i = 0; i < rows_.size(); ++i) disagreements += rows_[i] != cols_[i];
    return {value, 2.0 * static_cast<double>(disagreements)};
}

void ChainAscent::save() {
    pool_.run(row_chains_.groups(),
              [&](int group, int) { row_chains_.save(group, saved_.data()); });
}

// Starts from the multipliers saved.
void ChainAscent::load() {
    const int split = row_chains_.groups();
    pool_.run(static_cast<int>(values_.size()), [&](int task, int) {
        if (task < split) {
            row_chains_.restore(task, saved_.data());
        } else {
            col_chains_.restore(task - split, saved_.data());
        }
    });
}

Labelling ChainAscent::labelling(bool columns) const {
    return field_.sets.labelling(columns ? cols_ : rows_);
}

std::vector<double> ChainAscent::multipliers() const {
    const LabelSets& sets = field_.sets;
    std::vector<double> result(sets.total());
    for (std::size_t node = 0; node < sets.nodes(); ++node) {
        for (int k = 0; k < sets.count(node); ++k) {
            result[sets.offset(node) + k] = scale_ * saved_[node * labels_ + k];
        }
    }
    return result;
}

Ascent::Successor ChainAscent::restricted(const Field& fewer, const CostRange& range) const {
    const std::vector<double> all = multipliers();
    std::vector<double> kept;
    for (std::size_t node = 0; node < fewer.sets.nodes(); ++node) {
        for (const Position position : fewer.sets.positions_in(field_.sets, node)) {
            kept.push_back(all[field_.sets.offset(node) + index(position)]);
        }
    }
    return [kept = std::move(kept), fewer, range, &pool = pool_, level = level()] {
        return std::make_unique<ChainAscent>(fewer, range, pool, kept, level);
    };
}

Ascent::Successor ChainAscent::as_strips(int width) const {
    const StripLayout layout = long_strips(field_, width);
    StripSplit split = split_from_chains(layout.lines, multipliers(), scale_);
    return [split = std::move(split), layout, range = range_, &pool = pool_] {
        return std::make_unique<StripAscent>(layout, range, pool, split);
    };
}

Certificate ChainAscent::certify(const CertifyOptions& options) const {
    return certify_chains(field_, multipliers(), pool_, options);
}

}  // namespace metafast::mrf
