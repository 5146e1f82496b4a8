// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/column.h"
#include "core/store/open.h"
#include "tests/store/files.h"
#include "tests/store/folder.h"
#include "tests/store/sample.h"

#include <QTest>

using store::Project;
namespace {

void discard(const fs::path& path)
{
    for (const char* suffix : {"", "-wal", "-shm"})
        fs::remove(path.string() + suffix);
}

}

class TestDamage : public QObject {
    Q_OBJECT
    Folder m_folder;
    fs::path fresh() { return m_folder.fresh(); }
    void use(const fs::path&, const std::vector<data::Run>&, int& opened, int& whole);

private slots:
    void damagedRunIsNamedAndTheRestLoads();
    void importRepairsADamagedRun();
    void newRunDoesNotInheritDamage();
    void alteredDescriptionIsNoticed_data();
    void alteredDescriptionIsNoticed();
    void damagedStepsAreSkipped();
    void damagedHistoryLeavesTheRuns();
    void hostileColumnsTakeNoMemory();
    void flippedBytesNeverCrashOrLie_data();
    void flippedBytesNeverCrashOrLie();
    void truncatedFilesNeverCrashOrLie();
    void damagedLogOfChangesNeverCrashesOrLies();
    void readingLeavesNothingBehind();
};

void TestDamage::damagedRunIsNamedAndTheRestLoads()
{
    const fs::path path = fresh();
    const std::vector<data::Run> runs = {sample::log("good", 100, 1), sample::log("bad", 100, 2), sample::log("also good", 9, 3)};
    Project::open(path).add(runs);
    const store::Hash lost = store::columnHash(*runs[1].series[1].value);
    {
        store::Database db = store::openToWrite(path);
        store::Statement row(db, "SELECT data FROM \"column\" WHERE hash=?", store::Bytes(lost));
        QVERIFY(row.step());
        std::vector<std::byte> data(row.bytes(0).begin(), row.bytes(0).end());
        data[data.size() / 2] ^= std::byte(4);
        store::run(db, "UPDATE \"column\" SET data=? WHERE hash=?", store::Bytes(data), store::Bytes(lost));
    }
    Project project = Project::open(path);
    const std::vector<data::Run> back = project.runs();
    QCOMPARE(back.size(), 2u);
    QVERIFY(sample::same(back[0], runs[0]) && sample::same(back[1], runs[2]));
    project.runs();
    QCOMPARE(project.warnings().size(), 1u);
    const QString warning = QString::fromStdString(project.warnings()[0]);
    QVERIFY2(warning.contains("Run 'bad'") && warning.contains("'metric1'") && warning.contains("logs/2.jsonl"), qPrintable(warning));
    QCOMPARE(error([&] { project.run(store::contentHash(runs[1])); }), warning);
    const store::Packed packed = project.packed(store::contentHash(runs[1]));   // only moves bytes
    QCOMPARE(error([&] { store::unpack(packed); }), warning);
    Project other = Project::inMemory();
    QCOMPARE(error([&] { other.add(std::span(&packed, 1)); }), warning);
    QVERIFY(other.workspace().runs.empty());
    QCOMPARE(project.about(store::contentHash(runs[1])).series.size(), 2u);
}

void TestDamage::importRepairsADamagedRun()
{
    const fs::path path = fresh();
    const std::vector<data::Run> runs = {sample::log("a", 100, 1), sample::log("b", 100, 2)};
    Project::open(path).add(runs);
    store::openToWrite(path).exec("UPDATE \"column\" SET data=zeroblob(50) WHERE id=1");
    Project project = Project::open(path);
    QVERIFY(project.runs().empty());        // the steps are shared
    QCOMPARE(project.add(std::span(runs).first(1)), 1);
    QCOMPARE(project.runs().size(), 2u);
    QVERIFY(sample::same(project.run(store::contentHash(runs[0])), runs[0]));
    QCOMPARE(project.workspace().runs.size(), 2u);
    QCOMPARE(project.add(runs), 0);
}

