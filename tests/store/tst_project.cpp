// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/error.h"
#include "core/store/project.h"
#include "tests/store/sample.h"

#include <QTemporaryDir>
#include <QTest>

#include <chrono>
#include <fstream>
#include <set>
#include <thread>

using store::Project;
namespace fs = std::filesystem;

class TestProject : public QObject {
    Q_OBJECT
    QTemporaryDir m_folder;
    int m_files = 0;
    fs::path fresh() { return m_folder.filePath(QString("p%1.isoloss").arg(++m_files)).toStdString(); }

private slots:
    void sha256MatchesPublishedVectors_data();
    void sha256MatchesPublishedVectors();
    void sha256OfAFileIsThatOfItsBytes();
    void hashIsOfContentAndNothingElse();
    void runsComeBackToTheBit_data();
    void runsComeBackToTheBit();
    void seriesShareTheirSteps();
    void aboutHasNamesAndNoValues();
    void sameContentIsAddedOnce();
    void partsOfOneImportAreOneStep();
    void coloursAreTheLowestFreeOnes();
    void takenNamesGetANumber();
    void runsAreNamedAndOrderedAsInTheWorkspace();
    void namesThatAreNotUtf8AreCalledAlikeBeforeAndAfter();
    void unknownRunIsNamed();
    void resultsAreKept();
    void packedRunIsTheRun();
    void packedRunsMoveBetweenProjects();
    void unpackingOnManyThreadsSharesColumns();
    void largeRunComesBack();
};

void TestProject::sha256MatchesPublishedVectors_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QString>("sum");
    // FIPS 180-4 examples and the NIST example values; the lengths around 56 and 64 cross the padding's block.
    QTest::newRow("empty") << QByteArray() << "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    QTest::newRow("abc") << QByteArray("abc") << "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    QTest::newRow("two blocks") << QByteArray("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")
                                << "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1";
    QTest::newRow("four blocks") << QByteArray("abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu")
                                 << "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1";
    QTest::newRow("a million a") << QByteArray(1000000, 'a') << "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0";
}

void TestProject::sha256MatchesPublishedVectors()
{
    QFETCH(QByteArray, text);
    QFETCH(QString, sum);
    QCOMPARE(QString::fromStdString(store::sha256({text.data(), std::size_t(text.size())})), sum);
    for (const int length : {55, 56, 57, 63, 64, 65, 119, 120, 128})
        QCOMPARE(store::sha256(std::string(std::size_t(length), 'x')).size(), 64u);
}

void TestProject::sha256OfAFileIsThatOfItsBytes()
{
    std::string bytes(200001, '\0');
    std::mt19937_64 random(7);
    for (char& c : bytes)
        c = char(random());
    const fs::path path = fresh();
    std::ofstream(path, std::ios::binary) << bytes;
    QCOMPARE(store::sha256File(path), store::sha256(bytes));
    QVERIFY_EXCEPTION_THROWN(store::sha256File(fresh()), Error);
}

void TestProject::hashIsOfContentAndNothingElse()
{
    const data::Run run = sample::log("a", 50, 1);
    const std::string hash = store::contentHash(run);
    QCOMPARE(hash.size(), 64u);
    data::Run moved = run;
    moved.source = "elsewhere";
    moved.format = "csv";
    QCOMPARE(store::contentHash(moved), hash);

    std::set<std::string> hashes = {hash};
    const auto differs = [&](auto change) {
        data::Run other = run;
        change(other);
        return hashes.insert(store::contentHash(other)).second;
    };
    QVERIFY(differs([](data::Run& r) { r.name = "b"; }));
    QVERIFY(differs([](data::Run& r) { r.kind = data::Kind::Table; }));
    QVERIFY(differs([](data::Run& r) { r.config["lr"] = 3.0000001e-4; }));
    QVERIFY(differs([](data::Run& r) { r.config["lr"] = std::string("3e-4"); }));
    QVERIFY(differs([](data::Run& r) { r.config["zero"] = 0.0; }));
    QVERIFY(differs([](data::Run& r) { r.config["zero"] = -0.0; }));
    QVERIFY(differs([](data::Run& r) { r.series.pop_back(); }));
    QVERIFY(differs([](data::Run& r) { std::swap(r.series[0], r.series[1]); }));
    QVERIFY(differs([](data::Run& r) { r.series[1].wall = nullptr; }));
    QVERIFY(differs([](data::Run& r) { r.series[1].wall = r.series[1].step; }));
    QVERIFY(differs([](data::Run& r) { r.text.push_back({"w", {0}, {"x"}}); }));
    QVERIFY(differs([](data::Run& r) { r.text.push_back({"w", {-1}, {"x"}}); }));
    QVERIFY(differs([](data::Run& r) { r.text.push_back({"wx", {0}, {""}}); }));
}

