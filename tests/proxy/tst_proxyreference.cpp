// SPDX-License-Identifier: GPL-3.0-or-later
#include "run/trainer.hpp"
#include "spec/spec.hpp"

#include <QFile>
#include <QProcess>
#include <QTest>
#include <cmath>
#include <fstream>

using namespace proxy;

namespace {

Json parsed(const std::string& text)
{
    return Json::parse(text, nullptr, false);
}

Json stored()
{
    std::ifstream in(SOURCE_DIR "/tests/proxy/reference.json");
    return Json::parse(in, nullptr, false);
}

// The member of one case of reference.py.
Member memberOf(const Json& config)
{
    Member m;
    m.shape = {2, 16, 2, 8, 13, 3};
    m.steps = 20;
    m.lr = 1e-2;
    m.schedule = {ScheduleKind::Constant};
    m.schedule.warmup = 10;
    m.optimiser.decay = 0.05;
    m.optimiser.clip = 0.5;
    m.optimiser.independent = !config.value("coupled", false);
    m.zCoefficient = config.value("z", 0.0);
    const std::string kind = config["qk_norm"];
    m.qkNorm = kind == "head" ? QkNorm::Head
        : kind == "full"      ? QkNorm::Full
        : kind == "off"       ? QkNorm::Off
                              : QkNorm::RmsFixed;
    m.kappa = config.value("kappa", 1.0);
    if (config.value("attention", "") == "squared_relu")
        m.attention = Attention::SquaredRelu;
    if (config.contains("reweight"))
        m.reweight = {Reweighting::LinUpper, config["r"].get<double>(), 0};
    return m;
}

// Weights and tokens in the closed forms of the script.
template <typename T> void place(Net<T>& net)
{
    for (const Tensor& tensor : net.layout.tensors) {
        const bool scale = tensor.kind == Kind::Scale;
        for (std::int64_t k = 0; k < tensor.size(); ++k)
            net.theta[tensor.offset + k] = static_cast<T>((scale ? 1 : 0)
                + (scale ? 0.1 : 0.3) * std::sin(1.7 * static_cast<double>(k) + 0.3 * tensor.slot));
    }
}

std::vector<std::int32_t> tokensOf(int step)
{
    std::vector<std::int32_t> tokens(27);
    for (int i = 0; i < 27; ++i)
        tokens[static_cast<std::size_t>(i)] = (7 * i * i + 3 * i + 5 * step * i + step) % 13;
    return tokens;
}

}

class TestProxyReference : public QObject {
    Q_OBJECT

private slots:
    void mathsMatchesPyTorch_data()
    {
        QTest::addColumn<QString>("name");
        const Json reference = stored();
        QVERIFY(reference.is_object() && reference["cases"].size() == 8);
        for (const auto& [name, result] : reference["cases"].items())
            QTest::newRow(name.c_str()) << QString::fromStdString(name);
    }

    void mathsMatchesPyTorch()
    {
        QFETCH(QString, name);
        const Json expected = stored()["cases"][name.toStdString()];
        const Member member = memberOf(expected["config"]);
        Training<double> training(member);
        Net<double>& net = training.net;
        place(net);
        Pass pass = passOf(member, 0);
        pass.inverseWidth = expected["config"].value("inverse_width", false) ? 1 : 0;
        const Measures measures = engine<double>().forward(net, tokensOf(0).data(), pass);
        engine<double>().backward(net, tokensOf(0).data(), pass);
        QVERIFY(std::abs(measures.loss / expected["losses"][0].get<double>() - 1) < 1e-13);
        QVERIFY(std::abs(measures.objective / expected["objective"].get<double>() - 1) < 1e-13);
        QVERIFY(std::abs(measures.maxAttention / expected["max_attention"].get<double>() - 1) < 1e-12);
        for (const Tensor& tensor : net.layout.tensors) {
            double squares = 0, projection = 0;
            for (std::int64_t k = 0; k < tensor.size(); ++k) {
                const double g = net.grad[tensor.offset + k];
                squares += g * g;
                projection += g * std::cos(static_cast<double>(k));
            }
            const double length = expected["gradients"][tensor.name][0];
            QVERIFY2(std::abs(std::sqrt(squares) / length - 1) < 1e-10, tensor.name.c_str());
            QVERIFY2(std::abs(projection - expected["gradients"][tensor.name][1].get<double>()) < 1e-10 * length,
                tensor.name.c_str());
        }
        QCOMPARE(expected["gradients"].size(), net.layout.tensors.size());
        if (pass.inverseWidth)
            return; // as a member this comes with the other parts of muParam
        for (int step = 0; step < 20; ++step) {
            const double loss = advance(training, tokensOf(step).data()).measures.loss;
            const double error = loss / expected["losses"][static_cast<std::size_t>(step)].get<double>() - 1;
            QVERIFY2(std::abs(error) < 1e-8, qPrintable(QString("step %1: %2").arg(step).arg(error)));
        }
    }

    // Float against the same reference: the rounding of 20 steps at this rate stays small.
    void floatStaysNear()
    {
        const Json expected = stored()["cases"]["head"];
        Training<float> training(memberOf(expected["config"]));
        place(training.net);
        for (int step = 0; step < 20; ++step) {
            const double loss = advance(training, tokensOf(step).data()).measures.loss;
            QVERIFY(std::abs(loss / expected["losses"][static_cast<std::size_t>(step)].get<double>() - 1)
                < (step ? 1e-4 : 1e-6));
        }
    }

    void storedReferenceIsWhatPyTorchSaysHere()
    {
        // The first python3 on the path need not be the system's, and only that one has Debian's packages.
        QString interpreter;
        for (const char* name : {"python3", "/usr/bin/python3"}) {
            QProcess python;
            python.start(name, {"-c", "import torch"});
            if (python.waitForFinished(30000) && python.exitCode() == 0)
                interpreter = name;
        }
        if (interpreter.isEmpty())
            QSKIP("python3 has no torch here (Debian: python3-torch); the stored reference was checked");
        QProcess python;
        python.start(interpreter, {SOURCE_DIR "/tests/proxy/reference.py"});
        QVERIFY(python.waitForFinished(60000));
        const Json now = parsed(python.readAllStandardOutput().toStdString()), before = stored();
        for (const auto& [name, result] : before["cases"].items())
            for (std::size_t i = 0; i < 20; ++i)
                QVERIFY(std::abs(now["cases"][name]["losses"][i].get<double>() / result["losses"][i].get<double>() - 1)
                    < 1e-6);
    }
};

QTEST_GUILESS_MAIN(TestProxyReference)
#include "tst_proxyreference.moc"
