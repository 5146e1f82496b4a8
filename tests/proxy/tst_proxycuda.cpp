// SPDX-License-Identifier: GPL-3.0-or-later
// The device program on the emulated device: the same kernels, run by the CPU, against the CPU's own engine.
#include "base/failure.hpp"
#include "cuda/backend.hpp"
#include "cuda/bfloat.hpp"
#include "cuda/device.hpp"
#include "cuda/dialect.hpp"
#include "cuda/discover.hpp"
#include "cuda/program.hpp"
#include "cuda/seat.hpp"
#include "data/batches.hpp"
#include "run/trainer.hpp"

#include <QFile>
#include <QFileInfo>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>
#include <cmath>
#include <cstring>
#include <vector>

#undef slots // a function of the backend here

using namespace proxy;

namespace {

constexpr std::int64_t roomy = std::int64_t{1} << 30;

Corpus smallCorpus(int vocab)
{
    Source source;
    source.vocab = vocab;
    source.order = 1;
    source.temps = {1.5};
    source.count = 3000;
    Corpus corpus;
    corpus.train = drawMarkov(source);
    source.sampleSeed = 2;
    source.count = 1000;
    corpus.validation = drawMarkov(source);
    return corpus;
}

Member plain(const Shape& shape)
{
    Member member;
    member.shape = shape;
    member.steps = 20;
    member.lr = 1e-3;
    member.schedule.minLr = 1e-5;
    member.schedule.warmup = 0.2;
    member.zCoefficient = 1e-2;
    member.evalBatches = 2;
    member.vectorEvery = -1;
    member.baseWidth = 2 * shape.width;
    return member;
}

// Members of one class with every per-member switch the device knows.
std::vector<Member> mixed(const Shape& shape)
{
    std::vector<Member> members(9, plain(shape));
    members[1].qkNorm = QkNorm::Off;
    members[1].zCoefficient = 0;
    members[1].optimiser.independent = false;
    members[1].optimiser.decay = 0.1;
    members[2].qkNorm = QkNorm::RmsFixed;
    members[2].kappa = 3;
    members[2].optimiser.mask = DecayMask::Matrices;
    members[3].attention = Attention::SquaredRelu;
    members[3].optimiser.clip = 0;
    members[4].mup = Mup::Full;
    members[4].schedule.kind = ScheduleKind::Wsd;
    members[5].reweight = {Reweighting::Upper, 0.4, 3.0};
    members[5].schedule.kind = ScheduleKind::Infinite;
    members[6].optimiser.limiter = 1.01;
    members[6].optimiser.scaleByRms = true;
    members[6].dataSeed = 5;
    members[7].mup = Mup::Simple;
    members[7].optimiser.eps = 1e-3;
    members[7].optimiser.beta2 = 0.99;
    members[7].uniqueTokens = 500;
    members[8].seed = 7;
    members[8].qkNorm = QkNorm::Off;
    members[8].attention = Attention::SquaredRelu;
    return members;
}

template <typename T> std::vector<float> parametersOf(const Training<T>& training)
{
    return {training.net.theta, training.net.theta + training.net.layout.size};
}

void put(StepProgram& program, int slot, const Member& member, const Corpus& corpus)
{
    const Training<float> fresh(member);
    const std::vector<float> theta = parametersOf(fresh);
    StepProgram::SlotState state;
    state.theta = theta.data();
    program.fill(slot, member, samplingOf(member, corpus.train), state);
}

double relative(const std::vector<float>& found, const double* expected, std::int64_t offset, std::int64_t count)
{
    double error = 0, size = 0;
    for (std::int64_t i = offset; i < offset + count; ++i) {
        const double difference = static_cast<double>(found[static_cast<std::size_t>(i)]) - expected[i];
        error += difference * difference;
        size += expected[i] * expected[i];
    }
    return size > 0 ? std::sqrt(error / size) : std::sqrt(error);
}

double close(double a, double b)
{
    return std::abs(a - b) / std::max(1e-30, std::abs(b));
}

std::vector<std::int32_t> batchOf(const Member& member, const Corpus& corpus, long step)
{
    std::vector<std::int32_t> tokens(static_cast<std::size_t>(member.shape.batch * (member.shape.context + 1)));
    trainBatch(corpus.train, samplingOf(member, corpus.train), step, tokens.data());
    return tokens;
}

// Everything a backend told about one member.
struct Heard {
    std::vector<StepRecord> steps;
    std::vector<Vectors> vectors;
    std::vector<ValidationRecord> validations;
    Outcome outcome;
    std::vector<std::vector<std::byte>> state; // the last one offered
    long stateStep = -1;
};

// Trains the members on a backend; `stopAt` answers false there, `from` are states to go on from.
std::vector<Heard> trained(Backend& backend, const Corpus& corpus, const std::vector<Member>& members, int places,
    long stopAt = -1, const std::vector<Heard>& from = {})
{
    std::vector<Heard> heard(members.size());
    std::size_t next = 0;
    Work work;
    work.next = [&]() -> std::optional<Job> {
        if (next == members.size())
            return std::nullopt;
        Heard& own = heard[next];
        Job job;
        job.member = &members[next];
        job.listener.step = [&own, stopAt](const StepRecord& record) {
            own.steps.push_back(record);
            if (record.vectors)
                own.vectors.push_back(*record.vectors);
            return record.step != stopAt;
        };
        job.listener.validation = [&own](const ValidationRecord& record) { own.validations.push_back(record); };
        job.listener.checkpoint = [&own](long step, const std::vector<StateSpan>& state) {
            own.stateStep = step;
            own.state.clear();
            for (const StateSpan& span : state)
                own.state.emplace_back(span.bytes.begin(), span.bytes.end());
        };
        if (!from.empty())
            for (const std::vector<std::byte>& bytes : from[next].state)
                job.restart.state.emplace_back(bytes);
        ++next;
        return job;
    };
    work.ended = [&](const Member& member, const Outcome& outcome) {
        heard[static_cast<std::size_t>(&member - members.data())].outcome = outcome;
    };
    work.abandon = [&] { next = members.size(); };
    backend.run(corpus, places, work);
    return heard;
}

bool sameStep(const StepRecord& a, const StepRecord& b)
{
    return a.step == b.step && a.measures.loss == b.measures.loss && a.gradNorm == b.gradNorm && a.lr == b.lr
        && a.meanNonZero == b.meanNonZero && a.tokens == b.tokens;
}

PROXY_KERNEL meetTwice(int* out)
{
    PROXY_SHARED int shared[64];
    shared[thread()] = thread();
    __syncthreads();
    out[thread()] = shared[63 - thread()] + static_cast<int>(groupSum(1.0f, 32)) + static_cast<int>(votes(thread() == 40) >> 8);
}

PROXY_KERNEL meetApart()
{
    if (lane() < 7)
        __syncthreads();
    else
        groupSum(1.0f, 32);
}

PROXY_KERNEL shuffleAlone()
{
    if (lane() < 7)
        groupSum(1.0f, 32);
}

}