void TestDamage::newRunDoesNotInheritDamage()
{
    const fs::path path = fresh();
    const std::vector<data::Run> runs = {sample::log("a", 100, 1), sample::log("b", 100, 2)};
    Project::open(path).add(std::span(runs).first(1));
    store::openToWrite(path).exec("UPDATE \"column\" SET data=zeroblob(50)");
    Project project = Project::open(path);
    project.add(std::span(runs).subspan(1));
    QVERIFY(sample::same(project.run(store::contentHash(runs[1])), runs[1]));
}

void TestDamage::alteredDescriptionIsNoticed_data()
{
    QTest::addColumn<QString>("sql");
    for (const char* sql : {"UPDATE run SET name='other'", "UPDATE run SET source='other'", "UPDATE run SET format='other'",
                            "UPDATE run SET kind='table'", "UPDATE run SET config='[]'", "UPDATE run SET config='not json'",
                            "UPDATE run SET config='[[1,2,3]]'", "UPDATE run SET config='[[\"lr\"]]'", "UPDATE run SET config='{}'",
                            "UPDATE run SET config='[[\"lr\",{\"float64\":\"zz\"}]]'", "UPDATE run SET config='[[\"lr\",null]]'",
                            "UPDATE run SET config=x'ff00ff'", "UPDATE run SET seal=x''", "UPDATE series SET name='x'",
                            "UPDATE series SET step=value", "UPDATE series SET wall=NULL", "UPDATE series SET value='x'",
                            "UPDATE series SET value=99", "DELETE FROM series WHERE ordinal=1", "UPDATE \"column\" SET n=n+1",
                            "UPDATE \"column\" SET hash=zeroblob(32) WHERE id=2", "UPDATE \"column\" SET hash='x' WHERE id=2",
                            "DELETE FROM \"column\" WHERE id=3", "INSERT INTO words VALUES(1,0,'w',1,'[]')",
                            "INSERT INTO words VALUES(1,0,'w',1,'[1]')", "UPDATE \"column\" SET data='' WHERE id=1"})
        QTest::newRow(sql) << sql;
}

void TestDamage::alteredDescriptionIsNoticed()
{
    QFETCH(QString, sql);
    const fs::path path = fresh();
    const data::Run run = sample::log("a", 20, 1);
    Project::open(path).add(std::span(&run, 1));
    store::openToWrite(path).exec(sql.toUtf8());
    Project project = Project::open(path);
    QVERIFY(project.runs().empty());
    QCOMPARE(project.warnings().size(), 1u);
    QVERIFY2(project.warnings()[0].starts_with("Run '"), project.warnings()[0].c_str());
    QCOMPARE(project.add(std::span(&run, 1)), 1);
    QVERIFY(sample::same(project.runs().at(0), run));
}

void TestDamage::damagedStepsAreSkipped()
{
    const fs::path path = fresh();
    {
        Project project = Project::open(path);
        for (const char* filter : {"a", "b", "c", "d"})
            project.edit(filter, sample::filtered({}, filter));
    }
    store::openToWrite(path).exec("UPDATE history SET workspace=x'00' WHERE seq IN (2, 4)");
    Project project = Project::open(path);
    QCOMPARE(project.workspace().filter, std::string("c"));
    QCOMPARE(project.warnings().size(), 1u);
    QVERIFY(project.undo());
    QCOMPARE(project.workspace().filter, std::string("a"));
    QVERIFY(project.redo());
    QCOMPARE(project.workspace().filter, std::string("c"));
    project.edit("e", sample::filtered({}, "e"));
    Project again = Project::open(path);
    QCOMPARE(again.workspace().filter, std::string("e"));
    QVERIFY(again.warnings().empty());
}

