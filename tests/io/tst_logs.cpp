// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/data/table.h"
#include "samples.h"

#include <QFile>
#include <QTemporaryDir>
#include <QTest>

#include <cmath>
#include <nlohmann/json.hpp>

using nlohmann::json;

namespace {

const std::string logs = SHARED_DIR "/data/logs/";

// The file holds bare NaN, which strict JSON refuses.
json expectations() {
    QFile file(QString::fromStdString(logs + "expected.json"));
    if (!file.open(QIODevice::ReadOnly)) return {};
    QByteArray text = file.readAll();
    text.replace(": NaN", ": null").replace(" NaN", " null").replace("-Infinity", "null").replace("Infinity", "null");
    return json::parse(text.constData(), nullptr, false);
}

bool same(const json& expected, double got) {
    if (expected.is_null()) return !std::isfinite(got);
    const double want = expected.get<double>();
    return std::abs(got - want) <= 1e-12 * std::abs(want);
}

}

// Public logs against what an independent reading of them found.
class TestLogs : public QObject {
    Q_OBJECT
    json m_expected;

    static bool readHere(const std::string& name) {
        return name.starts_with("llmc/") || name.starts_with("tensorboard/") || name.starts_with("nanogpt_stdout/") || name.ends_with(".csv");
    }

    static const data::Series* find(const io::Import& import, const std::string& name) {
        for (const data::Run& run : import.runs) {
            if (const data::Series* series = run.find(name)) return series;
            // A chart export names its columns "<run> - <metric>".
            if (name.starts_with(run.name + " - ")) return run.find(name.substr(run.name.size() + 3));
        }
        return nullptr;
    }

private slots:
    void initTestCase() {
        m_expected = expectations();
        if (!m_expected.is_object()) QSKIP("the public logs are not on this machine");
    }

    void seriesAreAsExpected_data() {
        QTest::addColumn<QString>("name");
        for (const auto& [name, content] : m_expected.items())
            if (readHere(name)) QTest::newRow(name.c_str()) << QString::fromStdString(name);
    }
    void seriesAreAsExpected() {
        QFETCH(QString, name);
        const json& content = m_expected[name.toStdString()];
        const io::Import import = samples::read(logs + name.toStdString());
        const bool csv = name.endsWith(QStringLiteral(".csv"));
        const json& metrics = csv ? content["metrics"] : content;
        std::size_t series = 0;
        for (const auto& [metric, facts] : metrics.items()) {
            // Copies of the value are left out of chart exports.
            if (metric.ends_with("__MIN") || metric.ends_with("__MAX")) continue;
            const std::string ours = metric == "val_loss_lines" ? "val_loss" : metric;
            const data::Series* got = find(import, ours);
            QVERIFY2(got, metric.c_str());
            ++series;
            QCOMPARE(got->value->size(), facts["n"].get<std::size_t>());
            for (const auto& [key, at] : {std::pair("first", std::size_t(0)), std::pair("last", got->value->size() - 1)}) {
                if (!facts[key][0].is_null()) QCOMPARE((*got->step)[at], facts[key][0].get<double>());
                QVERIFY2(same(facts[key][1], (*got->value)[at]), metric.c_str());
            }
        }
        if (!csv) return;
        if (content["step_column"].is_null()) {
            QCOMPARE(import.runs.size(), std::size_t(1));
            QCOMPARE(data::tabulate(import.runs).rows, content["rows"].get<std::size_t>());
            QCOMPARE(import.runs[0].series.size() + import.runs[0].text.size(), content["columns"].get<std::size_t>());
        } else if (!name.contains(QStringLiteral("export")) && !name.contains(QStringLiteral("trackio"))) {
            QCOMPARE(import.runs.size(), std::size_t(1));
            QVERIFY(series >= 1 && import.runs[0].series.size() <= content["columns"].get<std::size_t>());
        }
    }

    // Rows, columns of the tabulated file and runs of the public tables.
    void tablesAreWhole_data() {
        QTest::addColumn<QString>("name");
        QTest::addColumn<int>("runs");
        QTest::addColumn<int>("rows");
        QTest::addColumn<QStringList>("columns");
        const auto row = [](const char* name, int runs, int rows, QStringList columns) { QTest::newRow(name) << QString::fromLatin1(name) << runs << rows << columns; };
        row("chinchilla_epoch.csv", 1, 245, {"params", "tokens", "flop", "loss", "in_240"});
        row("mpl_25M_100M.csv", 18, 4162, {"model", "run", "step", "lr", "loss", "role"});
        row("gpt100M_cosine_wsd.csv", 2, 67814, {"run", "step", "lr", "loss"});
        row("olmo_ladder.csv", 18, 1579, {"size", "run", "params", "mode", "step", "c4_en-validation/CrossEntropyLoss"});
        row("xlstm_llama_ctx8192_curves.csv", 110, -1, {"run", "step", "lr", "train_loss", "val_loss"});
        row("steplaw_dense.csv", 1, 1911, {"h", "lr", "bs", "loss", "smooth_loss", "exp_name", "D", "N"});
        row("marin_isoflop.csv", 1, 258, {"dataset", "tokens", "params", "flop_budget", "loss", "outlier", "reason"});
        row("datablations.csv", 1, 478, {"name", "params", "tokens", "unique_tokens", "loss", "set"});
        row("routed_lm_final.csv", 1, 223, {"step", "loss_validation", "num_experts", "router_type"});
    }
    void tablesAreWhole() {
        QFETCH(QString, name);
        QFETCH(int, runs);
        QFETCH(int, rows);
        QFETCH(QStringList, columns);
        const io::Import import = samples::read(SHARED_DIR "/data/" + name.toStdString());
        QVERIFY(import.warnings.empty());
        if (!name.startsWith(QStringLiteral("olmo"))) QCOMPARE(static_cast<int>(import.runs.size()), runs);
        const data::Table table = data::tabulate(import.runs);
        if (rows >= 0) QCOMPARE(static_cast<int>(table.rows), rows);
        for (const QString& column : columns)
            QVERIFY2(table.number(column.toStdString()) || table.words(column.toStdString()), qPrintable(column));
    }

    void cutLogsLoadWhatIsThere() {
        QTemporaryDir folder;
        for (const auto& [name, content] : m_expected.items()) {
            if (!readHere(name) || name.ends_with("algoperf_measurements_wmt.csv")) continue;
            QFile file(QString::fromStdString(logs + name));
            QVERIFY(file.open(QIODevice::ReadOnly));
            const std::string bytes = file.readAll().toStdString();
            const std::size_t stride = std::max<std::size_t>(97, bytes.size() / 8 / 97 * 97);
            for (std::size_t size = stride; size < bytes.size(); size += stride) {
                const auto path = samples::write(folder.path().toStdString(), std::filesystem::path(name).filename().string(), bytes.substr(0, size));
                try {
                    const io::Import import = samples::read(path);
                    for (const data::Run& run : import.runs)
                        for (const data::Series& series : run.series) QCOMPARE(series.step->size(), series.value->size());
                } catch (const Error& error) {
                    QVERIFY2(size < 4096, error.what());     // a head without one whole record
                }
            }
        }
    }
};

QTEST_APPLESS_MAIN(TestLogs)
#include "tst_logs.moc"
