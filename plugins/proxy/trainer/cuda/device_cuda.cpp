// SPDX-License-Identifier: GPL-3.0-or-later
// The device interface on the CUDA runtime and cuBLASLt.
#include "cuda/device.hpp"

#include "base/failure.hpp"
#include "cuda/discover.hpp"

#include <cublasLt.h>
#include <cuda_runtime.h>

#include <algorithm>
#include <map>
#include <tuple>
#include <vector>

namespace proxy {

namespace {

void check(cudaError_t error, const char* what)
{
    if (error == cudaErrorMemoryAllocation) {
        cudaGetLastError();
        throw OutOfDeviceMemory(std::string("The device has no room left while ") + what + ".");
    }
    if (error != cudaSuccess)
        throw Failure(Exit::Device, std::string("The device failed while ") + what + ": " + cudaGetErrorString(error)
                + "; checkpoints are intact, run again with --resume.");
}

void check(cublasStatus_t status, const char* what)
{
    if (status != CUBLAS_STATUS_SUCCESS)
        throw Failure(Exit::Device, std::string("cuBLASLt failed while ") + what + ": " + cublasLtGetStatusString(status)
                + "; please report the shape of the member.");
}

constexpr std::size_t workspaceBytes = 32 << 20;
constexpr int canonicalCount = 64; // how many matrices the algorithm is chosen for, whatever the number of members

// Largest power of two up to 256 that divides the address and all steps in bytes.
std::uint32_t alignment(const void* pointer, int pitch, std::int64_t stride, std::size_t element)
{
    auto bits = reinterpret_cast<std::uintptr_t>(pointer) | static_cast<std::uintptr_t>(pitch) * element
        | static_cast<std::uintptr_t>(stride) * element;
    std::uint32_t result = 256;
    while (result > 1 && bits % result != 0)
        result /= 2;
    return result;
}

struct Layouts {
    cublasLtMatrixLayout_t left = nullptr, right = nullptr, result = nullptr;

    ~Layouts()
    {
        for (cublasLtMatrixLayout_t layout : {left, right, result})
            if (layout)
                cublasLtMatrixLayoutDestroy(layout);
    }
};

cublasLtMatrixLayout_t makeLayout(cudaDataType_t type, int rows, int cols, int pitch, int count, std::int64_t stride)
{
    cublasLtMatrixLayout_t layout = nullptr;
    check(cublasLtMatrixLayoutCreate(&layout, type, static_cast<std::uint64_t>(rows), static_cast<std::uint64_t>(cols),
              pitch),
        "describing a matrix");
    cublasLtMatrixLayoutSetAttribute(layout, CUBLASLT_MATRIX_LAYOUT_BATCH_COUNT, &count, sizeof count);
    cublasLtMatrixLayoutSetAttribute(
        layout, CUBLASLT_MATRIX_LAYOUT_STRIDED_BATCH_OFFSET, &stride, sizeof stride);
    return layout;
}

// cuBLASLt thinks in columns: a row-major matrix is its own transpose there, so D^T = op(B)^T op(A)^T.
void describe(const Product& p, int count, Layouts& to)
{
    const cudaDataType_t type = p.half ? CUDA_R_16BF : CUDA_R_32F;
    to.left = makeLayout(type, p.transposeB ? p.k : p.n, p.transposeB ? p.n : p.k, p.ldb, count, p.strideB);
    to.right = makeLayout(type, p.transposeA ? p.m : p.k, p.transposeA ? p.k : p.m, p.lda, count, p.strideA);
    to.result = makeLayout(CUDA_R_32F, p.n, p.m, p.ldd, count, p.strideD);
}

using Key = std::tuple<bool, bool, bool, bool, int, int, int, int, int, int, std::uint32_t, std::uint32_t,
    std::uint32_t, std::uint32_t>;

}

struct Device::Inside {
    std::int64_t number = 0, total = 0;
    cudaStream_t stream = nullptr;
    cublasLtHandle_t blas = nullptr;
    void* workspace = nullptr;
    std::vector<void*> blocks;
    std::vector<cudaGraphExec_t> recordings;
    std::map<std::pair<bool, std::pair<bool, bool>>, cublasLtMatmulDesc_t> operations;
    std::map<Key, cublasLtMatmulAlgo_t> algorithms;