void TestDamage::damagedHistoryLeavesTheRuns()
{
    const fs::path path = fresh();
    const std::vector<data::Run> runs = {sample::log("a", 20, 1), sample::log("b", 20, 2)};
    Project::open(path).add(runs);
    store::openToWrite(path).exec("UPDATE history SET workspace=x'00'");
    Project project = Project::open(path);
    QCOMPARE(project.warnings().size(), 1u);
    QCOMPARE(project.runs().size(), 2u);
    project.edit("e", sample::filtered(project.workspace(), "e"));
    Project again = Project::open(path);
    QVERIFY(again.warnings().empty());
    QCOMPARE(again.runs().size(), 2u);
}

void TestDamage::hostileColumnsTakeNoMemory()
{
    const store::Hash hash = store::columnHash(std::vector<double>{1, 2});
    const std::vector<std::byte> sound = store::packColumn(std::vector<double>{1, 2}, hash);
    QVERIFY(store::unpackColumn(sound, hash, 2));
    for (const std::int64_t n : {std::int64_t(-1), std::int64_t(0), std::int64_t(3), std::int64_t(1) << 40, std::int64_t(1) << 62})
        QVERIFY(!store::unpackColumn(sound, hash, n));
    QVERIFY(!store::unpackColumn(sound, store::Hash{}, 2));
    QVERIFY(!store::unpackColumn({}, hash, 2));
    for (std::size_t i = 0; i < sound.size(); ++i)
        for (int bit = 0; bit < 8; ++bit) {
            std::vector<std::byte> flipped = sound;
            flipped[i] ^= std::byte(1 << bit);
            const auto back = store::unpackColumn(flipped, hash, 2);
            QVERIFY2(!back || *back == (std::vector<double>{1, 2}), qPrintable(QString("byte %1 bit %2").arg(i).arg(bit)));
        }
}

// Does all that a user could with a damaged project. What loads under a hash must be what was stored under it.
void TestDamage::use(const fs::path& path, const std::vector<data::Run>& runs, int& opened, int& whole)
{
    for (const auto mode : {Project::Mode::ReadOnly, Project::Mode::ReadWrite}) {
        std::optional<Project> project;
        const QString message = error([&] { project = Project::open(path, mode); });
        if (!project) {
            QVERIFY2(message.contains(QString::fromStdString(path.string())), qPrintable(message));
            continue;
        }
        ++opened;
        for (const data::Run& run : runs) {
            const std::string hash = store::contentHash(run);
            error([&] {
                const data::Run back = project->run(hash);
                ++whole;
                if (!sample::same(back, run))
                    throw std::runtime_error("a damaged run was taken for sound");
            });
            error([&] { project->about(hash); });
        }
        error([&] { project->runs(); });
        error([&] { project->undoLabel(), project->redoLabel(), project->reload(); });
        error([&] { while (project->undo()) { } });
        error([&] { while (project->redo()) { } });
        error([&] { project->edit("edit", sample::filtered(project->workspace(), "edited")); });
        error([&] { project->add(runs); });
        error([&] { project->result("key"); });
        project->keepResult("key", "{}");
    }
}

void TestDamage::flippedBytesNeverCrashOrLie_data()
{
    QTest::addColumn<int>("first");
    for (int first = 0; first < 200; first += 50)
        QTest::addRow("seeds from %d", first) << first;
}

