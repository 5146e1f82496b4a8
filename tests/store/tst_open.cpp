// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/open.h"
#include "tests/store/files.h"
#include "tests/store/folder.h"
#include "tests/store/sample.h"

#include <QTest>

#include <array>

using store::Project;

namespace {

// A file as it might have been in a version that never was.
void version1(store::Database& db) { db.exec("CREATE TABLE old(a); INSERT INTO old VALUES(41), (42)"); }
void version2(store::Database& db) { db.exec("ALTER TABLE old ADD COLUMN b; UPDATE old SET b = a * 2"); }
void version3(store::Database& db) { db.exec("CREATE TABLE newer(c); INSERT INTO newer SELECT b FROM old; DROP TABLE old"); }
void broken(store::Database& db)
{
    db.exec("DROP TABLE old");
    db.exec("INSERT INTO nowhere VALUES(1)");
}

}

class TestOpen : public QObject {
    Q_OBJECT
    Folder m_folder;
    fs::path fresh() { return m_folder.fresh(); }

private slots:
    void olderFilesAreMigrated();
    void failedMigrationLeavesTheFileAsItWas();
    void olderFilesAreReadWithoutBeingChanged();
    void foreignFilesAreRefusedUnchanged_data();
    void foreignFilesAreRefusedUnchanged();
    void newerFilesAreRefused();
    void missingFilesAndFoldersAreNamed();
    void emptyFileBecomesAProject();
};

void TestOpen::olderFilesAreMigrated()
{
    const fs::path path = fresh();
    const std::array<store::Migration, 3> all = {version1, version2, version3};
    store::openToWrite(path, std::span(all).first(1));
    for (int again = 0; again < 2; ++again) {
        store::Database db = store::openToWrite(path, all);
        QCOMPARE(db.integer("SELECT sum(c) FROM newer"), 166);
        QCOMPARE(db.integer("PRAGMA user_version"), 3);
        QCOMPARE(db.integer("PRAGMA application_id"), store::applicationId);
    }
}

void TestOpen::failedMigrationLeavesTheFileAsItWas()
{
    const fs::path path = fresh();
    const std::array<store::Migration, 3> all = {version1, version2, broken};
    store::openToWrite(path, std::span(all).first(1));
    QVERIFY(!error([&] { store::openToWrite(path, all); }).isEmpty());
    store::Database db = store::openToWrite(path, std::span(all).first(1));
    QCOMPARE(db.integer("PRAGMA user_version"), 1);
    QCOMPARE(db.integer("SELECT sum(a) FROM old"), 83);
}

void TestOpen::olderFilesAreReadWithoutBeingChanged()
{
    const fs::path path = fresh();
    const std::array<store::Migration, 3> all = {version1, version2, version3};
    store::openToWrite(path, std::span(all).first(1));
    const std::string before = read(path);
    QCOMPARE(store::openToRead(path, all).integer("SELECT sum(c) FROM newer"), 166);
    QVERIFY(read(path) == before);
}

void TestOpen::foreignFilesAreRefusedUnchanged_data()
{
    QTest::addColumn<QByteArray>("bytes");
    const fs::path path = fresh();
    {
        store::Database db(path, store::Database::Access::Create);
        db.exec("CREATE TABLE bookmarks(a)");
    }
    const std::string other = read(path);
    QTest::newRow("text") << QByteArray("step,loss\n1,2\n");
    QTest::newRow("long text") << QByteArray(10000, 'x');
    QTest::newRow("zeros") << QByteArray(4096, '\0');
    QTest::newRow("only the magic") << QByteArray("SQLite format 3\0", 16);
    QTest::newRow("another program's database") << QByteArray(other.data(), qsizetype(other.size()));
}

void TestOpen::foreignFilesAreRefusedUnchanged()
{
    QFETCH(QByteArray, bytes);
    for (const auto mode : {Project::Mode::ReadOnly, Project::Mode::ReadWrite}) {
        const fs::path path = fresh();
        write(path, {bytes.data(), std::size_t(bytes.size())});
        const QString message = error([&] { Project::open(path, mode); });
        QVERIFY2(message.contains(QString::fromStdString(path.string())), qPrintable(message));
        QVERIFY2(message.contains("not an Isoloss project") || message.contains("damaged"), qPrintable(message));
        QVERIFY(read(path) == std::string(bytes.data(), std::size_t(bytes.size())));
    }
}

void TestOpen::newerFilesAreRefused()
{
    const fs::path path = fresh();
    store::openToWrite(path).exec("PRAGMA user_version=7");
    for (const auto mode : {Project::Mode::ReadOnly, Project::Mode::ReadWrite}) {
        const QString message = error([&] { Project::open(path, mode); });
        QVERIFY2(message.contains("newer Isoloss") && message.contains("update"), qPrintable(message));
    }
}

void TestOpen::missingFilesAndFoldersAreNamed()
{
    const fs::path folder = m_folder.path();
    QVERIFY(error([&] { Project::open(folder / "none.isoloss", Project::Mode::ReadOnly); }).contains("no project"));
    QVERIFY(!fs::exists(folder / "none.isoloss"));
    QVERIFY(error([&] { Project::open(folder / "no" / "p.isoloss"); }).contains("no folder"));
    QVERIFY(error([&] { Project::open(folder); }).contains("is a folder"));
    QVERIFY(error([&] { Project::open("/dev/null"); }).contains("no ordinary file"));
    for (const char* name : {"with space.isoloss", "what?.isoloss", "50%20#1.isoloss", "d\xc3\xa9j\xc3\xa0.isoloss", "no suffix"}) {
        { Project::open(folder / name).edit("a", sample::filtered({}, "a")); }
        QCOMPARE(Project::open(folder / name, Project::Mode::ReadOnly).workspace().filter, std::string("a"));
        QVERIFY2(fs::exists(folder / name), name);
    }
}

void TestOpen::emptyFileBecomesAProject()
{
    const fs::path path = fresh();
    write(path, "");
    QVERIFY(error([&] { Project::open(path, Project::Mode::ReadOnly); }).contains("empty"));
    Project::open(path).edit("a", sample::filtered({}, "a"));
    QCOMPARE(Project::open(path).workspace().filter, std::string("a"));
}

QTEST_GUILESS_MAIN(TestOpen)
#include "tst_open.moc"
