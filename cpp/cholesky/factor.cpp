#include "cholesky/factor.hpp"

#include <algorithm>

#include "cholesky/passing.hpp"
#include "threads/stop_flag.hpp"

namespace metafast::cholesky {

namespace {

constexpr double kOne = 1.0, kMinus = -1.0;
constexpr int kStep = 1;

// Room for so many numbers; that of an earlier factorisation serves again.
void fit(Slab& columns, std::int64_t entries) {
    if (columns.size() != static_cast<std::size_t>(entries)) columns = Slab(entries);
}

}  // namespace

struct Factor::Worker {
    std::vector<std::int32_t> map;    // row of a later unknown in the present front
    std::vector<std::int32_t> place;  // rows of a child's unknowns in the present front
    Slab columns, stack, loads;
    std::vector<double> scratch;

    // Where the unknowns of `child` stand in `front`.
    const std::int32_t* places(const Front& front, const Front& child) {
        place.resize(child.updates);
        for (std::int32_t r = 0; r < child.updates; ++r) {
            const std::int32_t m = child.rows[r];
            place[r] = m < front.stop ? m - front.start : map[m];
        }
        return place.data();
    }
    void enter(const Front& front) {
        for (std::int32_t r = 0; r < front.updates; ++r) map[front.rows[r]] = front.pivots() + r;
    }
};

Factor::Factor(const PixelGrid& grid, const std::int32_t* order, std::int32_t n, const Tree& tree,
               const Blas& blas, int threads)
    : matrix_(grid, order, n),
      pool_(threads),
      fronts_(matrix_, tree.start, tree.parent, tree.count, tree.unit, pool_),
      blas_(blas),
      unit_columns_(fronts_.units().size()),
      top_columns_(fronts_.top().size()),
      signs_(grid.tangent ? n : 0),
      unit_(tree.count, false),
      slot_(tree.count, -1) {
    for (std::size_t k = 0; k < fronts_.units().size(); ++k) {
        const std::int32_t root = fronts_.units()[k];
        slot_[root] = static_cast<std::int32_t>(k);
        unit_[root] = true;
        const std::int64_t entries = fronts_.entries(fronts_.first(root), root);
        unit_entries_ += entries;
        largest_unit_ = std::max(largest_unit_, entries);
        // a front's own update stands above its children's until it takes their place
        std::int64_t stack = 0, loads = 0;
        for (std::int32_t f = fronts_.first(root); f <= root; ++f) {
            const Front& front = fronts_[f];
            largest_stack_ = std::max(largest_stack_, stack + front.update_entries());
            largest_loads_ = std::max(largest_loads_, loads + front.updates);
            for (const std::int32_t child : front.children) {
                stack -= fronts_[child].update_entries();
                loads -= fronts_[child].updates;
            }
            stack += front.update_entries();
            loads += front.updates;
        }
    }
    std::int64_t stack = 0;
    for (std::size_t k = 0; k < fronts_.top().size(); ++k) {
        const Front& front = fronts_[fronts_.top()[k]];
        slot_[fronts_.top()[k]] = static_cast<std::int32_t>(k);
        top_entries_ += front.entries();
        top_stack_ = std::max(top_stack_, stack + front.update_entries());
        for (const std::int32_t child : front.children) {
            if (!is_unit(child)) stack -= fronts_[child].update_entries();
        }
        stack += front.update_entries();
    }
}

std::int64_t Factor::memory(bool keep, int columns) const {
    const std::int64_t n = matrix_.size();
    std::int64_t bytes = 0;
    for (const std::int32_t f : fronts_.top()) bytes += Slab::taken(fronts_[f].entries());
    for (const std::int32_t root : fronts_.units()) {
        const std::int64_t updates = fronts_[root].updates;
        bytes += Slab::taken(updates * (updates + 1) / 2);
        if (keep) bytes += Slab::taken(fronts_.entries(fronts_.first(root), root));
    }
    const std::int64_t worker = Slab::taken(largest_stack_) + Slab::taken(largest_loads_ * columns) +
                                Slab::taken(keep ? 0 : largest_unit_) + 4 * n;
    bytes += Slab::taken(top_stack_) + pool_.size() * worker + 8 * n * columns;
    return bytes + 24 * n + fronts_.bytes();
}

void Factor::fail(const Front& front, int info) const {
    if (info != 0) throw NotPositiveDefinite(matrix_.order(front.start + info - 1));
}

Dense Factor::dense(const Front& front, double* columns, double* update) {
    return {front.pivots(), front.updates, columns, update,
            signs_.empty() ? nullptr : signs_.data() + front.start};
}

std::int32_t Factor::negative() const {
    return static_cast<std::int32_t>(std::count(signs_.begin(), signs_.end(), -1));
}

void Factor::release() {
    for (std::vector<Slab>* columns : {&unit_columns_, &top_columns_}) {
        for (Slab& slab : *columns) slab = Slab();
    }
    refactor();
}

void Factor::assemble(const Front& front, const Dense& dense, const std::int32_t* place) const {
    const int n = dense.size();
    for (std::int32_t k = front.start; k < front.stop; ++k) {
        double* column = dense.columns + static_cast<std::ptrdiff_t>(k - front.start) * n;
        matrix_.upper(k, [&](std::int32_t m, double value) {
            column[m < front.stop ? m - front.start : place[m]] += value;
        });
    }
}

// Forward elimination of a front's right-hand sides; rows of k numbers are columns to the kernels.
void Factor::load_step(const Front& front, const double* columns, int k, double* x,
                       double* load) const {
    const int p = front.pivots(), u = front.updates, n = front.size();
    double* own = x + static_cast<std::ptrdiff_t>(front.start) * k;
    if (k == 1) {
        blas_.trsv("L", "N", "N", &p, columns, &n, own, &kStep);
        if (u) blas_.gemv("N", &u, &p, &kMinus, columns + p, &n, own, &kStep, &kOne, load, &kStep);
        return;
    }
    blas_.trsm("R", "L", "T", "N", &k, &p, &kOne, columns, &n, own, &k);
    if (u) {
        blas_.gemm("N", "T", &k, &u, &p, &kMinus, own, &k, columns + p, &n, &kOne, load, &k);
    }
}

void Factor::back_step(const Front& front, const double* columns, int k, double* x,
                       std::vector<double>& scratch, bool absolute) const {
    const int p = front.pivots(), u = front.updates, n = front.size();
    double* own = x + static_cast<std::ptrdiff_t>(front.start) * k;
    for (int r = 0; r < p && !signs_.empty() && !absolute; ++r) {
        if (signs_[front.start + r] > 0) continue;
        double* row = own + static_cast<std::ptrdiff_t>(r) * k;
        std::transform(row, row + k, row, [](double value) { return -value; });
    }
    scratch.resize(std::max<std::size_t>(scratch.size(), static_cast<std::size_t>(u) * k));
    for (int r = 0; r < u; ++r) {
        const double* later = x + static_cast<std::ptrdiff_t>(front.rows[r]) * k;
        std::copy(later, later + k, scratch.data() + static_cast<std::ptrdiff_t>(r) * k);
    }
    if (k == 1) {
        if (u) {
            blas_.gemv("T", &u, &p, &kMinus, columns + p, &n, scratch.data(), &kStep, &kOne, own,
                       &kStep);
        }
        blas_.trsv("L", "T", "N", &p, columns, &n, own, &kStep);
        return;
    }
    if (u) {
        blas_.gemm("N", "N", &k, &p, &u, &kMinus, scratch.data(), &k, columns + p, &n, &kOne, own,
                   &k);
    }
    blas_.trsm("R", "L", "N", "N", &k, &p, &kOne, columns, &n, own, &k);
}

// Factorises a unit if `numeric`, and carries k right-hand sides forward.
void Factor::unit_down(int index, int k, bool numeric, double* x, Worker& worker) {
    const std::int32_t root = fronts_.units()[index];
    double* columns = unit_columns_[index].size() ? unit_columns_[index].data()
                                                  : worker.columns.data();
    double* stack = worker.stack.data();
    double* loads = worker.loads.data();
    for (std::int32_t f = fronts_.first(root); f <= root; ++f) {
        const Front& front = fronts_[f];
        worker.enter(front);
        const Dense dense = this->dense(front, columns, stack);
        double* load = loads;
        double* children_update = stack;
        double* children_load = loads;
        for (const std::int32_t child : front.children) {
            if (numeric) children_update -= fronts_[child].update_entries();
            children_load -= static_cast<std::ptrdiff_t>(fronts_[child].updates) * k;
        }
        if (numeric) {
            zero_lower(dense);
            assemble(front, dense, worker.map.data());
        }
        std::fill(load, load + static_cast<std::ptrdiff_t>(front.updates) * k, 0.0);
        const double* update = children_update;
        const double* passed = children_load;
        for (const std::int32_t c : front.children) {
            const Front& child = fronts_[c];
            const std::int32_t* place = worker.places(front, child);
            if (numeric) extend(child, update, Kept::square, place, dense);
            add_load(front, child, place, passed, k, x, load);
            passed += static_cast<std::ptrdiff_t>(child.updates) * k;
            update += child.update_entries();
        }
        if (numeric) fail(front, eliminate(blas_, dense));
        if (k > 0) load_step(front, columns, k, x, load);
        // take the children's place
        if (numeric) std::copy(stack, stack + front.update_entries(), children_update);
        std::copy(load, load + static_cast<std::ptrdiff_t>(front.updates) * k, children_load);
        stack = children_update + (numeric ? front.update_entries() : 0);
        loads = children_load + static_cast<std::ptrdiff_t>(front.updates) * k;
        columns += front.entries();
    }
}

void Factor::unit_up(int index, int k, double* x, Worker& worker, bool absolute) {
    const std::int32_t root = fronts_.units()[index];
    const double* columns = unit_columns_[index].size() ? unit_columns_[index].data()
                                                        : worker.columns.data();
    columns += fronts_.entries(fronts_.first(root), root);
    for (std::int32_t f = root; f >= fronts_.first(root); --f) {
        columns -= fronts_[f].entries();
        back_step(fronts_[f], columns, k, x, worker.scratch, absolute);
    }
}

// One of the large fronts above the units; `stack` is where its Schur complement begins, moved on.
// Returns false if it was stopped.
bool Factor::top_down(std::int32_t f, int k, bool numeric, double* x, std::vector<Passed>& passed,
                      double*& stack, Worker& worker, const Poll& stop) {
    const Front& front = fronts_[f];
    worker.enter(front);
    Slab& columns = top_columns_[slot_[f]];
    if (numeric) fit(columns, front.entries());
    Slab load(static_cast<std::size_t>(front.updates) * k);
    const Dense dense = this->dense(front, columns.data(), stack);
    if (numeric) {
        zero_lower(dense);
        assemble(front, dense, worker.map.data());
    }
    std::fill(load.data(), load.data() + load.size(), 0.0);
    double* update = stack;
    for (const std::int32_t child : front.children) {
        if (numeric && !is_unit(child)) update -= fronts_[child].update_entries();
    }
    double* const base = update;
    for (const std::int32_t c : front.children) {
        const Front& child = fronts_[c];
        const std::int32_t* place = worker.places(front, child);
        if (numeric && is_unit(c)) {
            extend(child, passed[c].update.data(), Kept::packed, place, dense);
        } else if (numeric) {
            extend(child, update, Kept::square, place, dense);
            update += child.update_entries();
        }
        add_load(front, child, place, passed[c].load.data(), k, x, load.data());
        passed[c] = Passed();
    }
    if (numeric) {
        const int info = eliminate(blas_, dense, pool_, stop);
        if (info == kStopped) return false;
        fail(front, info);
    }
    if (k > 0) load_step(front, columns.data(), k, x, load.data());
    passed[f].load = std::move(load);
    if (numeric) stack = std::copy(stack, stack + front.update_entries(), base);
    return true;
}

void Factor::solve(double* x, int k, bool keep, const Poll& poll, bool absolute) {
    const std::int32_t n = matrix_.size();
    const int units = static_cast<int>(fronts_.units().size());
    const bool numeric = !factorised_;
    const bool again = numeric ? !keep : !kept_;  // the way back needs columns that are not kept
    StopFlag stop(poll);
    std::vector<double> own(static_cast<std::size_t>(n) * k);
    for (std::int32_t i = 0; i < n; ++i) {
        const double* from = x + static_cast<std::ptrdiff_t>(matrix_.order(i)) * k;
        std::copy(from, from + k, own.data() + static_cast<std::ptrdiff_t>(i) * k);
    }
    std::vector<Worker> workers(pool_.size());
    for (Worker& worker : workers) {
        worker.map.resize(n);
        worker.stack = Slab(largest_stack_);
        worker.loads = Slab(static_cast<std::size_t>(largest_loads_) * k);
        if (again) worker.columns = Slab(largest_unit_);
    }
    std::vector<Passed> passed(slot_.size());
    pool_.run(units, [&](int index, int worker) {
        if (stop(worker)) return;
        const std::int32_t root = fronts_.units()[index];
        const Front& front = fronts_[root];
        if (numeric && keep) fit(unit_columns_[index], fronts_.entries(fronts_.first(root), root));
        const bool compute = numeric || !kept_;
        unit_down(index, k, compute, own.data(), workers[worker]);
        if (numeric) {
            passed[root].update = packed(workers[worker].stack.data(), front.updates);
        }
        passed[root].load = Slab(static_cast<std::size_t>(front.updates) * k);
        const double* load = workers[worker].loads.data();
        std::copy(load, load + passed[root].load.size(), passed[root].load.data());
    });
    const Slab stack(numeric ? top_stack_ : 0);
    double* free = stack.data();
    const Poll ask = [&] { return stop(0); };
    for (const std::int32_t f : fronts_.top()) {
        if (ask() || !top_down(f, k, numeric, own.data(), passed, free, workers[0], ask)) return;
    }
    if (ask()) return;
    passed = std::vector<Passed>();
    if (numeric) {
        factorised_ = true;
        kept_ = keep;
    }
    if (k == 0) return;
    for (auto f = fronts_.top().rbegin(); f != fronts_.top().rend(); ++f) {
        back_step(fronts_[*f], top_columns_[slot_[*f]].data(), k, own.data(), workers[0].scratch,
                  absolute);
    }
    pool_.run(units, [&](int index, int worker) {
        if (stop(worker)) return;
        if (again) unit_down(index, 0, true, nullptr, workers[worker]);
        unit_up(index, k, own.data(), workers[worker], absolute);
    });
    if (ask()) return;
    for (std::int32_t i = 0; i < n; ++i) {
        const double* from = own.data() + static_cast<std::ptrdiff_t>(i) * k;
        std::copy(from, from + k, x + static_cast<std::ptrdiff_t>(matrix_.order(i)) * k);
    }
}

}  // namespace metafast::cholesky