class TestProxyCuda : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void emulationRunsBarriersShufflesAndVotes()
    {
        Device device(roomy);
        std::vector<int> out(64);
        launch(device, 3, 2, 64, 0, &meetTwice, out.data());
        for (int i = 0; i < 64; ++i)
            QCOMPARE(out[static_cast<std::size_t>(i)], 63 - i + 32 + (i >= 32 ? 1 : 0));
        QVERIFY_THROWS_EXCEPTION(emulate::Misuse, launch(device, 1, 1, 64, 0, &shuffleAlone));
        QVERIFY_THROWS_EXCEPTION(emulate::Misuse, launch(device, 1, 1, 64, 0, &meetApart));
        QVERIFY_THROWS_EXCEPTION(emulate::Misuse, launch(device, 1, 1, 48, 0, &shuffleAlone));
        launch(device, 1, 1, 64, 0, &meetTwice, out.data()); // and is usable afterwards
        QCOMPARE(out[0], 63 + 32);
    }

    void floatsKeepTheirOrderAsIntegers()
    {
        const std::vector<float> rising{-INFINITY, -1e30f, -1.5f, -1e-40f, 0.0f, 1e-40f, 2.0f, 1e30f, INFINITY};
        for (std::size_t i = 1; i < rising.size(); ++i)
            QVERIFY(orderedBits(rising[i - 1]) < orderedBits(rising[i]));
        for (const float x : rising)
            QCOMPARE(fromOrderedBits(orderedBits(x)), x);
        QVERIFY(orderedBits(-NAN) > orderedBits(INFINITY) && std::isnan(fromOrderedBits(orderedBits(-NAN))));
    }

    void bfloatRoundsToNearestEven()
    {
        const auto rounded = [](float x) {
            BFloat half;
            store(half, x);
            return toFloat(half);
        };
        QCOMPARE(rounded(1.0f), 1.0f);
        QCOMPARE(rounded(1.0f + 0x1p-8f), 1.0f); // half way, to even
        QCOMPARE(rounded(1.0f + 0x1p-7f + 0x1p-8f), 1.0f + 0x1p-6f);
        QCOMPARE(rounded(1.0f + 0x1p-8f + 0x1p-20f), 1.0f + 0x1p-7f);
        QCOMPARE(rounded(-INFINITY), -INFINITY);
        QVERIFY(std::isnan(rounded(NAN)) && std::isnan(rounded(-NAN)));
    }

    void gradientsMatchTheCpu_data()
    {
        QTest::addColumn<int>("layers");
        QTest::addColumn<int>("width");
        QTest::addColumn<int>("heads");
        QTest::addColumn<int>("context");
        QTest::addColumn<int>("vocab");
        QTest::addColumn<int>("batch");
        QTest::addColumn<bool>("dropout");
        QTest::newRow("fused, heads of 16") << 2 << 32 << 2 << 20 << 13 << 3 << false;
        QTest::newRow("fused, heads of 32, two tiles") << 1 << 32 << 1 << 70 << 11 << 1 << false;
        QTest::newRow("fused, heads of 64") << 1 << 64 << 1 << 9 << 40 << 2 << false;
        QTest::newRow("general attention") << 2 << 24 << 4 << 10 << 13 << 2 << false;
        QTest::newRow("no layer") << 0 << 16 << 1 << 8 << 13 << 2 << false;
        QTest::newRow("dropout") << 2 << 32 << 2 << 8 << 13 << 2 << true;
    }

    void gradientsMatchTheCpu()
    {
        QFETCH(int, layers);
        QFETCH(int, width);
        QFETCH(int, heads);
        QFETCH(int, context);
        QFETCH(int, vocab);
        QFETCH(int, batch);
        QFETCH(bool, dropout);
        const Shape shape{layers, width, heads, context, vocab, batch};
        std::vector<Member> members = mixed(shape);
        for (Member& member : members) {
            member.dropout = dropout && &member != &members[1] ? 0.25 : 0;
            member.reweight.start = 0;
        }
        const Corpus corpus = smallCorpus(vocab);
        Device device(roomy);
        const DeviceCorpus texts(device, corpus);
        const int count = static_cast<int>(members.size());
        const auto program = StepProgram::make(device, texts, shape, Precision::Float, count, dropout);
        std::vector<std::int32_t> tokens;
        for (int slot = 0; slot < count; ++slot) {
            const Member& member = members[static_cast<std::size_t>(slot)];
            put(*program, slot, member, corpus);
            const std::vector<std::int32_t> own = batchOf(member, corpus, 0);
            tokens.insert(tokens.end(), own.begin(), own.end());
        }
        const std::vector<BatchSums> sums = program->differentiate(tokens);
        for (int slot = 0; slot < count; ++slot) {
            const Member& member = members[static_cast<std::size_t>(slot)];
            Training<double> reference(member);
            const std::int32_t* own = tokens.data() + slot * batch * (context + 1);
            // The same starting point, as rounded to float.
            const std::vector<float> theta = parametersOf(Training<float>(member));
            std::copy(theta.begin(), theta.end(), reference.net.theta);
            const Measures expected = engine<double>().forward(reference.net, own, passOf(member, 0));
            engine<double>().backward(reference.net, own, passOf(member, 0));
            const BatchSums& s = sums[static_cast<std::size_t>(slot)];
            const std::vector<float> grad = program->read(slot, StepProgram::Array::Gradient);
            const std::string who = "slot " + std::to_string(slot);
            QVERIFY2(close(s.loss, expected.loss) < 1e-6, who.c_str());
            QVERIFY2(close(s.objective, expected.objective) < 1e-6, who.c_str());
            QVERIFY2(close(s.logZ, expected.logZ) < 1e-5, who.c_str());
            QVERIFY2(close(s.logZTop, expected.logZTop) < 1e-5, who.c_str());
            QVERIFY2(std::abs(s.logitMin - expected.logitMin) < 1e-5 && std::abs(s.logitMax - expected.logitMax) < 1e-5,
                who.c_str());
            QVERIFY2(close(s.logitRms, expected.logitRms) < 1e-5 && std::abs(s.accuracy - expected.accuracy) < 1e-6,
                who.c_str());
            QVERIFY2(std::abs(s.weightEntropy - expected.weightEntropy) < 1e-5, who.c_str());
            for (const Tensor& tensor : reference.net.layout.tensors) {
                const double error = relative(grad, reference.net.grad, tensor.offset, tensor.size());
                QVERIFY2(error < 1e-5, (who + ", " + tensor.name + ": " + std::to_string(error)).c_str());
            }
        }
    }

    // The whole run on the device against the CPU's: rates equal, losses within rounding, decays and all switches.
    void twentyStepsFollowTheCpu()
    {
        const Shape shape{1, 32, 2, 12, 11, 2};
        const Corpus corpus = smallCorpus(shape.vocab);
        const std::vector<Member> members = mixed(shape);
        const int count = static_cast<int>(members.size());
        Device device(roomy);
        const DeviceCorpus texts(device, corpus);
        const auto program = StepProgram::make(device, texts, shape, Precision::Float, count, false);
        for (int slot = 0; slot < count; ++slot)
            put(*program, slot, members[static_cast<std::size_t>(slot)], corpus);
        std::vector<RingRow> rows = program->run(7);
        const std::vector<RingRow>& rest = program->run(15); // two more than there are
        rows.insert(rows.end(), rest.begin(), rest.end());
        const auto evaluations = program->evaluate(std::vector<std::int64_t>(members.size(), 2));
        for (int slot = 0; slot < count; ++slot) {
            const Member& member = members[static_cast<std::size_t>(slot)];
            std::vector<StepRecord> expected;
            double validation = 0;
            train(member, corpus,
                {[&](const StepRecord& r) {
                     expected.push_back(r);
                     return true;
                 },
                    [&](const ValidationRecord& r) { validation = r.loss; }});
            for (int step = 0; step < 22; ++step) {
                const RingRow& row = rows[static_cast<std::size_t>(step * count + slot)];
                QCOMPARE(row.valid, std::int64_t{step < 20});
                if (step >= 20)
                    continue;
                const StepRecord& e = expected[static_cast<std::size_t>(step)];
                const std::string who = "slot " + std::to_string(slot) + ", step " + std::to_string(step);
                QCOMPARE(row.step, std::int64_t{step});
                QCOMPARE(row.lr, e.lr);
                QVERIFY2(close(row.sums.objective, e.measures.objective) < 1e-5, who.c_str());
                QVERIFY2(close(row.gradNorm, e.gradNorm) < 1e-4, who.c_str());
                QVERIFY2(close(row.clip, e.clip) < 1e-4 && close(row.limiter, e.limiter) < 1e-4, who.c_str());
                QVERIFY2(close(row.maxAttention, e.measures.maxAttention) < 1e-3, who.c_str());
            }
            QVERIFY(close(evaluations[static_cast<std::size_t>(slot)].loss, validation) < 1e-5);
        }
    }

    // A member's bits do not depend on where it runs, on who runs beside it, or on who was there before.
    void membersDoNotFeelTheirNeighbours()
    {
        const Shape shape{1, 16, 1, 8, 11, 2};
        const Corpus corpus = smallCorpus(shape.vocab);
        Device device(roomy);
        const DeviceCorpus texts(device, corpus);
        std::vector<Member> others = mixed(shape);
        others[0].lr = 1e30; // diverges at once
        others[0].schedule.kind = ScheduleKind::Constant;
        Member member = plain(shape);
        member.lr = 0.02;
        member.seed = 3;

        const auto history = [&](int places, int slot, bool refill) {
            const auto program = StepProgram::make(device, texts, shape, Precision::Float, places, false);
            for (int i = 0; i < places; ++i)
                if (i != slot)
                    put(*program, i, others[static_cast<std::size_t>(i) % others.size()], corpus);
            if (refill) {
                put(*program, slot, others[0], corpus);
                program->run(5);
            }
            put(*program, slot, member, corpus);
            const std::vector<RingRow>& rows = program->run(12);
            std::vector<RingRow> own;
            for (int step = 0; step < 12; ++step)
                own.push_back(rows[static_cast<std::size_t>(step * places + slot)]);
            return std::pair{own, program->read(slot, StepProgram::Array::Theta)};
        };
        const auto alone = history(1, 0, false);
        QVERIFY(std::isfinite(alone.first.back().sums.loss) && alone.first.back().valid);
        for (const auto& [places, slot, refill] : std::vector<std::tuple<int, int, bool>>{
                 {5, 0, false}, {5, 3, false}, {5, 4, false}, {3, 1, true}, {2, 1, true}}) {
            const auto found = history(places, slot, refill);
            QVERIFY(std::memcmp(found.second.data(), alone.second.data(), alone.second.size() * sizeof(float)) == 0);
            QVERIFY(std::memcmp(found.first.data(), alone.first.data(), alone.first.size() * sizeof(RingRow)) == 0);
        }
    }

    void aDivergedMemberStandsStill()
    {
        const Shape shape{1, 16, 1, 8, 11, 2};
        const Corpus corpus = smallCorpus(shape.vocab);
        Device device(roomy);
        const DeviceCorpus texts(device, corpus);
        const auto program = StepProgram::make(device, texts, shape, Precision::Float, 2, false);
        Member wild = plain(shape);
        wild.lr = 1e30;
        wild.schedule.kind = ScheduleKind::Constant;
        put(*program, 0, wild, corpus);
        put(*program, 1, plain(shape), corpus);
        std::vector<RingRow> rows = program->run(6);
        int last = -1;
        for (int step = 0; step < 6; ++step)
            if (rows[static_cast<std::size_t>(2 * step)].valid)
                last = step;
        QVERIFY(last > 0 && last < 5);
        const RingRow& end = rows[static_cast<std::size_t>(2 * last)];
        QVERIFY(!std::isfinite(end.sums.objective) || !std::isfinite(end.gradNorm));
        Outcome outcome = train(wild, corpus, {[](const StepRecord&) { return true; }, [](const ValidationRecord&) {}});
        QCOMPARE(std::int64_t{outcome.nanStep}, end.step);
        QCOMPARE(rows[2 * 5 + 1].valid, std::int64_t{1});
    }

    // A queue longer than the slots, with members that only the CPU can train and one that diverges: the same lines as
    // the CPU writes.
    void theBackendTellsWhatTheCpuTells()
    {
        const Shape shape{2, 16, 1, 8, 11, 2};
        const Corpus corpus = smallCorpus(shape.vocab);
        std::vector<Member> members = mixed(shape);
        members.push_back(plain(shape));
        members.back().dropout = 0.2;
        members.push_back(plain(shape));
        members.back().prune = {0.5, 0.2, 0.8};
        members.push_back(plain(shape));
        members.back().lr = 1e30;
        members.back().schedule.kind = ScheduleKind::Constant;
        for (std::size_t i = 0; i < members.size(); ++i) {
            members[i].vectorEvery = 6;
            members[i].steps = 10 + static_cast<long>(i % 4);
            members[i].evalEvery = 4;
            members[i].evalBatches = 1 + static_cast<long>(i % 3);
        }
        const auto device = cudaBackend(roomy, 1);
        QVERIFY(!device->mixesShapes());
        const std::vector<Heard> found = trained(*device, corpus, members, 4);
        const std::vector<Heard> expected = trained(*cpuBackend(1), corpus, members, 1);
        for (std::size_t i = 0; i < members.size(); ++i) {
            const std::string who = "member " + std::to_string(i);
            const Heard &f = found[i], &e = expected[i];
            QCOMPARE(f.outcome.status, e.outcome.status);
            QCOMPARE(f.outcome.steps, e.outcome.steps);
            QCOMPARE(f.outcome.nanStep, e.outcome.nanStep);
            QCOMPARE(f.steps.size(), e.steps.size());
            QCOMPARE(f.validations.size(), e.validations.size());
            QCOMPARE(f.stateStep, f.outcome.status == Status::Done ? members[i].steps : -1L);
            if (f.outcome.status == Status::Diverged)
                continue;
            for (std::size_t step = 0; step < f.steps.size(); ++step) {
                QCOMPARE(f.steps[step].lr, e.steps[step].lr);
                QCOMPARE(f.steps[step].tokens, e.steps[step].tokens);
                QVERIFY2(close(f.steps[step].measures.loss, e.steps[step].measures.loss) < 1e-5, who.c_str());
                QVERIFY2(close(f.steps[step].gradNorm, e.steps[step].gradNorm) < 1e-3, who.c_str());
            }
            for (std::size_t k = 0; k < f.validations.size(); ++k) {
                QCOMPARE(f.validations[k].step, e.validations[k].step);
                QVERIFY2(close(f.validations[k].loss, e.validations[k].loss) < 1e-5, who.c_str());
            }
            QCOMPARE(f.vectors.size(), e.vectors.size());
            for (std::size_t k = 0; k < f.vectors.size(); ++k) {
                const Vectors &a = f.vectors[k], &b = e.vectors[k];
                for (std::size_t layer = 0; layer < b.blockRms.size(); ++layer)
                    QVERIFY2(close(a.blockRms[layer], b.blockRms[layer]) < 1e-4
                            && close(a.queryRms[layer], b.queryRms[layer]) < 1e-4
                            && close(a.keyRms[layer], b.keyRms[layer]) < 1e-4
                            && close(a.maxAttention[layer], b.maxAttention[layer]) < 1e-3,
                        who.c_str());
                QCOMPARE(a.tensors.size(), b.tensors.size());
                for (std::size_t t = 0; t < b.tensors.size(); ++t) {
                    QCOMPARE(a.tensors[t].name, b.tensors[t].name);
                    QVERIFY2(close(a.tensors[t].gradRms, b.tensors[t].gradRms) < 1e-3
                            && close(a.tensors[t].parameterRms, b.tensors[t].parameterRms) < 1e-4
                            && close(a.tensors[t].updateRms, b.tensors[t].updateRms) < 1e-3,
                        (who + " " + b.tensors[t].name).c_str());
                }
            }
        }
    }

    // Stopped, stored and continued in other slots: the same bits as without a stop.
    void aStoredStateGoesOnBitForBit()
    {
        const Shape shape{1, 16, 1, 8, 11, 2};
        const Corpus corpus = smallCorpus(shape.vocab);
        const std::vector<Member> all = mixed(shape);
        std::vector<Member> members{all[0], all[5], all[6], all[8]};
        for (Member& member : members) {
            member.steps = 12;
            member.evalEvery = 5;
        }
        const auto device = cudaBackend(roomy, 1);
        const std::vector<Heard> whole = trained(*device, corpus, members, 4);
        const std::vector<Heard> begun = trained(*device, corpus, members, 4, 7);
        const std::vector<Heard> rest = trained(*device, corpus, members, 2, -1, begun);
        for (std::size_t i = 0; i < members.size(); ++i) {
            QCOMPARE(begun[i].outcome.status, Status::Stopped);
            const auto at = static_cast<std::size_t>(begun[i].stateStep);
            QVERIFY(at >= 8 && at < 12);
            QCOMPARE(begun[i].steps.size(), at);
            QCOMPARE(at + rest[i].steps.size(), whole[i].steps.size());
            for (std::size_t step = 0; step < 12; ++step)
                QVERIFY(sameStep(step < at ? begun[i].steps[step] : rest[i].steps[step - at], whole[i].steps[step]));
            QCOMPARE(rest[i].outcome.validation, whole[i].outcome.validation);
            QCOMPARE(rest[i].outcome.firstLoss, whole[i].outcome.firstLoss);
            QVERIFY(rest[i].state == whole[i].state);
        }
    }

    // Too little memory for all: fewer slots, the same bits. For not even one: a sentence.
    void fewerSlotsFitIntoLessMemory()
    {
        const Shape shape{1, 16, 1, 8, 11, 2};
        const Corpus corpus = smallCorpus(shape.vocab);
        std::vector<Member> members = mixed(shape);
        for (Member& member : members)
            member.steps = 5;
        const auto large = cudaBackend(roomy, 1);
        const std::int64_t one = large->bytes(classOf(members[0]), 1);
        QVERIFY(large->bytes(classOf(members[0]), 9) > 8 * one / 2);
        const auto small = cudaBackend(3 * one, 1);
        const int fit = small->slots(classOf(members[0]), 9);
        QVERIFY(fit >= 1 && fit < 9);
        const std::vector<Heard> a = trained(*large, corpus, members, 9), b = trained(*small, corpus, members, 9);
        for (std::size_t i = 0; i < members.size(); ++i)
            QVERIFY(a[i].state == b[i].state && !a[i].state.empty());
        QVERIFY_THROWS_EXCEPTION(Failure, cudaBackend(one / 2, 1)->slots(classOf(members[0]), 1));
    }

