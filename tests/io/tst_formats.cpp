// SPDX-License-Identifier: GPL-3.0-or-later
#include "samples.h"

#include <QTemporaryDir>
#include <QTest>

#include <cmath>
#include <cstring>
#include <random>

namespace {

using Values = std::vector<double>;

std::vector<double> values(const data::Run& run, std::string_view name) {
    const data::Series* series = run.find(name);
    return series ? *series->value : Values {-12345};
}

std::vector<double> steps(const data::Run& run, std::string_view name) {
    const data::Series* series = run.find(name);
    return series ? *series->step : Values {-12345};
}

double number(const data::Run& run, std::string_view name) {
    const auto found = run.config.find(name);
    return found == run.config.end() ? -12345 : std::get<double>(found->second);
}

std::string word(const data::Run& run, std::string_view name) {
    const auto found = run.config.find(name);
    return found == run.config.end() ? "absent" : std::get<std::string>(found->second);
}

}

class TestFormats : public QObject {
    Q_OBJECT
    QTemporaryDir m_folder;

    std::filesystem::path file(const std::string& name, std::string_view bytes) {
        return samples::write(m_folder.path().toStdString(), name, bytes);
    }
    io::Import read(const std::string& name, std::string_view bytes) { return samples::read(file(name, bytes)); }

private slots:
    // A long file is read in pieces by several threads; a line longer than a piece keeps what follows in one.
    void piecesOfJsonLinesReadAsOnePass() {
        std::mt19937 random(5);
        const std::string wide = "{\"note\": \"" + std::string(9u << 20, 'x') + "\"}\n";
        std::string text;
        for (int i = 0; i < 220'000; ++i) {
            text += "{\"step\": ";
            text += std::to_string(i);
            text += ", \"loss\": ";
            text += random() % 3000 == 0 ? "NaN" : std::to_string(double(random() % 10'000) / 1000);
            if (i > 90'000) text += ", \"late\": 4";
            if (random() % 2000 == 0) text += ", \"word\": \"b\"";
            text += random() % 4000 == 0 ? "\n" : "}\n";
        }
        QVERIFY(text.size() > (8u << 20));
        QTemporaryDir folder;
        const auto write = [&](const char* name, const std::string& bytes) { return samples::write(folder.path().toStdString(), name, bytes); };
        io::Import pieces = samples::read(write("a.jsonl", text)), one = samples::read(write("b.jsonl", wide + text));
        for (io::Import* import : {&pieces, &one}) std::erase_if(import->warnings, [](const io::Warning& w) { return !w.line; });
        QVERIFY(one.warnings.size() > 30);
        QCOMPARE(pieces.warnings.size(), one.warnings.size());
        for (std::size_t i = 0; i < one.warnings.size(); ++i) {
            QCOMPARE(pieces.warnings[i].message, one.warnings[i].message);
            QCOMPARE(*pieces.warnings[i].line + 1, *one.warnings[i].line);
        }
        QCOMPARE(pieces.runs.size(), std::size_t(1));
        for (const data::Series& a : pieces.runs[0].series) {
            const data::Series* b = one.runs[0].find(a.name);
            QVERIFY2(b, a.name.c_str());
            QCOMPARE(a.value->size(), b->value->size());
            QVERIFY(std::memcmp(a.value->data(), b->value->data(), 8 * a.value->size()) == 0);
            QVERIFY(*a.step == *b->step);
        }
    }

    void contentTellsTheFormat_data() {
        QTest::addColumn<int>("index");
        for (std::size_t i = 0; i < samples::all().size(); ++i) QTest::newRow(samples::all()[i].file) << static_cast<int>(i);
    }
    void contentTellsTheFormat() {
        QFETCH(int, index);
        const samples::Sample sample = samples::all()[static_cast<std::size_t>(index)];
        for (const std::string& name : {std::string(sample.file), std::string("unnamed")}) {
            const io::Import import = read(name, sample.bytes);
            QCOMPARE(import.runs[0].format, std::string(sample.format));
            QVERIFY(import.warnings.empty());
            QVERIFY(!import.runs[0].series.empty());
            for (const data::Series& series : import.runs[0].series) QCOMPARE(series.step->size(), series.value->size());
        }
        QVERIFY(io::findReader(sample.format));
    }

    void jsonLinesFlattenAndKeepNaN() {
        const data::Run run = read("a.jsonl", samples::jsonl()).runs[0];
        QCOMPARE(values(run, "loss").size(), std::size_t(30));
        QVERIFY(std::isnan(values(run, "loss")[7]));
        QCOMPARE(values(run, "loss")[8], 3.2);
        QCOMPARE(number(run, "optim/lr"), 1e-3);
        QCOMPARE(values(run, "optim/betas/1")[0], .95);
        QCOMPARE(word(run, "note"), std::string("a \"quoted\" NaN"));
        QCOMPARE(number(run, "done"), 0.0);
    }

    void jsonNumbersOfEveryKind() {
        const io::Import import = read("a.jsonl", "{\"step\":0,\"a\":Infinity,\"b\":\"NaN\",\"c\":1e999,\"d\":12345678901234567890123}\n"
                                                  "{\"step\":1,\"a\":-Infinity,\"b\":2,\"c\":-1e999,\"d\":18446744073709551615}\n"
                                                  "{\"step\":2,\"a\":null,\"b\":\"-Infinity\",\"c\":0.1,\"d\":-1}\n");
        QVERIFY(import.warnings.empty());
        const data::Run& run = import.runs[0];
        const double inf = std::numeric_limits<double>::infinity();
        QCOMPARE(values(run, "a"), (Values {inf, -inf}));
        QVERIFY(std::isnan(values(run, "b")[0]));
        QCOMPARE(values(run, "b")[2], -inf);
        QCOMPARE(values(run, "c"), (Values {inf, -inf, .1}));
        QCOMPARE(values(run, "d"), (Values {12345678901234567890123., 18446744073709551615., -1}));
    }

    void jsonListsWithoutANameAreNumbered() {
        const io::Import import = read("a.jsonl", "{\"step\":0,\"\":[1,2]}\n{\"step\":1,\"\":[3,4]}\n");
        QCOMPARE(values(import.runs[0], "1"), (Values {2, 4}));
    }

    void jsonRunsAreSplit() {
        const io::Import import = read("a.jsonl", "{\"run\":\"p\",\"step\":0,\"loss\":1}\n{\"run\":\"q\",\"step\":0,\"loss\":2}\n"
                                                  "{\"run\":\"p\",\"step\":1,\"loss\":3}\n{\"run\":\"q\",\"step\":1,\"loss\":4}\n");
        QCOMPARE(import.runs.size(), std::size_t(2));
        QCOMPARE(import.runs[1].name, std::string("q"));
        QCOMPARE(values(import.runs[1], "loss"), (Values {2, 4}));
    }

    void jsonPointsAreATable() {
        const io::Import import = read("a.jsonl", "{\"N\":1e6,\"loss\":4,\"family\":\"x\"}\n{\"N\":1e7,\"loss\":3}\n");
        QCOMPARE(import.runs[0].kind, data::Kind::Table);
        QCOMPARE(import.runs[0].text.at(0).code, (std::vector<std::int32_t> {0, -1}));
    }

    void jsonDamageIsNamedByLine() {
        const io::Import import = read("a.jsonl", "{\"step\":0,\"loss\":4}\nwhat\n[1]\n{\"step\":1,\"loss\":3}\n{\"step\":2,\"lo");
        QCOMPARE(values(import.runs[0], "loss"), (Values {4, 3}));
        QCOMPARE(import.warnings.size(), std::size_t(3));
        QCOMPARE(import.warnings[0].line, std::optional<std::uint64_t>(2));
        QCOMPARE(import.warnings[2].line, std::optional<std::uint64_t>(5));
        QVERIFY(import.warnings[2].message.find("the file ends") != std::string::npos);
    }

    void proxyMembersAreRead() {
        const data::Run run = read("m1.jsonl", samples::proxy()).runs[0];
        QCOMPARE(run.name, std::string("m1"));
        QCOMPARE(number(run, "width"), 64.0);
        QCOMPARE(word(run, "optim/name"), std::string("adamw"));
        QCOMPARE(word(run, "status"), std::string("diverged"));
        QVERIFY(std::isnan(number(run, "val")));
        QCOMPARE(values(run, "loss").size(), std::size_t(30));
        QVERIFY(std::isnan(values(run, "loss")[26]));
        QCOMPARE(values(run, "mal/1"), Values(3, std::numeric_limits<double>::infinity()));
        QCOMPARE(values(run, "grad_rms/wk"), Values(3, .2));
        QCOMPARE(steps(run, "val_acc"), (Values {0, 10, 20}));
        QVERIFY(run.find("val_loss")->step == run.find("val_acc")->step);
    }

    void llmcLogsAreRead() {
        const data::Run run = read("main.log", samples::llmcMain()).runs[0];
        QCOMPARE(steps(run, "tel"), (Values {0, 30}));
        QCOMPARE(values(run, "trl").size(), std::size_t(30));
        QCOMPARE(values(run, "norm")[3], 1.25);
        QCOMPARE(values(run, "eval"), Values {.2463});
        const data::Run table = read("train.log", samples::llmcTable()).runs[0];
        QCOMPARE(values(table, "loss").size(), std::size_t(20));
        QCOMPARE(values(table, "lr")[0], 8.57e-07);
        QCOMPARE(values(table, "ms")[19], 4621.47);
        QCOMPARE(steps(table, "val_loss"), (Values {0, 20}));
        QCOMPARE(number(table, "sequence length T"), 1024.0);
        QCOMPARE(word(table, "LR scheduler"), std::string("cosine"));
    }

    void nanogptOutputIsRead() {
        const data::Run run = read("out.log", samples::nanogpt()).runs[0];
        QCOMPARE(values(run, "loss").size(), std::size_t(20));
        QVERIFY(std::isnan(values(run, "loss")[5]));
        QCOMPARE(values(run, "mfu")[19], 40.1);
        QCOMPARE(steps(run, "val_loss"), (Values {0, 20}));
        QCOMPARE(number(run, "tokens_per_iteration"), 491520.0);
        QCOMPARE(number(run, "params"), 10.65e6);
    }

    void aCutLineIsNamed() {
        const io::Import import = read("out.log", samples::nanogpt() + "iter 21: loss 3.1, ti");
        QCOMPARE(import.warnings.size(), std::size_t(1));
        QCOMPARE(import.warnings[0].line, std::optional<std::uint64_t>(25));
    }

    void checksumsMatchTheKnownVectors() {
        QCOMPARE(io::crc32c("123456789"), 0xe3069283u);
        QCOMPARE(io::maskedCrc("\x1a\x11" "CRC test, one two"), 0x5794d08au);
    }

    void tensorboardScalarsOfEveryType() {
        using namespace samples;
        const auto one = [](unsigned type, const std::string& body) { return tensor("x", type, body); };
        const std::string file = scalarEvent(1, 0, one(1, field(5, 5, raw(1.5f)))) + scalarEvent(2, 1, one(1, field(5, 2, raw(1.5f))))
            + scalarEvent(3, 2, one(2, field(4, 2, raw(1.5)))) + scalarEvent(4, 3, one(2, field(6, 1, raw(2.5))))
            + scalarEvent(5, 4, one(3, field(7, 0, varint(static_cast<std::uint64_t>(-3))))) + scalarEvent(6, 5, one(9, field(10, 2, varint(7))))
            + scalarEvent(7, 6, one(14, field(4, 2, raw(std::uint16_t(0x3fc0))))) + scalarEvent(8, 7, one(19, field(13, 0, varint(0xbe00))))
            + scalarEvent(9, 8, one(3, field(4, 2, raw(std::int32_t(-9))))) + scalarEvent(10, 9, simple("x", std::nanf("")))
            + scalarEvent(11, 10, one(7, field(8, 2, "text")))                                        // a string is no scalar
            + scalarEvent(12, 11, tensor("x", 1, field(4, 2, raw(1.f)), field(2, 2, field(1, 0, varint(1)))));   // rank 1
        const io::Import import = read("events.out.tfevents.9", file);
        QVERIFY(import.warnings.empty());
        const data::Series& x = *import.runs[0].find("x");
        Values got = *x.value;
        QVERIFY(std::isnan(got.back()));
        got.pop_back();
        QCOMPARE(got, (Values {1.5, 1.5, 1.5, 2.5, -3, 7, 1.5, -1.5, -9}));
        QCOMPARE((*x.step)[8], 8.0);
        QCOMPARE((*x.wall)[8], 9.0);
    }

    void tensorboardDamageIsNamedByByte() {
        const std::string good = samples::events();
        const std::size_t first = samples::tfRecord(samples::field(1, 1, samples::raw(1.7e9)) + samples::field(3, 2, "brain.Event:2")).size();
        const std::size_t each = (good.size() - first) / 20;
        std::string data = good;
        data[first + 3 * each + 20] ^= 1;
        io::Import import = read("events.out.tfevents.1", data);
        QCOMPARE(values(import.runs[0], "loss").size(), std::size_t(19));
        QCOMPARE(import.warnings.at(0).offset, std::optional<std::uint64_t>(first + 3 * each));

        std::string length = good;
        length[first + 5 * each + 9] ^= 1;
        import = read("events.out.tfevents.1", length);
        QCOMPARE(values(import.runs[0], "loss").size(), std::size_t(5));
        QCOMPARE(import.warnings.at(0).offset, std::optional<std::uint64_t>(first + 5 * each));

        import = read("events.out.tfevents.1", good.substr(0, good.size() - 5));
        QCOMPARE(values(import.runs[0], "loss").size(), std::size_t(19));
        QVERIFY(import.warnings.at(0).message.find("ends inside a record") != std::string::npos);
    }

    void foldersAreReadWhole() {
        const std::filesystem::path folder = m_folder.path().toStdString() + "/sweep";
        samples::write(folder, "one/metrics.csv", "step,loss\n0,1\n1,2\n");
        samples::write(folder, "two/metrics.csv", "step,loss\n0,1\n1,2\n");
        samples::write(folder, "two/events.out.tfevents.5", samples::events());
        samples::write(folder, "notes.md", "Nothing but prose lives here.");
        samples::write(folder, ".git/metrics.csv", "step,loss\n0,1\n1,2\n");
        const io::Import import = samples::read(folder);
        QCOMPARE(import.runs.size(), std::size_t(3));
        std::vector<std::string> names;
        for (const data::Run& run : import.runs) names.push_back(run.name);
        QCOMPARE(names, (std::vector<std::string> {"one/metrics", "two", "two/metrics"}));
        QCOMPARE(import.warnings.size(), std::size_t(1));
        QVERIFY(import.warnings[0].file.ends_with("notes.md"));
    }

    void namesStayUnique() {
        const std::vector<std::filesystem::path> twice(2, file("same.csv", "step,loss\n0,1\n1,2\n"));
        const io::Import import = io::read(twice);
        QVERIFY(import.runs[0].name != import.runs[1].name);
    }

    void oneAbsentFileLosesNotTheOthers() {
        const std::vector<std::filesystem::path> paths {m_folder.path().toStdString() + "/absent.csv", file("b.csv", "step,loss\n0,1\n1,2\n")};
        const io::Import import = io::read(paths);
        QCOMPARE(import.runs.size(), std::size_t(1));
        QVERIFY(import.warnings[0].message.find("absent.csv") != std::string::npos);
        QVERIFY_THROWS_EXCEPTION(Error, samples::read(paths[0]));
        QVERIFY_THROWS_EXCEPTION(UsageError, samples::read(paths[1], "parquet"));
    }

    void aWrongFormatByNameIsNoCrash() {
        for (const samples::Sample& sample : samples::all())
            for (const io::Reader& reader : io::readers()) {
                try {
                    samples::read(file(sample.file, sample.bytes), reader.id);
                } catch (const Error&) {
                }
            }
    }

    void progressIsToldAndStops() {
        std::string big = "step,loss\n";
        for (int i = 0; i < 400000; ++i) big += std::to_string(i) + ",1.25\n";
        const std::filesystem::path path = file("big.csv", big);
        double last = 0;
        int calls = 0;
        io::read({&path, 1}, {}, [&](double done) {
            if (done < last) calls = -1000;
            last = done;
            ++calls;
            return true;
        });
        QVERIFY(calls >= 4);
        QCOMPARE(last, 1.0);
        try {
            io::read({&path, 1}, {}, [](double done) { return done < .3; });
            QFAIL("nothing was thrown");
        } catch (const Error& error) {
            QCOMPARE(std::string(error.what()), std::string("cancelled"));
        }
    }
};

QTEST_APPLESS_MAIN(TestFormats)
#include "tst_formats.moc"
