// Registration functions, one per library, and what they share. No algorithm lives here.
#pragma once

#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>

#include <chrono>
#include <functional>

namespace metafast::bindings {

namespace py = pybind11;

using Doubles = py::array_t<double, py::array::c_style>;

void register_mrf(py::module_& module);
void register_incompatibility(py::module_& module);
void register_cholesky(py::module_& module);
void register_hyperelastic(py::module_& module);

// To be polled by long work that runs without the GIL, from the thread that called Python: every
// 50 ms it takes the GIL, lets Python run its signal handlers, and throws what they raised.
inline std::function<bool()> signal_check() {
    using Clock = std::chrono::steady_clock;
    return [last = Clock::now()]() mutable {
        const auto now = Clock::now();
        if (now - last < std::chrono::milliseconds(50)) return false;
        last = now;
        const py::gil_scoped_acquire gil;
        if (PyErr_CheckSignals() != 0) throw py::error_already_set();
        return false;
    };
}

}  // namespace metafast::bindings
