#include "mrf/dual.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace metafast::mrf {

namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

// Velocity kept from one step to the next.
constexpr double kMomentum = 0.9;

// The reach grows after an advance of half of it. After `patience` passes without a quarter of it,
// it shrinks and patience lengthens, so that the reach falls a little faster than 1 / passes.
constexpr double kGrow = 1.3;
constexpr double kShrink = 0.5;
constexpr double kPatience = 15.0;
constexpr double kLonger = 1.5;

// An advance of this share of the reach is worth saving the multipliers.
constexpr double kWorthSaving = 0.05;

}  // namespace

DualAscent::DualAscent(const Grid& grid, const Range& range, ThreadPool& pool)
    : pool_(pool),
      base_(range.base.value()),
      scale_(range.widest > 0.0 ? range.widest : 1.0),
      row_chains_(Lines{grid, false}, scale_, pool),
      col_chains_(Lines{grid, true}, scale_, pool),
      rows_(grid.nodes()),
      cols_(grid.nodes()),
      next_rows_(grid.nodes()),
      next_cols_(grid.nodes()),
      values_(row_chains_.groups() + col_chains_.groups()),
      saved_(grid.nodes() * grid.labels, 0.0f),
      best_(-kInfinity),
      saved_value_(-kInfinity),
      patience_(kPatience) {
    pass(Step{});
    best_ = saved_value_ = milestone_ = value_;
}

void DualAscent::pass(Step step) {
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
    value_ = 0.0;
    for (const double value : values_) value_ += value;
    disagreements_ = 0;
    for (std::size_t i = 0; i < rows_.size(); ++i) disagreements_ += rows_[i] != cols_[i];
}

void DualAscent::iterate(double energy) {
    if (agreed()) return;
    const double ceiling = (energy - base_) / scale_;
    if (reach_ == 0.0) {
        reach_ = std::isinf(ceiling) ? 0.1 * std::fabs(best_) + 1.0 : 0.5 * (ceiling - best_);
    }
    const double level = std::min(best_ + reach_, ceiling);
    const double polyak =
        std::max(level - value_, 0.0) / (2.0 * static_cast<double>(disagreements_));
    pass({static_cast<float>((1.0 - kMomentum) * polyak), static_cast<float>(kMomentum)});

    best_ = std::max(best_, value_);
    const bool worth = value_ == best_ && best_ - saved_value_ > kWorthSaving * reach_;
    if (worth || agreed()) save();
    judge_reach();
}

void DualAscent::judge_reach() {
    ++since_milestone_;
    const double advance = best_ - milestone_;
    if (advance > 0.5 * reach_) {
        reach_ *= kGrow;
    } else if (since_milestone_ < patience_) {
        return;
    } else if (advance < 0.25 * reach_) {
        reach_ *= kShrink;
        patience_ *= kLonger;
        restore();
    }
    milestone_ = best_;
    since_milestone_ = 0;
}

void DualAscent::save() {
    pool_.run(row_chains_.groups(), [&](int group, int) { row_chains_.save(group, saved_.data()); });
    saved_value_ = value_;
}

void DualAscent::restore() {
    const int split = row_chains_.groups();
    pool_.run(static_cast<int>(values_.size()), [&](int task, int) {
        if (task < split) {
            row_chains_.restore(task, saved_.data());
        } else {
            col_chains_.restore(task - split, saved_.data());
        }
    });
    pass(Step{});
}

std::vector<double> DualAscent::multipliers() const {
    std::vector<double> result(saved_.size());
    for (std::size_t i = 0; i < result.size(); ++i) result[i] = scale_ * saved_[i];
    return result;
}

}  // namespace metafast::mrf
