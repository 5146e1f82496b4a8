// SPDX-License-Identifier: GPL-3.0-or-later
#include "cuda/program.hpp"

#include "cuda/arrays.hpp"
#include "cuda/passes.hpp"
#include "run/trainer.hpp"
#include "schedule/schedule.hpp"

#include <algorithm>
#include <cmath>

namespace proxy {

namespace {

std::vector<Chunk> cutChunks(const Layout& layout, std::vector<TensorFacts>& tensors)
{
    std::vector<Chunk> chunks;
    for (const Tensor& tensor : layout.tensors) {
        TensorFacts facts{static_cast<std::int32_t>(chunks.size()), 0, tensor.kind == Kind::Matrix ? 1 : 0,
            static_cast<std::int32_t>(tensor.size())};
        for (std::int64_t begin = 0; begin < tensor.size(); begin += chunkElements, ++facts.chunks)
            chunks.push_back({tensor.offset + begin,
                static_cast<std::int32_t>(std::min<std::int64_t>(chunkElements, tensor.size() - begin)),
                static_cast<std::int32_t>(tensors.size())});
        tensors.push_back(facts);
    }
    return chunks;
}

// Reweighting begins at the first step whose pass asks for it.
std::int64_t reweightStart(const Member& member)
{
    const double amount = member.reweight.start;
    return std::lround(amount < 1 ? amount * static_cast<double>(member.steps) : amount);
}

template <typename A> class Program final : public StepProgram, Stage<A> {
    using Stage<A>::device, Stage<A>::s, Stage<A>::m;
    using Stage<A>::half;

public:
    // Without a device it only learns its size.
    Program(Device* where, const DeviceCorpus* corpus, const Shape& shape, int slotCount, bool withDropout)
        : Stage<A>{.device = where, .layout = Layout(shape), .slots = slotCount, .ringLength = ringLength}
        , m_corpus(corpus)
        , m_members(static_cast<std::size_t>(slotCount))
    {
        m_chunks = cutChunks(this->layout, m_tensors);
        this->chunkCount = static_cast<int>(m_chunks.size());
        this->tensorCount = static_cast<int>(m_tensors.size());
        s = {shape.batch, shape.context, shape.heads, shape.headWidth(), shape.width, shape.vocab, shape.layers,
            shape.rows(), this->layout.size};
        this->dropout = withDropout;
        this->fused = fusedAttention(s.headWidth, s.context);
        Carver carver;
        carve(*this, carver);
        m_bytes = carver.used;
        if (!device)
            return;
        m_block = device->allocate(static_cast<std::size_t>(m_bytes));
        carver = {static_cast<unsigned char*>(m_block), 0};
        carve(*this, carver);
        start();
    }

    ~Program() override
    {
        if (!device)
            return;
        for (const int recording : {m_step, m_evaluation})
            if (recording >= 0)
                device->forget(recording);
        if (m_windows)
            device->release(m_windows);
        device->release(m_block);
    }

    std::int64_t size() const { return m_bytes; }
    int slots() const override { return Stage<A>::slots; }
    void fill(int slot, const Member& member, const Sampler& sampler, const SlotState& state) override
    {
        m_members[static_cast<std::size_t>(slot)] = member;
        const Optimiser& o = member.optimiser;
        const std::vector<Segment> segments = segmentsOf(member.schedule, member.lr, member.steps);
        const Pass pass = passOf(member, member.steps);
        const auto e = static_cast<float>(s.headWidth);
        const Slot record{member.lr, o.beta1, o.beta2, o.eps, o.decay, o.clip, member.zCoefficient, member.dropout,
            member.reweight.temperature, o.limiter,
            member.mup == Mup::None ? 1.0 : static_cast<double>(member.baseWidth) / s.width,
            1 / (pass.inverseWidth ? e : std::sqrt(e)), std::sqrt(static_cast<float>(member.kappa)), member.qkNorm,
            member.attention, member.reweight.kind, o.independent ? 1 : 0, o.mask == DecayMask::All ? 1 : 0,
            o.scaleByRms ? 1 : 0, static_cast<std::int32_t>(segments.size()), reweightStart(member), member.seed,
            member.steps, state.step, -1};
        const int active = state.step < member.steps ? 1 : 0;
        const auto bytes = static_cast<std::size_t>(s.stride) * sizeof(float);
        const auto norms = static_cast<std::size_t>(this->tensorCount) * sizeof(double);
        const std::int64_t at = slot * s.stride, tensorAt = std::int64_t{slot} * this->tensorCount;
        device->upload(m.slots + slot, &record, sizeof record);
        device->upload(m.samplers + slot, &sampler, sizeof sampler);
        device->upload(m.segments + std::int64_t{slot} * mostSegments, segments.data(), segments.size() * sizeof(Segment));
        device->upload(m.theta + at, state.theta, bytes);
        device->fill(m.grad + at, 0, bytes);
        sendOrClear(m.first + at, state.first, bytes);
        sendOrClear(m.second + at, state.second, bytes);
        sendOrClear(m.limiter + tensorAt, state.limiter, norms);
        if (half)
            launch(*device, pieces(s.stride, 256), 1, 256, 0, &shadowAll, s.stride, m.theta + at, m.shadow + at);
        device->upload(m.active + slot, &active, sizeof active);
    }

    void empty(int slot) override { device->fill(m.active + slot, 0, sizeof(int)); }

    const std::vector<RingRow>& run(int count, const std::vector<int>& measured) override
    {
        if (m_step < 0)
            m_step = device->record([this] { trainStep(*this, *m_corpus); });
        for (int i = 0; i < count; ++i) {
            if (i + 1 == count && !measured.empty())
                send(m.measuring, measured);
            device->replay(m_step);
        }
        if (!measured.empty())
            measure();
        std::vector<RingRow> ring(static_cast<std::size_t>(ringLength * slots()));
        device->download(ring.data(), m.ring, ring.size() * sizeof(RingRow));
        m_rows.clear();
        for (int i = 0; i < count; ++i) {
            const auto line = static_cast<std::ptrdiff_t>((m_tick + i) % ringLength * slots());
            m_rows.insert(m_rows.end(), ring.begin() + line, ring.begin() + line + slots());
        }
        m_tick += count;
        return m_rows;
    }

    Vectors vectors(int slot) override
    {
        const Member& member = m_members[static_cast<std::size_t>(slot)];
        Vectors v;
        const double values = static_cast<double>(s.rows) * s.width;
        for (int layer = 0; layer < s.layers; ++layer) {
            const auto at = static_cast<std::size_t>(slot * s.layers + layer);
            v.maxAttention.push_back(static_cast<double>(fromOrderedBits(m_top[at])));
            v.blockRms.push_back(std::sqrt(m_layerSquares[3 * at] / values));
            v.queryRms.push_back(std::sqrt(m_layerSquares[3 * at + 1] / values));
            v.keyRms.push_back(std::sqrt(m_layerSquares[3 * at + 2] / values));
        }
        for (const Tensor& tensor : Layout(member.shape, member.qkNorm).tensors) {
            std::size_t index = 0; // in the list of the class
            while (this->layout.tensors[index].offset != tensor.offset)
                ++index;
            const TensorFacts& facts = m_tensors[index];
            double sums[4]{};
            for (int c = facts.firstChunk; c < facts.firstChunk + facts.chunks; ++c)
                for (int i = 0; i < 4; ++i)
                    sums[i] += m_seen[static_cast<std::size_t>(4 * (slot * this->chunkCount + c) + i)];
            const auto n = static_cast<double>(tensor.size());
            const double grad = m_gradSquares[2 * (static_cast<std::size_t>(slot * this->tensorCount) + index)];
            v.tensors.push_back({tensor.name, std::sqrt(grad / n), std::sqrt(sums[0] / n), std::sqrt(sums[1] / n),
                std::sqrt(sums[2] / sums[1]), sums[3] / n});
        }
        return v;
    }

    std::vector<double> limiter(int slot) override
    {
        std::vector<double> norms(static_cast<std::size_t>(this->tensorCount));
        receive(norms, m.limiter + std::int64_t{slot} * this->tensorCount);
        return norms;
    }

    std::vector<Evaluation> evaluate(const std::vector<std::int64_t>& batches) override
    {
        std::vector<int> evaluating;
        for (const std::int64_t count : batches)
            evaluating.push_back(count > 0 ? 1 : 0);
        const std::size_t n = batches.size();
        const std::int64_t most = *std::max_element(batches.begin(), batches.end());
        layOutValidation(most);
        device->upload(m.batches, batches.data(), n * sizeof(std::int64_t));
        device->upload(m.evaluating, evaluating.data(), n * sizeof(int));
        device->fill(m.totals, 0, 2 * n * sizeof(double));
        device->fill(m.batchIndex, 0, sizeof(std::int64_t));
        if (m_evaluation < 0)
            m_evaluation = device->record([this] {
                launch(*device, static_cast<unsigned>(s.batch), slots(), 64, 0, &drawValidation, s, m.evaluating,
                    m_windows, m.batchIndex, m.tokens, m.top);
                forward(*this, m.evaluating, false);
                launch(*device, 1, 1, 32, 0, &addValidation, slots(), m.evaluating, m.sums, m.batches, m.totals,
                    m.batchIndex);
            });
        for (std::int64_t i = most; i > 0; --i)
            device->replay(m_evaluation);
        std::vector<double> totals(2 * n);
        device->download(totals.data(), m.totals, totals.size() * sizeof(double));
        std::vector<Evaluation> result;
        for (std::size_t i = 0; i < n; ++i) {
            const auto count = static_cast<double>(batches[i]);
            result.push_back({totals[2 * i] / count, totals[2 * i + 1] / count});
        }
        return result;
    }

    std::vector<BatchSums> differentiate(const std::vector<std::int32_t>& tokens) override
    {
        device->upload(m.tokens, tokens.data(), tokens.size() * sizeof(std::int32_t));
        forward(*this, m.everyone, true);
        backward(*this, m.everyone);
        std::vector<BatchSums> sums(static_cast<std::size_t>(slots()));
        device->download(sums.data(), m.sums, sums.size() * sizeof(BatchSums));
        return sums;
    }

    std::vector<float> read(int slot, Array array) override
    {
        const float* from = array == Array::Theta ? m.theta
            : array == Array::Gradient            ? m.grad
            : array == Array::First               ? m.first
                                                  : m.second;
        std::vector<float> values(static_cast<std::size_t>(s.stride));
        device->download(values.data(), from + slot * s.stride, values.size() * sizeof(float));
        return values;
    }

private:
    // Tables, flags and clean parameters; an empty slot must hold numbers, since the matrix products visit it too.
    void start()
    {
        const int pairs = s.headWidth / 2;
        std::vector<float> cosine, sine;
        for (int position = 0; position < s.context; ++position) {
            for (int pair = 0; pair < pairs; ++pair) {
                const double angle = ropeAngle(position, pair, s.headWidth);
                cosine.push_back(static_cast<float>(std::cos(angle)));
                sine.push_back(static_cast<float>(std::sin(angle)));
            }
        }
        device->fill(m_block, 0, static_cast<std::size_t>(m_bytes));
        const std::vector<int> everyone(static_cast<std::size_t>(slots()), 1);
        send(m.cosine, cosine);
        send(m.sine, sine);
        send(m.everyone, everyone);
        send(m.chunks, m_chunks);
        send(m.tensors, m_tensors);
        device->wait();
    }

    template <typename V> void send(V* to, const std::vector<V>& values)
    {
        device->upload(to, values.data(), values.size() * sizeof(V));
    }

    template <typename V> void receive(std::vector<V>& to, const V* from)
    {
        device->download(to.data(), from, to.size() * sizeof(V));
    }

    // Fetches what vectors() is made of, once for all slots.
    void measure()
    {
        measureLayers(*this);
        const auto all = static_cast<std::size_t>(slots());
        m_top.resize(all * static_cast<std::size_t>(s.layers));
        m_layerSquares.resize(3 * m_top.size());
        m_seen.resize(4 * all * static_cast<std::size_t>(this->chunkCount));
        m_gradSquares.resize(2 * all * static_cast<std::size_t>(this->tensorCount));
        receive(m_top, m.top);
        receive(m_layerSquares, m.layerSquares);
        receive(m_seen, m.seen);
        receive(m_gradSquares, m.tensorSquares);
        device->fill(m.measuring, 0, all * sizeof(int));
    }

    template <typename V> void sendOrClear(V* to, const V* from, std::size_t bytes)
    {
        if (from)
            device->upload(to, from, bytes);
        else
            device->fill(to, 0, bytes);
    }

    // The validation text as the batches it is read in, at least `count` of them.
    void layOutValidation(std::int64_t count)
    {
        if (count <= m_windowBatches)
            return;
        const std::int64_t each = std::int64_t{s.batch} * (s.context + 1);
        std::vector<std::int32_t> windows(static_cast<std::size_t>(count * each));
        for (std::int64_t i = 0; i < count; ++i)
            validationBatch(m_corpus->host.validation, static_cast<long>(i), s.batch, s.context, windows.data() + i * each);
        if (m_windows)
            device->release(m_windows);
        m_windows = static_cast<std::int32_t*>(device->allocate(windows.size() * sizeof(std::int32_t)));
        send(m_windows, windows);
        m_windowBatches = count;
        if (m_evaluation >= 0) // the recording holds the old place
            device->forget(m_evaluation);
        m_evaluation = -1;
    }

    const DeviceCorpus* m_corpus;
    std::vector<Member> m_members;
    std::vector<int> m_top;
    std::vector<double> m_layerSquares, m_seen, m_gradSquares;
    std::int32_t* m_windows = nullptr;
    std::int64_t m_windowBatches = 0;
    std::vector<TensorFacts> m_tensors;
    std::vector<Chunk> m_chunks;
    std::int64_t m_bytes = 0, m_tick = 0;
    void* m_block = nullptr;
    int m_step = -1, m_evaluation = -1;
    std::vector<RingRow> m_rows;
};

}

DeviceCorpus::DeviceCorpus(Device& device, const Corpus& corpus)
    : host(corpus)
    , m_device(device)
{
    const std::size_t bytes = corpus.train.values.size() * sizeof(std::uint16_t);
    auto* memory = static_cast<std::uint16_t*>(device.allocate(bytes));
    device.upload(memory, corpus.train.values.data(), bytes);
    train = memory;
}

DeviceCorpus::~DeviceCorpus()
{
    m_device.release(const_cast<std::uint16_t*>(train));
}

const char* unsupported(const Member& member)
{
    if (member.scalar == Scalar::Double)
        return "dtype f64";
    if (member.qkNorm == QkNorm::Full)
        return "qk_norm full";
    if (member.prune.sparsity > 0)
        return "prune";
    if (member.optimiser.to == DecayTo::Initial && member.optimiser.decay > 0)
        return "decay to the initial weights";
    if (segmentsOf(member.schedule, member.lr, member.steps).size() > mostSegments)
        return "a schedule of more than 64 pieces";
    return nullptr;
}

std::int64_t StepProgram::bytes(const Shape& shape, Precision precision, int slots, bool dropout)
{
    return precision == Precision::Float ? Program<float>(nullptr, nullptr, shape, slots, dropout).size()
                                         : Program<BFloat>(nullptr, nullptr, shape, slots, dropout).size();
}

std::unique_ptr<StepProgram> StepProgram::make(
    Device& device, const DeviceCorpus& corpus, const Shape& shape, Precision precision, int slots, bool dropout)
{
    if (precision == Precision::Float)
        return std::make_unique<Program<float>>(&device, &corpus, shape, slots, dropout);
    return std::make_unique<Program<BFloat>>(&device, &corpus, shape, slots, dropout);
}

}