void TestProject::runsComeBackToTheBit_data()
{
    QTest::addColumn<bool>("memory");
    QTest::newRow("file") << false;
    QTest::newRow("memory") << true;
}

void TestProject::runsComeBackToTheBit()
{
    QFETCH(bool, memory);
    std::vector<data::Run> runs = {sample::odd(), sample::log("log", 1000, 3), data::Run{}};
    std::mt19937_64 random(11);
    std::vector<double> bits(4096);
    for (double& v : bits)
        v = std::bit_cast<double>(random());
    runs.push_back({.name = "bits", .format = "", .source = "", .kind = data::Kind::Log, .config = {},
                    .series = {{"v", sample::column(bits), sample::column(bits), nullptr}}, .text = {}});
    const fs::path path = fresh();
    Project project = memory ? Project::inMemory() : Project::open(path);
    QCOMPARE(project.add(runs), 4);
    if (!memory)
        project = Project::open(path);
    for (const data::Run& run : runs)
        QVERIFY2(sample::same(project.run(store::contentHash(run)), run), run.name.c_str());
    QVERIFY(project.warnings().empty());
}

void TestProject::seriesShareTheirSteps()
{
    Project project = Project::inMemory();
    const std::vector<data::Run> runs = {sample::log("a", 100, 1), sample::log("b", 100, 2)};
    project.add(runs);
    const std::vector<data::Run> back = project.runs();
    QCOMPARE(back.size(), 2u);
    QCOMPARE(back[0].series[0].step.get(), back[0].series[1].step.get());
    QCOMPARE(back[0].series[0].step.get(), back[1].series[0].step.get());
    QVERIFY(back[0].series[0].value.get() != back[1].series[0].value.get());
}

void TestProject::aboutHasNamesAndNoValues()
{
    Project project = Project::inMemory();
    const data::Run run = sample::log("a", 100, 1);
    project.add(std::span(&run, 1));
    const data::Run about = project.about(store::contentHash(run));
    QCOMPARE(about.name, run.name);
    QVERIFY(about.config == run.config);
    QCOMPARE(about.series.size(), run.series.size());
    QCOMPARE(about.series[1].name, std::string("metric1"));
    QVERIFY(about.series[1].value->empty() && about.series[1].step->empty());
}

void TestProject::sameContentIsAddedOnce()
{
    Project project = Project::inMemory();
    const std::vector<data::Run> runs = {sample::log("a", 10, 1), sample::log("b", 10, 2), sample::log("a", 10, 1)};
    QCOMPARE(project.add(runs), 2);
    QCOMPARE(project.undoLabel(), std::string("Import"));
    QCOMPARE(project.add(runs, "Again"), 0);
    QCOMPARE(project.undoLabel(), std::string("Import"));
    QVERIFY(project.undo());
    QVERIFY(project.workspace().runs.empty());
    QVERIFY(sample::same(project.run(store::contentHash(runs[1])), runs[1]));     // undo deletes no run
    QCOMPARE(project.add(std::span(runs).first(1)), 1);
    QCOMPARE(project.workspace().runs.size(), 1u);
    QVERIFY(!project.redo());
}

