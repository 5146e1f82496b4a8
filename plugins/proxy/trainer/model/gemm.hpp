// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// Included only by the engine's translation units, once per instruction set: everything here has internal linkage.
#if PROXY_HAVE_OPENBLAS
#include <cblas.h>
#else
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

#else

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

#endif

}
}