#if defined(PROXY_CUDA_PROGRAM)
    // Where no device is visible the program says so, in one sentence, and does not fail to say it as JSON.
    void withoutADeviceTheProgramSaysWhy()
    {
        QProcess program;
        QProcessEnvironment hidden = QProcessEnvironment::systemEnvironment();
        hidden.insert("CUDA_VISIBLE_DEVICES", "");
        program.setProcessEnvironment(hidden);
        program.start(PROXY_CUDA_PROGRAM, {"--probe"});
        QVERIFY(program.waitForFinished());
        QCOMPARE(program.exitCode(), 0);
        const QJsonObject facts = QJsonDocument::fromJson(program.readAllStandardOutput()).object();
        QVERIFY(facts["devices"].isArray() && facts["devices"].toArray().isEmpty());
        QVERIFY(facts["reason"].toString().endsWith("--device cpu."));
        QTemporaryDir folder;
        QFile spec(folder.filePath("spec.json"));
        QVERIFY(spec.open(QIODevice::WriteOnly));
        spec.write(R"({"proxy_spec":1,"data":{"train":{"gen":"zipf","tokens":9000},"val":{"gen":"same","tokens":9000}}})");
        spec.close();
        for (const auto& [device, code] : std::vector<std::pair<QString, int>>{{"cuda:0", 4}, {"cuda:x", 2}}) {
            program.start(PROXY_CUDA_PROGRAM,
                {"--run", spec.fileName(), "--out", folder.filePath("out"), "--device", device});
            QVERIFY(program.waitForFinished());
            QCOMPARE(program.exitCode(), code);
            QCOMPARE(program.readAllStandardError().trimmed().count('\n'), 0);
            QVERIFY(!QFileInfo::exists(folder.filePath("out/manifest.json")));
        }
    }
