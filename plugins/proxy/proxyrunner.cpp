// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/proxy/proxyrunner.h"

#include <QCoreApplication>
#include <QJsonArray>
#include <QStandardPaths>

static QString trainer()
{
    const QString name = QStringLiteral("isoloss-proxy");
    const QString beside = QStandardPaths::findExecutable(name, {QCoreApplication::applicationDirPath()});
    return beside.isEmpty() ? QStandardPaths::findExecutable(name) : beside;
}

QString ProxyRunner::unavailable() const
{
    return trainer().isEmpty() ? tr("The trainer isoloss-proxy is neither beside Isoloss nor on the PATH; install or build it.")
                               : QString();
}

// Two sizes at three learning rates on a source of known entropy: a minute on two cores.
QJsonObject ProxyRunner::defaults() const
{
    const QJsonObject train{{QStringLiteral("gen"), QStringLiteral("markov")}, {QStringLiteral("order"), 2},
                            {QStringLiteral("vocab"), 16}, {QStringLiteral("temp"), 1.5}, {QStringLiteral("seed"), 11},
                            {QStringLiteral("tokens"), 1000000}};
    const QJsonObject val{{QStringLiteral("gen"), QStringLiteral("same")}, {QStringLiteral("seed"), 2}, {QStringLiteral("tokens"), 20000}};
    const auto size = [](int d, int heads) {
        return QJsonObject{{QStringLiteral("L"), 2}, {QStringLiteral("d"), d}, {QStringLiteral("heads"), heads}};
    };
    return {{QStringLiteral("proxy_spec"), 1},
            {QStringLiteral("name"), QStringLiteral("sweep")},
            {QStringLiteral("data"), QJsonObject{{QStringLiteral("train"), train}, {QStringLiteral("val"), val}}},
            {QStringLiteral("defaults"), QJsonObject{{QStringLiteral("T"), 32}, {QStringLiteral("B"), 16}, {QStringLiteral("steps"), 1000},
                {QStringLiteral("sched"), QJsonObject{{QStringLiteral("kind"), QStringLiteral("cosine")}, {QStringLiteral("warmup"), .05}}}}},
            {QStringLiteral("grid"), QJsonObject{{QStringLiteral("lr"), QJsonArray{1e-3, 1e-2, 1e-1}}}},
            {QStringLiteral("sizes"), QJsonArray{size(16, 1), size(32, 2)}}};
}

Runner::Command ProxyRunner::command(const QString& spec, const QString& folder) const
{
    return {trainer(), {QStringLiteral("--run"), spec, QStringLiteral("--out"), folder, QStringLiteral("--resume"),
                        QStringLiteral("--progress"), QStringLiteral("json")}};
}
