// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/failure.hpp"
#include "base/files.hpp"
#include "data/batches.hpp"
#include "data/source.hpp"
#include "spec/spec.hpp"

#include <QTemporaryDir>
#include <QTest>
#include <set>

using namespace proxy;

namespace {

Source source(const char* json)
{
    return parseSource(json);
}

std::string little16(std::initializer_list<int> values)
{
    std::string out;
    for (const int value : values)
        out += {static_cast<char>(value & 255), static_cast<char>(value >> 8 & 255)};
    return out;
}

std::string little32(int value)
{
    return little16({value & 65535, value >> 16 & 65535});
}

std::string refusal(const std::filesystem::path& path, FileFormat format = FileFormat::Auto)
{
    try {
        readTokens(path, format);
    } catch (const Failure& failure) {
        return failure.code == Exit::Corpus ? failure.what() : "another code";
    }
    return "accepted";
}

}

// Texts made or read, and how batches are cut from them.
class TestProxySources : public QObject {
    Q_OBJECT

    QTemporaryDir m_dir;
    std::filesystem::path file(const char* name, const std::string& bytes) const
    {
        const std::filesystem::path path = m_dir.filePath(name).toStdString();
        writeWhole(path, bytes);
        return path;
    }

private slots:
    void drawingIsAFunctionOfTheDescription_data()
    {
        QTest::addColumn<QString>("json");
        QTest::newRow("zipf") << R"({"gen":"zipf","vocab":20,"tokens":3000,"sample_seed":%1})";
        QTest::newRow("markov") << R"({"gen":"markov","vocab":5,"tokens":3000,"sample_seed":%1})";
        QTest::newRow("copy") << R"({"gen":"copy","vocab":5,"tokens":3000,"sample_seed":%1})";
        QTest::newRow("modular") << R"({"gen":"modular","modulus":5,"tokens":3000,"sample_seed":%1})";
        QTest::newRow("pcfg") << R"({"gen":"pcfg","tokens":3000,"sample_seed":%1})";
        QTest::newRow("mixture")
            << R"({"gen":"mixture","tokens":3000,"sample_seed":%1,"sources":[{"gen":"zipf"},{"gen":"copy"}]})";
    }
    void drawingIsAFunctionOfTheDescription()
    {
        QFETCH(QString, json);
        const QByteArray one = json.arg(1).toUtf8(), two = json.arg(2).toUtf8();
        const Tokens a = draw(source(one)), b = draw(source(one)), other = draw(source(two));
        QCOMPARE(a.values, b.values);
        QVERIFY(a.values != other.values);
        QCOMPARE(a.entropy, other.entropy);
        QVERIFY(*std::max_element(a.values.begin(), a.values.end()) < a.vocab);
        QCOMPARE(a.vocab, vocabulary(source(one)));
        QCOMPARE(describeSource(source(one)).dump(), describeSource(source(one)).dump());
    }

    void copiesAndSumsHold()
    {
        const Tokens copy = draw(source(R"({"gen":"copy","vocab":9,"block":5,"tokens":1003})"));
        for (std::size_t i = 0; i < copy.values.size(); ++i)
            if (i % 10 >= 5)
                QCOMPARE(copy.values[i], copy.values[i - 5]);
        QCOMPARE(copy.entropy, std::log(9.0) / 2);
        const Tokens sums = draw(source(R"({"gen":"modular","modulus":7,"tokens":999})"));
        for (std::size_t i = 2; i < sums.values.size(); i += 3)
            QCOMPARE(int(sums.values[i]) - 14, (sums.values[i - 2] + sums.values[i - 1] - 7) % 7);
        QCOMPARE(sums.entropy, 2 * std::log(7.0) / 3);
    }

