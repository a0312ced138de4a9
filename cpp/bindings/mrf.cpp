#include "mrf/search/solver.hpp"

#include <algorithm>

#include "bindings/bindings.hpp"

namespace metafast::bindings {

namespace {

using Labels = py::array_t<std::int64_t, py::array::c_style>;

// Runs what may run Python code; Ctrl-C in it is remembered instead of thrown, so that the search
// ends with what it has.
template <class Call>
bool interruptible(bool& interrupted, Call call) {
    if (interrupted) return true;
    try {
        return call();
    } catch (py::error_already_set& error) {
        const py::gil_scoped_acquire gil;
        if (!error.matches(PyExc_KeyboardInterrupt)) throw;
        interrupted = true;
        return true;
    }
}

// float32 or float64; one place's table is contiguous, places may share one (stride 0).
mrf::Tables tables(const py::array& array) {
    const py::ssize_t size = array.itemsize();
    return {array.data(), size == sizeof(float), array.strides(0) / size, array.strides(1) / size};
}

// Shapes, dtypes, strides and values were checked in metafast.assembly.mrf.
py::tuple solve_mrf(const py::array& unary, const py::array& horizontal, const py::array& vertical,
                    const py::object& initial, double time_limit, double gap,
                    std::int64_t max_iterations, int threads, double exact_work,
                    const py::function& report) {
    mrf::Grid grid;
    grid.rows = static_cast<int>(unary.shape(0));
    grid.cols = static_cast<int>(unary.shape(1));
    grid.labels = static_cast<int>(unary.shape(2));
    grid.unary = tables(unary);
    grid.horizontal = tables(horizontal);
    grid.vertical = tables(vertical);

    mrf::Options options;
    options.time_limit = time_limit;
    options.gap = gap;
    options.max_iterations = max_iterations;
    options.threads = threads;
    options.exact_work = exact_work;
    bool interrupted = false;
    options.should_stop = [&interrupted, check = signal_check()] {
        return interruptible(interrupted, check);
    };
    options.report = [&interrupted, &report](const mrf::Record& record) {
        interruptible(interrupted, [&] {
            const py::gil_scoped_acquire gil;
            report(static_cast<std::int64_t>(record.iteration));
            return false;
        });
    };
    if (!initial.is_none()) {
        const auto start = initial.cast<Labels>();
        options.initial.assign(start.data(), start.data() + start.size());
    }
    mrf::Result result;
    {
        const py::gil_scoped_release release;
        result = mrf::solve(grid, options);
    }
    Labels labels({grid.rows, grid.cols});
    std::copy(result.labelling.begin(), result.labelling.end(), labels.mutable_data());
    Doubles history({static_cast<py::ssize_t>(result.history.size()), py::ssize_t{4}});
    double* row = history.mutable_data();
    for (const auto& record : result.history) {
        *row++ = record.iteration;
        *row++ = record.time;
        *row++ = record.bound;
        *row++ = record.energy;
    }
    return py::make_tuple(labels, result.energy, result.size, result.lower_bound,
                          result.iterations, result.optimal, interrupted, history);
}

}  // namespace

void register_mrf(py::module_& module) {
    module.def("solve_mrf", &solve_mrf, py::arg("unary"), py::arg("horizontal"),
               py::arg("vertical"),
               py::arg("initial"), py::arg("time_limit"), py::arg("gap"),
               py::arg("max_iterations"), py::arg("threads"), py::arg("exact_work"),
               py::arg("report"));
}

}  // namespace metafast::bindings