#endif

    void oldAndMissingDevicesAreRefusedBySentence()
    {
        Discovery found;
        found.devices.push_back({0, "Old", "", 7, 5, 40, 0, 0});
        found.devices.push_back({1, "New", "", 9, 0, 132, 0, 0});
        QVERIFY(refusal(found, 0).find("compute capability 7.5") != std::string::npos);
        QCOMPARE(refusal(found, 1), std::string());
        QVERIFY(refusal(found, 2).find("no device cuda:2") != std::string::npos);
        found.problem = "No driver.";
        QCOMPARE(refusal(found, 1), std::string("No driver."));
    }

    // bfloat16 products, everything else in floats: the gradient keeps its direction and the run its course.
    void halfPrecisionKeepsTheDirection()
    {
        const Shape shape{2, 32, 2, 12, 13, 4};
        const Corpus corpus = smallCorpus(shape.vocab);
        Device device(roomy);
        const DeviceCorpus texts(device, corpus);
        const Member member = plain(shape);
        const std::vector<std::int32_t> tokens = batchOf(member, corpus, 0);
        std::vector<std::vector<float>> grads;
        std::vector<double> losses;
        for (const Precision precision : {Precision::Float, Precision::BFloat}) {
            const auto program = StepProgram::make(device, texts, shape, precision, 1, false);
            put(*program, 0, member, corpus);
            program->differentiate(tokens);
            grads.push_back(program->read(0, StepProgram::Array::Gradient));
            put(*program, 0, member, corpus);
            losses.push_back(program->run(20).back().sums.loss);
        }
        const Layout layout(shape);
        double dot = 0, a = 0, b = 0;
        const std::vector<double> exact(grads[0].begin(), grads[0].end());
        for (std::size_t i = 0; i < exact.size(); ++i) {
            const double x = exact[i], y = static_cast<double>(grads[1][i]);
            dot += x * y;
            a += x * x;
            b += y * y;
        }
        QVERIFY(grads[0] != grads[1]);
        QVERIFY(dot / std::sqrt(a * b) > 0.999);
        for (const Tensor& tensor : layout.tensors)
            QVERIFY2(relative(grads[1], exact.data(), tensor.offset, tensor.size()) < 3e-2, tensor.name.c_str());
        QVERIFY(close(losses[1], losses[0]) < 0.01);
    }
};

QTEST_GUILESS_MAIN(TestProxyCuda)
#include "tst_proxycuda.moc"