    // The derivation is read back from the text, because every rule begins with a terminal of its own: the plug-in
    // entropy of the rules used must agree with the linear equations.
    void grammarEntropyMatchesItsSample()
    {
        for (const char* json : {R"({"gen":"pcfg","symbols":4,"rules":4,"tokens":400000})",
                 R"({"gen":"pcfg","symbols":3,"rules":6,"branch":0.6,"seed":5,"tokens":400000})"}) {
            const Source grammar = source(json);
            const Tokens text = draw(grammar);
            const int rules = grammar.rules;
            std::vector<double> uses(static_cast<std::size_t>(text.vocab)),
                symbol(static_cast<std::size_t>(grammar.symbols));
            for (const std::uint16_t token : text.values) {
                ++uses[token];
                ++symbol[static_cast<std::size_t>(token / rules)];
            }
            double nats = 0;
            for (std::size_t r = 0; r < uses.size(); ++r)
                nats -= uses[r] > 0 ? uses[r] * std::log(uses[r] / symbol[r / static_cast<std::size_t>(rules)]) : 0;
            nats /= static_cast<double>(text.values.size());
            QVERIFY2(std::abs(nats - text.entropy) < 0.01, qPrintable(QString("%1 %2").arg(nats).arg(text.entropy)));
            QVERIFY(text.entropy > 0.2);
        }
    }