void TestProject::partsOfOneImportAreOneStep()
{
    Project project = Project::open(fresh());
    const auto packed = [](const char* name) { return std::vector{store::pack(sample::log(name, 20, 1))}; };
    project.add(packed("a"), "Import");
    project.keep(packed("b").front());
    QCOMPARE(project.workspace().runs.size(), 1u);
    QCOMPARE(project.addMore(packed("b"), "Import"), 1);
    Workspace zoomed = project.workspace();
    zoomed.filter = "x";
    project.amend(zoomed);          // is no edit
    project.addMore(packed("c"), "Import");
    QCOMPARE(project.workspace().runs.size(), 3u);
    Workspace edited = project.workspace();
    edited.runs[0].visible = false;
    project.edit("Hide", edited);
    project.addMore(packed("d"), "Import");
    QCOMPARE(project.workspace().runs.size(), 4u);
    std::vector<std::size_t> sizes;
    while (project.undo())
        sizes.push_back(project.workspace().runs.size());
    QCOMPARE(sizes, (std::vector<std::size_t>{3, 3, 0}));
    QCOMPARE(project.run(store::pack(sample::log("b", 20, 1)).hash()).name, "b");
}

void TestProject::coloursAreTheLowestFreeOnes()
{
    Project project = Project::inMemory();
    std::vector<data::Run> runs;
    for (int i = 0; i < 5; ++i)
        runs.push_back(sample::log(std::string("r").append(std::to_string(i)), 3, std::uint64_t(i)));
    project.add(std::span(runs).first(3));
    Workspace workspace = project.workspace();
    workspace.runs.erase(workspace.runs.begin() + 1);
    project.edit("Remove", workspace);
    project.add(std::span(runs).subspan(3));
    std::vector<int> colors;
    for (const RunEntry& entry : project.workspace().runs)
        colors.push_back(entry.color);
    QCOMPARE(colors, (std::vector<int>{0, 2, 1, 3}));
}

void TestProject::takenNamesGetANumber()
{
    Project project = Project::inMemory();
    const std::vector<data::Run> runs = {sample::log("a", 3, 1), sample::log("a", 3, 2), sample::log("a (2)", 3, 3)};
    project.add(runs);
    QCOMPARE(project.workspace().runs[1].name, std::string("a (2)"));
    QCOMPARE(project.workspace().runs[2].name, std::string("a (2) (2)"));
}

void TestProject::runsAreNamedAndOrderedAsInTheWorkspace()
{
    Project project = Project::inMemory();
    const std::vector<data::Run> runs = {sample::log("a", 3, 1), sample::log("b", 3, 2)};
    project.add(runs);
    Workspace workspace = project.workspace();
    std::swap(workspace.runs[0], workspace.runs[1]);
    workspace.runs[0].name = "renamed";
    project.edit("Rename", workspace);
    const std::vector<data::Run> back = project.runs();
    QCOMPARE(back[0].name, std::string("renamed"));
    QVERIFY(sample::sameBits(back[0].series[0].value, runs[1].series[0].value));
    QCOMPARE(back[1].name, std::string("a"));
    QCOMPARE(project.run(workspace.runs[0].hash).name, std::string("b"));
}

void TestProject::namesThatAreNotUtf8AreCalledAlikeBeforeAndAfter()
{
    const fs::path path = fresh();
    Project project = Project::open(path);
    const data::Run run = sample::odd();
    project.add(std::span(&run, 1));
    QVERIFY(Project::open(path).workspace() == project.workspace());
    QCOMPARE(Project::open(path).runs().at(0).name, project.workspace().runs[0].name);
    project.edit("nothing", project.workspace());
    QCOMPARE(project.undoLabel(), std::string("Import"));
}

void TestProject::unknownRunIsNamed()
{
    Project project = Project::inMemory();
    for (const std::string& hash : {std::string(64, 'a'), std::string("nonsense"), std::string()})
        QVERIFY_EXCEPTION_THROWN(project.run(hash), Error);
}

void TestProject::resultsAreKept()
{
    const fs::path path = fresh();
    {
        Project project = Project::open(path);
        QVERIFY(!project.result("k"));
        project.keepResult("k", "{\"a\":1}");
        project.keepResult("k", "{\"a\":2}");
        project.keepResult("empty", "");
        for (int i = 0; i < 40; ++i)
            project.keepResult(std::string("k").append(std::to_string(i)), std::string(5000, char('a' + i % 26)));
        QVERIFY(project.undoLabel().empty());
    }
    Project project = Project::open(path, Project::Mode::ReadOnly);
    QCOMPARE(project.result("k"), std::optional<std::string>("{\"a\":2}"));
    QCOMPARE(project.result("empty"), std::optional<std::string>(""));
    QCOMPARE(project.result("k27"), std::optional<std::string>(std::string(5000, 'b')));
    project.keepResult("new", "x");
    QVERIFY(!project.result("new"));
}

