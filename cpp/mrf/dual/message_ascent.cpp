#include "mrf/dual/message_ascent.hpp"

#include <algorithm>
#include <atomic>
#include <numeric>
#include <thread>
#include <utility>

#include "mrf/dual/chain_ascent.hpp"
#include "mrf/dual/strip_ascent.hpp"

namespace metafast::mrf {

namespace {

// Steps of a group between two looks at how far the one before it is.
constexpr int kChunk = 16;

}  // namespace

// One group on the way forward or back.
class MessageAscent::GroupSweep {
public:
    GroupSweep(MessageAscent& ascent, int group, bool forward)
        : ascent_(ascent),
          arrays_(ascent.arrays_),
          group_(group),
          forward_(forward),
          labels_(arrays_.labels()),
          along_(labels_ * kLanes, 0.0f),
          across_(labels_ * kShifted, 0.0f),
          sum_(labels_ * kLanes),
          spare_(labels_ * kLanes) {}

    void advance(int position) {
        receive(position);
        MessageStep s = arrays_.step(group_, position);
        s.along = along_.data();
        s.across = across_.data();
        s.sum = sum_.data();
        s.spare = spare_.data();
        s.total = total_;
        s.label_along = label_along_;
        s.label_across = label_across_;
        if (forward_) {
            step_forward(s);
            write_labels(position);
        } else {
            step_backward(s);
        }
        send(position);
    }

    double bound() const { return std::accumulate(total_, total_ + kLanes, 0.0); }

private:
    std::size_t place(int group, int position) const {
        return static_cast<std::size_t>(group) * arrays_.positions() + position;
    }

    // From the last line of the group before, whose lane is fifteen positions later at the same
    // node; or from the first of the group behind.
    void receive(int position) {
        const int other = forward_ ? group_ - 1 : group_ + 1;
        const int there = forward_ ? position + kLanes - 1 : position - (kLanes - 1);
        const bool sent = other >= 0 && other < arrays_.groups() && there >= 0 &&
                          there < arrays_.positions();
        const std::size_t from = sent ? place(other, there) : 0;
        float* in = across_.data() + (forward_ ? 0 : kLanes);
        for (int k = 0; k < labels_; ++k) {
            in[k * kShifted] = sent ? ascent_.sent_[from * labels_ + k] : 0.0f;
        }
        label_across_[0] = sent ? ascent_.label_sent_[from] : 0.0f;
    }

    void send(int position) {
        const std::size_t to = place(group_, position);
        const float* out = across_.data() + (forward_ ? kLanes : 0);
        for (int k = 0; k < labels_; ++k) ascent_.sent_[to * labels_ + k] = out[k * kShifted];
        if (forward_) ascent_.label_sent_[to] = label_along_[kLanes - 1];
    }

    void write_labels(int position) {
        for (int lane = 0; lane < kLanes; ++lane) {
            if (!arrays_.holds(group_, lane, position)) continue;
            const std::size_t node = arrays_.node(group_, lane, position);
            ascent_.labels_[node] =
                arrays_.open_position(node, static_cast<int>(label_along_[lane]));
        }
    }

    MessageAscent& ascent_;
    MessageArrays& arrays_;
    int group_;
    bool forward_;
    int labels_;
    std::vector<float> along_, across_, sum_, spare_;
    double total_[kLanes] = {};
    float label_along_[kLanes] = {}, label_across_[kShifted] = {};
};

MessageAscent::MessageAscent(const Field& field, const CostRange& range, ThreadPool& pool,
                             const Messages& messages, const Level& level)
    : Ascent(range, 0.0, 0.0, level),
      field_(field),
      pool_(pool),
      arrays_(MessageArrays::lines_for(field), scale_, pool),
      labels_(field.grid.nodes()) {
    const std::size_t places = static_cast<std::size_t>(arrays_.groups()) * arrays_.positions();
    sent_.resize(places * arrays_.labels());
    label_sent_.resize(places);
    if (!messages.from_right.empty()) arrays_.receive(messages, scale_);
    set_work(arrays_.work());
    start();
}

Ascent::Outcome MessageAscent::pass(Step) {
    sweep(true);
    const double bound = sweep(false);
    return {bound - arrays_.counted(), 1.0};
}

// Groups in turn, each sixteen steps behind the one before it.
double MessageAscent::sweep(bool forward) {
    const int groups = arrays_.groups(), steps = arrays_.positions();
    std::vector<std::atomic<int>> done(groups);
    std::vector<double> bounds(groups);
    pool_.run(groups, [&](int task, int) {
        const int group = forward ? task : groups - 1 - task;
        GroupSweep sweep(*this, group, forward);
        for (int step = 0; step < steps;) {
            const int end = std::min(step + kChunk, steps);
            if (task > 0) {
                const int needed = std::min(end + kLanes - 1, steps);
                while (done[task - 1].load(std::memory_order_acquire) < needed) {
                    std::this_thread::yield();
                }
            }
            for (; step < end; ++step) sweep.advance(forward ? step : steps - 1 - step);
            done[task].store(end, std::memory_order_release);
        }
        bounds[group] = sweep.bound();
    });
    double bound = 0.0;
    for (const double part : bounds) bound += part;
    return bound;
}

Certificate MessageAscent::certify(const CertifyOptions& options) const {
    return certify_chains(field_, multipliers(), pool_, options);
}

Ascent::Successor MessageAscent::restricted(const Field& fewer, const CostRange& range) const {
    const Messages all = arrays_.messages(scale_);
    Messages kept;
    for (std::size_t node = 0; node < fewer.sets.nodes(); ++node) {
        for (const Position position : fewer.sets.positions_in(field_.sets, node)) {
            const std::size_t i = field_.sets.offset(node) + index(position);
            kept.from_right.push_back(all.from_right[i]);
            kept.from_below.push_back(all.from_below[i]);
        }
    }
    return [kept = std::move(kept), fewer, range, &pool = pool_, level = level()] {
        return std::make_unique<MessageAscent>(fewer, range, pool, kept, level);
    };
}

Ascent::Successor MessageAscent::as_strips(int width) const {
    const StripLayout layout = long_strips(field_, width);
    StripSplit split = split_from_chains(layout.lines, multipliers(), scale_);
    return [split = std::move(split), layout, range = range_, &pool = pool_] {
        return std::make_unique<StripAscent>(layout, range, pool, split);
    };
}

Ascent::Successor MessageAscent::by_subgradients() const {
    return [kept = multipliers(), field = field_, range = range_, &pool = pool_] {
        return std::make_unique<ChainAscent>(field, range, pool, kept);
    };
}

}  // namespace metafast::mrf
