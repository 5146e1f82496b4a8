// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/session/session.h"

#include <QDir>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

// Importing as the window does it: in parts, while events go on.
class TestImport : public QObject {
    Q_OBJECT
    QTemporaryDir m_dir;
    QString write(const QString& name, int rows, double loss) const
    {
        const QString path = m_dir.filePath(name);
        QDir().mkpath(QFileInfo(path).path());
        QFile out(path);
        if (!out.open(QIODevice::WriteOnly))
            return {};
        out.write("step,loss,lr,grad_norm\n");
        QByteArray text;
        for (int step = 0; step < rows; ++step)
            text += QByteArray::number(step) + ',' + QByteArray::number(loss + 1. / (step + 1), 'g', 9) + ",0.0003,1.25\n";
        out.write(text);
        return path;
    }

private slots:
    void foldersTellRunsOfOneNameApart()
    {
        write(QStringLiteral("apart/a/log.csv"), 5, 3), write(QStringLiteral("apart/b/log.csv"), 5, 2), write(QStringLiteral("apart/c/log.csv"), 5, 3);
        Session session;
        QVERIFY(session.open(m_dir.filePath(QStringLiteral("apart.isoloss"))));
        session.importFiles({m_dir.filePath(QStringLiteral("apart"))});
        QTRY_VERIFY(!session.isBusy());
        QStringList names;
        for (const RunEntry& entry : session.workspace().runs)
            names << QString::fromStdString(entry.name);
        QCOMPARE(names, QStringList({QStringLiteral("a/log"), QStringLiteral("b/log"), QStringLiteral("c/log")}));
        QCOMPARE(session.undoLabel(), QStringLiteral("Import"));
    }

    // The first runs are there before the last file is read; all of them are one step of undo.
    void largeFoldersComeInParts()
    {
        for (int i = 0; i < 40; ++i)
            write(QStringLiteral("many/run%1.csv").arg(i, 2, 10, QLatin1Char('0')), 60'000, i);
        Session session;
        QVERIFY(session.open(m_dir.filePath(QStringLiteral("many.isoloss"))));
        std::vector<std::size_t> listed;
        QElapsedTimer since;
        qint64 longest = 0;
        QTimer beat;
        connect(&beat, &QTimer::timeout, this, [&] { longest = std::max(longest, since.restart()); });
        connect(&session, &Session::workspaceChanged, this, [&] { listed.push_back(session.workspace().runs.size()); });
        since.start();
        beat.start(0);
        session.importFiles({m_dir.filePath(QStringLiteral("many"))});
        QTRY_VERIFY_WITH_TIMEOUT(!session.isBusy(), 60'000);
        QCOMPARE(session.workspace().runs.size(), std::size_t(40));
        QVERIFY2(listed.size() > 1 && listed.front() < 40, "all runs came at once");
        QCOMPARE(session.shown().runs.size(), std::size_t(40));
        QCOMPARE(session.shown().runs.back().series.front().value->size(), std::size_t(60'000));
        qInfo("%d parts, longest silence of the event loop %lld ms", int(listed.size()), static_cast<long long>(longest));
        QVERIFY(session.undo());
        QVERIFY(session.workspace().runs.empty());
        QVERIFY(session.redo());
        QCOMPARE(session.workspace().runs.size(), std::size_t(40));
    }

    void whatIsDoneMeanwhileStaysAStepOfItsOwn()
    {
        Session session;
        QVERIFY(session.open(m_dir.filePath(QStringLiteral("meanwhile.isoloss"))));
        bool done = false;
        connect(&session, &Session::workspaceChanged, this, [&] {
            if (done || session.workspace().runs.empty())
                return;
            done = true;
            QTimer::singleShot(0, &session, [&] {
                Workspace next = session.workspace();
                next.runs.front().visible = false;
                session.edit(QStringLiteral("Hide"), next);
            });
        });
        session.importFiles({m_dir.filePath(QStringLiteral("many"))});
        QTRY_VERIFY_WITH_TIMEOUT(!session.isBusy(), 60'000);
        QCOMPARE(session.workspace().runs.size(), std::size_t(40));
        QVERIFY(!session.workspace().runs.front().visible);
        while (session.undo()) { }
        QVERIFY(session.workspace().runs.empty());
    }

    void cancelledImportKeepsWhatIsListed()
    {
        Session session;
        QVERIFY(session.open(m_dir.filePath(QStringLiteral("cancelled.isoloss"))));
        connect(&session, &Session::workspaceChanged, this, [&] { QTimer::singleShot(0, &session, &Session::cancel); });
        session.importFiles({m_dir.filePath(QStringLiteral("many"))});
        QTRY_VERIFY_WITH_TIMEOUT(!session.isBusy(), 60'000);
        const std::size_t kept = session.workspace().runs.size();
        QVERIFY(kept > 0);
        session.importFiles({m_dir.filePath(QStringLiteral("many"))});      // and the next one finds the rest
        disconnect(&session, nullptr, this, nullptr);
        QTRY_VERIFY_WITH_TIMEOUT(!session.isBusy(), 60'000);
        QCOMPARE(session.workspace().runs.size(), std::size_t(40));
    }
};

QTEST_GUILESS_MAIN(TestImport)
#include "tst_import.moc"
