// Large blocks of numbers in huge pages where the system has them: on virtual machines, handing out
// memory in small pages can take longer than the arithmetic done in it.
#pragma once

#include <cstddef>
#include <cstdlib>
#include <memory>
#include <new>

#if defined(__linux__)
#include <sys/mman.h>
#endif

namespace metafast::cholesky {

class Slab {
public:
    Slab() = default;
    explicit Slab(std::size_t doubles) : size_(doubles) {
        if (doubles == 0) return;
        const std::size_t rounded = taken(doubles), page = page_of(doubles);
        data_.reset(static_cast<double*>(std::aligned_alloc(page, rounded)));
        if (!data_) throw std::bad_alloc();
#if defined(__linux__) && defined(MADV_HUGEPAGE)
        if (page == kPage) madvise(data_.get(), rounded, MADV_HUGEPAGE);
#endif
    }

    // Bytes that so many numbers take, in whole pages.
    static std::size_t taken(std::size_t doubles) {
        const std::size_t page = page_of(doubles);
        return (doubles * sizeof(double) + page - 1) / page * page;
    }

    double* data() const { return data_.get(); }
    std::size_t size() const { return size_; }

private:
    static constexpr std::size_t kPage = std::size_t{1} << 21;
    static std::size_t page_of(std::size_t doubles) {
        return doubles * sizeof(double) >= kPage ? kPage : 64;
    }
    struct Free {
        void operator()(double* block) const { std::free(block); }
    };
    std::size_t size_ = 0;
    std::unique_ptr<double[], Free> data_;
};

}  // namespace metafast::cholesky