    cublasLtMatmulDesc_t operation(const Product& p)
    {
        cublasLtMatmulDesc_t& found = operations[{p.half, {p.transposeA, p.transposeB}}];
        if (found)
            return found;
        // Pedantic: no TF32, so that single precision means what it says.
        check(cublasLtMatmulDescCreate(&found, p.half ? CUBLAS_COMPUTE_32F : CUBLAS_COMPUTE_32F_PEDANTIC, CUDA_R_32F),
            "describing a product");
        const cublasOperation_t left = p.transposeB ? CUBLAS_OP_T : CUBLAS_OP_N;
        const cublasOperation_t right = p.transposeA ? CUBLAS_OP_T : CUBLAS_OP_N;
        cublasLtMatmulDescSetAttribute(found, CUBLASLT_MATMUL_DESC_TRANSA, &left, sizeof left);
        cublasLtMatmulDescSetAttribute(found, CUBLASLT_MATMUL_DESC_TRANSB, &right, sizeof right);
        return found;
    }

    // No split of the inner dimension: then a matrix of the batch is computed the same way whatever their number.
    cublasLtMatmulAlgo_t choose(const Product& p, const Layouts& layouts, const Key& key)
    {
        cublasLtMatmulPreference_t wish = nullptr;
        check(cublasLtMatmulPreferenceCreate(&wish), "choosing an algorithm");
        const std::uint32_t schemes = CUBLASLT_REDUCTION_SCHEME_NONE;
        const std::uint64_t most = workspaceBytes;
        const auto set = [&](cublasLtMatmulPreferenceAttributes_t what, const auto& value) {
            cublasLtMatmulPreferenceSetAttribute(wish, what, &value, sizeof value);
        };
        set(CUBLASLT_MATMUL_PREF_REDUCTION_SCHEME_MASK, schemes);
        set(CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES, most);
        set(CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_A_BYTES, std::get<10>(key));
        set(CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_B_BYTES, std::get<11>(key));
        set(CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_C_BYTES, std::get<12>(key));
        set(CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_D_BYTES, std::get<13>(key));
        cublasLtMatmulHeuristicResult_t best{};
        int found = 0;
        const cublasStatus_t status = cublasLtMatmulAlgoGetHeuristic(blas, operation(p), layouts.left, layouts.right,
            layouts.result, layouts.result, wish, 1, &best, &found);
        cublasLtMatmulPreferenceDestroy(wish);
        check(found > 0 ? status : CUBLAS_STATUS_NOT_SUPPORTED, "choosing an algorithm");
        return best.algo;
    }