    void mixturesKeepTheirDomainsApart()
    {
        const Source mixed = source(R"({"gen":"mixture","weights":[3,1],"tokens":8000,
            "sources":[{"gen":"zipf","vocab":8,"exponent":0},{"gen":"copy","vocab":4,"block":4}]})");
        const Tokens text = draw(mixed);
        QCOMPARE(text.vocab, 10);
        QCOMPARE(text.domains.size(), std::size_t(2));
        QVERIFY(std::abs(text.entropy - (0.75 * std::log(8.0) + 0.25 * std::log(4.0) / 2)) < 1e-12);
        std::vector<std::int32_t> batch(64 * 17);
        // Equal weights in the first half, the second source alone in the other.
        const Sampler sampler = makeSampler(text, {3, 64, 16, 10, 0, {{0.5, {1, 1}}, {1, {0, 1}}}});
        int first = 0;
        for (const long step : {0L, 4L, 5L, 9L}) {
            trainBatch(text, sampler, step, batch.data());
            for (int row = 0; row < 64; ++row) {
                const std::int32_t* window = batch.data() + row * 17;
                QVERIFY(window[0] == 8 || window[0] == 9);
                const bool zipf = window[0] == 8;
                first += zipf ? 1 : 0;
                QVERIFY(!zipf || step < 5);
                for (int i = 1; i < 17; ++i)
                    QVERIFY(window[i] < (zipf ? 8 : 4));
                // Windows of the copy source begin at its blocks, so their second halves repeat the first.
                for (int i = 5; !zipf && i < 9; ++i)
                    QCOMPARE(window[i], window[i - 4]);
            }
        }
        QVERIFY(first > 40 && first < 88);
        validationBatch(text, 0, 64, 16, batch.data());
        int share = 0;
        for (int row = 0; row < 64; ++row)
            share += batch[static_cast<std::size_t>(row) * 17] == 8 ? 1 : 0;
        QCOMPARE(share, 48);
        const Tokens flat = interleaved(text, 1, 2560);
        QCOMPARE(flat.values.size(), std::size_t(2560));
        QVERIFY(flat.values[0] >= 8 && flat.values[256] >= 8 && flat.values[1] < 8);
        QVERIFY(flat.entropy < text.entropy + 0.01 && flat.entropy > text.entropy - 0.01);
    }

    // The order of the batches is a function of seed, step and row; the batch's size only regroups rows.
    void batchesDependOnNothingElse()
    {
        const Tokens text = draw(source(R"({"gen":"zipf","vocab":50,"tokens":1601})"));
        const Sampler four = makeSampler(text, {7, 4, 16, 100, 0, {}}),
                      eight = makeSampler(text, {7, 8, 16, 100, 0, {}});
        for (int row = 0; row < 8; ++row)
            QCOMPARE(windowAt(eight, 5, row).begin, windowAt(four, 10 + row / 4, row % 4).begin);
        std::set<std::int64_t> seen;
        for (int step = 0; step < 25; ++step)
            for (int row = 0; row < 4; ++row)
                seen.insert(windowAt(four, step, row).begin);
        QCOMPARE(seen.size(), std::size_t(100)); // one epoch visits every window once
    }

    void uniqueTokensAreAllThatIsSeen()
    {
        const Tokens text = draw(source(R"({"gen":"zipf","vocab":50,"tokens":10000})"));
        const Sampler sampler = makeSampler(text, {7, 4, 16, 100, 161, {}});
        std::set<std::int64_t> seen;
        for (int step = 0; step < 100; ++step)
            for (int row = 0; row < 4; ++row)
                seen.insert(windowAt(sampler, step, row).begin);
        QCOMPARE(seen.size(), std::size_t(10));
        QCOMPARE(*seen.rbegin(), std::int64_t(144));
        QVERIFY_EXCEPTION_THROWN(makeSampler(text, {7, 4, 16, 100, 10, {}}), Failure);
    }

    void filesOfOthersAreRead()
    {
        const Tokens words = readTokens(file("a.bin", little16({5, 0, 700, 5})));
        QCOMPARE(words.values, (std::vector<std::uint16_t>{5, 0, 700, 5}));
        QCOMPARE(words.vocab, 701);
        std::string header = little32(20240520) + little32(1) + little32(3);
        header.resize(1024, '\0');
        const Tokens shard = readTokens(file("b.bin", header + little16({1, 50256, 2})));
        QCOMPARE(shard.values, (std::vector<std::uint16_t>{1, 50256, 2}));
        QCOMPARE(readTokens(file("c.bin", "abcd"), FileFormat::Bytes).vocab, 256);
    }

    void brokenFilesGetASentenceOfTheirOwn()
    {
        std::string header = little32(20240520) + little32(1) + little32(9);
        header.resize(1024, '\0');
        std::string wide = little32(20240801);
        wide.resize(1024, '\0');
        const std::pair<std::string, const char*> cases[]{
            {refusal(file("empty.txt", "")), "is empty"},
            {refusal(file("odd.bin", "abc")), "odd number of bytes"},
            {refusal(file("short.bin", header + "ab")), "should hold 9 tokens by its header but holds 1"},
            {refusal(file("torn.bin", header.substr(0, 500))), "ends inside its header"},
            {refusal(file("wide.bin", wide)), "32-bit tokens"},
            {refusal(file("head.tok", "PTOK...")), "ends inside its header"},
            {refusal(m_dir.filePath("none").toStdString()), "Cannot read"},
            {refusal(m_dir.path().toStdString()), "Cannot read"},
        };
        for (const auto& [sentence, part] : cases)
            QVERIFY2(QString::fromStdString(sentence).contains(part), sentence.c_str());
        writeTokens(draw(source(R"({"gen":"zipf","vocab":9,"tokens":100})")), m_dir.filePath("x.tok").toStdString());
        std::string bytes = readWhole(m_dir.filePath("x.tok").toStdString(), 7);
        bytes[bytes.size() - 20] ^= 1;
        QVERIFY(QString::fromStdString(refusal(file("flipped.tok", bytes))).contains("does not match its checksum"));
    }

    void badDescriptionsPointAtTheKey_data()
    {
        QTest::addColumn<QString>("json");
        QTest::addColumn<QString>("pointer");
        QTest::newRow("kind") << R"({"gen":"zipff"})"
                              << "/gen";
        QTest::newRow("useless key") << R"({"gen":"copy","exponent":1})"
                                     << "/exponent";
        QTest::newRow("endless sentences") << R"({"gen":"pcfg","branch":1})"
                                           << "/branch";
        QTest::newRow("no sources") << R"({"gen":"mixture"})"
                                    << "/sources";
        QTest::newRow("nested") << R"({"gen":"mixture","sources":[{"gen":"mixture","sources":[{}]}]})"
                                << "/sources/0/gen";
        QTest::newRow("inside") << R"({"gen":"mixture","sources":[{},{"gen":"copy","vocab":1}]})"
                                << "/sources/1/vocab";
        QTest::newRow("weights") << R"({"gen":"mixture","sources":[{},{}],"weights":[1]})"
                                 << "/weights";
    }
    void badDescriptionsPointAtTheKey()
    {
        QFETCH(QString, json);
        QFETCH(QString, pointer);
        try {
            source(json.toUtf8());
            QFAIL("accepted");
        } catch (const Failure& failure) {
            QVERIFY2(QString(failure.what()).contains(pointer + ":"), failure.what());
        }
    }
};

QTEST_GUILESS_MAIN(TestProxySources)
#include "tst_proxysources.moc"
