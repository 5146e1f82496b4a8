// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>

// Included only by the engine's translation units, once per instruction set: everything here has internal linkage.
#if PROXY_HAVE_OPENBLAS
#include <cblas.h>
#elif PROXY_HAVE_EIGEN
// Eigen's templates would otherwise have the same symbols in both builds, and the linker would keep either.
#define Eigen PROXY_EIGEN_NAMESPACE
#include <Eigen/Core>
#endif

namespace proxy {
namespace {

enum class Op { Plain, Transposed };

#if PROXY_HAVE_OPENBLAS

inline CBLAS_TRANSPOSE flag(Op op)
{
    return op == Op::Plain ? CblasNoTrans : CblasTrans;
}

// C (m x n) = alpha op(A) op(B) + beta C, all row-major with leading dimensions.
inline void gemm(Op opA, Op opB, int m, int n, int k, float alpha, const float* a, int lda, const float* b, int ldb,
    float beta, float* c, int ldc)
{
    cblas_sgemm(CblasRowMajor, flag(opA), flag(opB), m, n, k, alpha, a, lda, b, ldb, beta, c, ldc);
}

inline void gemm(Op opA, Op opB, int m, int n, int k, double alpha, const double* a, int lda, const double* b, int ldb,
    double beta, double* c, int ldc)
{
    cblas_dgemm(CblasRowMajor, flag(opA), flag(opB), m, n, k, alpha, a, lda, b, ldb, beta, c, ldc);
}

#elif PROXY_HAVE_EIGEN

template <typename T> using Matrix = Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
template <typename T> using In = Eigen::Map<const Matrix<T>, 0, Eigen::OuterStride<>>;
template <typename T> using InOut = Eigen::Map<Matrix<T>, 0, Eigen::OuterStride<>>;

// C (m x n) = alpha op(A) op(B) + beta C, all row-major with leading dimensions.
template <typename T>
void gemm(Op opA, Op opB, int m, int n, int k, T alpha, const T* a, int lda, const T* b, int ldb, T beta, T* c, int ldc)
{
    const In<T> left(a, opA == Op::Plain ? m : k, opA == Op::Plain ? k : m, Eigen::OuterStride<>(lda));
    const In<T> right(b, opB == Op::Plain ? k : n, opB == Op::Plain ? n : k, Eigen::OuterStride<>(ldb));
    InOut<T> result(c, m, n, Eigen::OuterStride<>(ldc));
    if (beta == T(0))
        result.setZero();
    if (opA == Op::Plain && opB == Op::Plain)
        result.noalias() += alpha * left * right;
    else if (opA == Op::Plain)
        result.noalias() += alpha * left * right.transpose();
    else if (opB == Op::Plain)
        result.noalias() += alpha * left.transpose() * right;
    else
        result.noalias() += alpha * left.transpose() * right.transpose();
}

#else

// Without a matrix library: plain loops with the longest runs innermost.
// C (m x n) = alpha op(A) op(B) + beta C, all row-major with leading dimensions.
template <typename T>
void gemm(Op opA, Op opB, int m, int n, int k, T alpha, const T* a, int lda, const T* b, int ldb, T beta, T* c, int ldc)
{
    for (int i = 0; i < m; ++i) {
        T* row = c + std::int64_t{i} * ldc;
        for (int j = 0; j < n; ++j)
            row[j] = beta == T(0) ? T(0) : beta * row[j];
        for (int l = 0; l < k; ++l) {
            const T left = alpha * (opA == Op::Plain ? a[std::int64_t{i} * lda + l] : a[std::int64_t{l} * lda + i]);
            const T* from = opB == Op::Plain ? b + std::int64_t{l} * ldb : b + l;
            const std::int64_t next = opB == Op::Plain ? 1 : ldb;
            for (int j = 0; j < n; ++j)
                row[j] += left * from[j * next];
        }
    }
}

#endif

}
}