    const cublasLtMatmulAlgo_t& algorithm(const Product& p)
    {
        const std::size_t element = p.half ? 2 : 4;
        const Key key{p.half, p.transposeA, p.transposeB, p.beta != 0, p.m, p.n, p.k, p.lda, p.ldb, p.ldd,
            alignment(p.b, p.ldb, p.strideB, element), alignment(p.a, p.lda, p.strideA, element),
            alignment(p.c, p.ldd, p.strideD, 4), alignment(p.d, p.ldd, p.strideD, 4)};
        const auto known = algorithms.find(key);
        if (known != algorithms.end())
            return known->second;
        Layouts layouts;
        describe(p, canonicalCount, layouts);
        return algorithms[key] = choose(p, layouts, key);
    }
};

Device::Device(std::int64_t number)
    : m_inside(std::make_unique<Inside>())
{
    if (const std::string why = refusal(discover(), number); !why.empty())
        throw Failure(Exit::NoDevice, why);
    m_inside->number = number;
    check(cudaSetDevice(static_cast<int>(number)), "opening it");
    check(cudaStreamCreateWithFlags(&m_inside->stream, cudaStreamNonBlocking), "opening it");
    check(cublasLtCreate(&m_inside->blas), "opening it");
    check(cudaMalloc(&m_inside->workspace, workspaceBytes), "opening it");
    std::size_t free = 0, total = 0;
    check(cudaMemGetInfo(&free, &total), "asking for its memory");
    m_inside->total = static_cast<std::int64_t>(total);
}

// Nothing here may throw; after a failed kernel every call fails, and the process is about to end.
Device::~Device()
{
    cudaStreamSynchronize(m_inside->stream);
    for (cudaGraphExec_t recording : m_inside->recordings)
        if (recording)
            cudaGraphExecDestroy(recording);
    for (void* block : m_inside->blocks)
        cudaFree(block);
    for (const auto& [key, operation] : m_inside->operations)
        cublasLtMatmulDescDestroy(operation);
    cudaFree(m_inside->workspace);
    cublasLtDestroy(m_inside->blas);
    cudaStreamDestroy(m_inside->stream);
}

std::int64_t Device::totalMemory() const
{
    return m_inside->total;
}

std::int64_t Device::freeMemory() const
{
    std::size_t free = 0, total = 0;
    check(cudaMemGetInfo(&free, &total), "asking for its memory");
    return static_cast<std::int64_t>(free);
}

void* Device::allocate(std::size_t bytes)
{
    void* block = nullptr;
    check(cudaMalloc(&block, bytes > 0 ? bytes : 1), "taking memory");
    m_inside->blocks.push_back(block);
    return block;
}

void Device::release(void* memory)
{
    const auto found = std::find(m_inside->blocks.begin(), m_inside->blocks.end(), memory);
    if (found == m_inside->blocks.end())
        return;
    m_inside->blocks.erase(found);
    cudaStreamSynchronize(m_inside->stream);
    cudaFree(memory);
}

// From pageable memory the call returns when the bytes have left it.
void Device::upload(void* to, const void* from, std::size_t bytes)
{
    check(cudaMemcpyAsync(to, from, bytes, cudaMemcpyHostToDevice, m_inside->stream), "receiving data");
}

void Device::download(void* to, const void* from, std::size_t bytes)
{
    check(cudaMemcpyAsync(to, from, bytes, cudaMemcpyDeviceToHost, m_inside->stream), "sending data");
    wait();
}

void Device::copy(void* to, const void* from, std::size_t bytes)
{
    check(cudaMemcpyAsync(to, from, bytes, cudaMemcpyDeviceToDevice, m_inside->stream), "copying data");
}

void Device::fill(void* to, int byte, std::size_t bytes)
{
    check(cudaMemsetAsync(to, byte, bytes, m_inside->stream), "clearing data");
}

void Device::wait()
{
    check(cudaStreamSynchronize(m_inside->stream), "computing");
}

void Device::multiply(const Product& p)
{
    const cublasLtMatmulAlgo_t& algorithm = m_inside->algorithm(p);
    Layouts layouts;
    describe(p, p.count, layouts);
    check(cublasLtMatmul(m_inside->blas, m_inside->operation(p), &p.alpha, p.b, layouts.left, p.a, layouts.right,
              &p.beta, p.c, layouts.result, p.d, layouts.result, &algorithm, m_inside->workspace, workspaceBytes,
              m_inside->stream),
        "multiplying matrices");
}

int Device::record(const std::function<void()>& work)
{
    check(cudaStreamBeginCapture(m_inside->stream, cudaStreamCaptureModeThreadLocal), "recording a step");
    cudaGraph_t graph = nullptr;
    try {
        work();
    } catch (...) {
        cudaStreamEndCapture(m_inside->stream, &graph);
        if (graph)
            cudaGraphDestroy(graph);
        throw;
    }
    check(cudaStreamEndCapture(m_inside->stream, &graph), "recording a step");
    cudaGraphExec_t recording = nullptr;
    const cudaError_t error = cudaGraphInstantiate(&recording, graph, 0);
    cudaGraphDestroy(graph);
    check(error, "recording a step");
    m_inside->recordings.push_back(recording);
    return static_cast<int>(m_inside->recordings.size()) - 1;
}

void Device::replay(int recording)
{
    check(cudaGraphLaunch(m_inside->recordings[static_cast<std::size_t>(recording)], m_inside->stream), "starting a step");
}

void Device::forget(int recording)
{
    cudaGraphExec_t& own = m_inside->recordings[static_cast<std::size_t>(recording)];
    if (own)
        cudaGraphExecDestroy(own);
    own = nullptr;
}

void* Device::queue() const
{
    return m_inside->stream;
}

void Device::checkLaunch() const
{
    check(cudaGetLastError(), "starting a kernel");
}

}