void TestProject::packedRunIsTheRun()
{
    for (const data::Run& run : {sample::odd(), sample::log("log", 1000, 3), data::Run{}}) {
        const store::Packed packed = store::pack(run);
        QCOMPARE(packed.hash(), store::contentHash(run));
        QCOMPARE(packed.name(), run.name);
        QVERIFY(sample::same(store::unpack(packed), run));
        Project project = Project::inMemory();
        QCOMPARE(project.add(std::span(&packed, 1)), 1);
        QCOMPARE(project.add(std::span(&run, 1)), 0);
        QCOMPARE(project.add(std::span(&packed, 1)), 0);
        QVERIFY(sample::same(project.run(packed.hash()), run));
        QCOMPARE(project.packed(packed.hash()).hash(), packed.hash());
        QVERIFY(sample::same(store::unpack(project.packed(packed.hash())), run));
    }
    QVERIFY_EXCEPTION_THROWN(Project::inMemory().packed(std::string(64, '0')), Error);
}

void TestProject::packedRunsMoveBetweenProjects()
{
    const data::Run run = sample::log("a", 200, 1);
    Project from = Project::inMemory(), to = Project::open(fresh());
    from.add(std::span(&run, 1));
    const data::Run inUse = from.run(store::contentHash(run));      // its columns are in memory now
    const store::Packed packed = from.packed(store::contentHash(run));
    QCOMPARE(to.add(std::span(&packed, 1)), 1);
    QVERIFY(sample::same(to.run(packed.hash()), run));
}

void TestProject::unpackingOnManyThreadsSharesColumns()
{
    Project project = Project::inMemory();
    std::vector<data::Run> runs;
    for (int i = 0; i < 16; ++i)
        runs.push_back(sample::log(std::string("r").append(std::to_string(i)), 2000, std::uint64_t(i)));
    project.add(runs);
    std::vector<store::Packed> packed;
    for (const RunEntry& entry : project.workspace().runs)
        packed.push_back(project.packed(entry.hash));
    std::vector<data::Run> back(packed.size());
    {
        std::vector<std::jthread> threads;
        for (std::size_t i = 0; i < packed.size(); ++i)
            threads.emplace_back([&, i] { back[i] = store::unpack(packed[i]); });
    }
    for (std::size_t i = 0; i < back.size(); ++i) {
        QVERIFY(sample::same(back[i], runs[i]));
        QCOMPARE(back[i].series[0].step.get(), back[0].series[1].step.get());
    }
}

void TestProject::largeRunComesBack()
{
    using Clock = std::chrono::steady_clock;
    auto start = Clock::now();
    const auto lap = [&] {
        const double ms = std::chrono::duration<double, std::milli>(Clock::now() - start).count();
        start = Clock::now();
        return ms;
    };
    const data::Run run = sample::log("large", 1'000'000, 5, 3);
    const fs::path path = fresh();
    Project project = Project::open(path);
    lap();
    const store::Packed packed = store::pack(run);
    const double packing = lap();
    QCOMPARE(project.add(std::span(&packed, 1)), 1);
    const double adding = lap();
    QCOMPARE(project.add(std::span(&packed, 1)), 0);
    const double again = lap();
    project = Project::open(path);
    lap();
    const store::Packed read = project.packed(packed.hash());
    const double reading = lap();
    const data::Run back = store::unpack(read);
    const double unpacking = lap();
    qInfo("1e6 records of 3 series, %.1f MB: packed in %.0f ms, added in %.1f ms, again in %.1f ms; read in %.1f ms, unpacked in %.0f ms",
          double(fs::file_size(path)) / 1e6, packing, adding, again, reading, unpacking);
    QVERIFY(sample::same(back, run));
    // What the thread of the project does is little beside what any other thread can do for it.
    QVERIFY2(adding < packing && reading < unpacking, "packing no longer does the work");
}

QTEST_GUILESS_MAIN(TestProject)
#include "tst_project.moc"