void TestDamage::flippedBytesNeverCrashOrLie()
{
    QFETCH(int, first);
    std::vector<data::Run> runs = {sample::log("a", 3000, 1), sample::log("b", 400, 2, 5), sample::odd()};
    const fs::path path = fresh();
    {
        Project project = Project::open(path);
        for (const data::Run& run : runs)
            project.add(std::span(&run, 1));
        for (int i = 0; i < 8; ++i)
            project.edit(std::to_string(i), sample::filtered(project.workspace(), std::to_string(i)));
        project.undo();
        project.keepResult("key", "{\"value\":1}");
    }
    const std::string sound = read(path);
    int opened = 0, whole = 0;
    for (int seed = first; seed < first + 50; ++seed) {
        std::mt19937_64 random{std::uint64_t(seed)};
        std::string bytes = sound;
        if (seed % 4 == 3) {                            // a page lost, or found where another belongs
            const std::size_t pages = bytes.size() / 4096, page = random() % pages;
            if (seed % 8 == 3)
                std::fill_n(bytes.begin() + std::ptrdiff_t(page * 4096), 4096, '\0');
            else
                bytes.replace(page * 4096, 4096, sound, random() % pages * 4096, 4096);
        } else {
            const std::size_t flips = std::size_t(1) << random() % 7;
            // Small structures at the start of the file are hit as often as the large blobs behind them.
            for (std::size_t i = 0; i < flips; ++i)
                bytes[random() % (seed % 4 == 2 ? 4096 : bytes.size())] ^= char(1 << random() % 8);
        }
        const fs::path damaged = fresh();
        write(damaged, bytes);
        use(damaged, runs, opened, whole);
        discard(damaged);
        if (QTest::currentTestFailed())
            return;
    }
    qInfo("%d of 100 openings succeeded, %d of 300 runs were whole", opened, whole);
    QVERIFY(opened > 0 && opened < 100);
}

void TestDamage::truncatedFilesNeverCrashOrLie()
{
    const std::vector<data::Run> runs = {sample::log("a", 2000, 1), sample::log("b", 50, 2)};
    const fs::path path = fresh();
    Project::open(path).add(runs);
    const std::string sound = read(path);
    int opened = 0, whole = 0;
    for (std::size_t part = 1; part < 24; ++part) {
        const fs::path damaged = fresh();
        write(damaged, std::string_view(sound).substr(0, sound.size() * part / 24));
        use(damaged, runs, opened, whole);
        discard(damaged);
        if (QTest::currentTestFailed())
            return;
    }
}

void TestDamage::damagedLogOfChangesNeverCrashesOrLies()
{
    const std::vector<data::Run> runs = {sample::log("a", 2000, 1), sample::log("b", 50, 2)};
    const fs::path path = fresh();
    Project open = Project::open(path);
    open.add(runs);
    for (int i = 0; i < 5; ++i)
        open.edit(std::to_string(i), sample::filtered(open.workspace(), std::to_string(i)));
    // Copied while it is open: the changes lie in the log beside the file, as after a crash.
    const std::string sound = read(path), log = read(path.string() + "-wal");
    QVERIFY(log.size() > 4096);
    int opened = 0, whole = 0;
    for (int seed = 0; seed < 40; ++seed) {
        std::mt19937_64 random{std::uint64_t(seed)};
        std::string bytes = log;
        for (std::size_t i = 0; i < 1 + random() % 4; ++i)
            bytes[random() % bytes.size()] ^= char(1 << random() % 8);
        if (seed % 3 == 0)
            bytes.resize(random() % bytes.size());
        const fs::path damaged = fresh();
        write(damaged, sound);
        write(damaged.string() + "-wal", bytes);
        use(damaged, runs, opened, whole);
        discard(damaged);
        if (QTest::currentTestFailed())
            return;
    }
    QVERIFY(opened > 0);
}

void TestDamage::readingLeavesNothingBehind()
{
    const Folder folder;
    const fs::path path = folder.file("p.isoloss");
    const data::Run run = sample::log("a", 50, 1);
    Project::open(path).add(std::span(&run, 1));
    const std::string before = read(path);
    {
        Project project = Project::open(path, Project::Mode::ReadOnly);
        QVERIFY(sample::same(project.runs().at(0), run));
        QVERIFY(!project.undo());
        QVERIFY(error([&] { project.edit("a", sample::filtered({}, "a")); }).contains("reading only"));
        QVERIFY(error([&] { project.add(std::span(&run, 1)); }).contains("reading only"));
    }
    QVERIFY(read(path) == before);
    QCOMPARE(std::distance(fs::directory_iterator(path.parent_path()), fs::directory_iterator()), 1);
}

QTEST_GUILESS_MAIN(TestDamage)
#include "tst_damage.moc"
