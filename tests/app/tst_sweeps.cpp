// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/panel/mainwindow.h"

#include <QAction>
#include <QApplication>
#include <QComboBox>
#include <QDir>
#include <QElapsedTimer>
#include <QJsonDocument>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QSettings>
#include <QStandardItemModel>
#include <QStandardPaths>
#include <QTableView>
#include <QTableWidget>
#include <QTemporaryDir>
#include <QTest>

#include <thread>

// Sweeps in the window: with the real trainer, and with trainers that misbehave.
class TestSweeps : public QObject {
    Q_OBJECT

    QByteArray m_path;
    std::unique_ptr<QTemporaryDir> m_dir;

    static void put(const QString& path, const QByteArray& bytes, bool append = false)
    {
        QFile file(path);
        QVERIFY(file.open(append ? QIODevice::Append : QIODevice::WriteOnly) && file.write(bytes) == bytes.size());
    }
    // A trainer on the PATH: the real one, or the one that misbehaves.
    void trainer(const char* fake)
    {
        if (!fake) {
            qputenv("PATH", QByteArray(BINARY_DIR "/bin:") + m_path);
            return;
        }
        const QString there = m_dir->filePath(QStringLiteral("isoloss-proxy"));
        QVERIFY(QFile::copy(QStringLiteral(SOURCE_DIR "/tests/app/faketrainer.sh"), there));
        if (QByteArray(fake) == "never starts")
            put(there, "#!/no/such/program\n");
        QVERIFY(QFile(there).setPermissions(QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner));
        qputenv("FAKE", fake);
        qputenv("PATH", m_dir->path().toUtf8() + ':' + m_path);
    }
    template <class T>
    static T* child(QWidget& in, const char* name)
    {
        return in.findChild<T*>(QString::fromLatin1(name));
    }
    void show(MainWindow& window)
    {
        window.resize(1280, 800);
        window.show();
        window.openProject(m_dir->filePath(QStringLiteral("p.isoloss")));
        window.showSweepPanel(true);
    }

private slots:
    void initTestCase()
    {
        m_path = qgetenv("PATH");
        qputenv("ISOLOSS_PLUGIN_PATH", BINARY_DIR "/bin/plugins");
        QStandardPaths::setTestModeEnabled(true);
        QCoreApplication::setOrganizationName(QStringLiteral("isoloss-test"));
        QCoreApplication::setApplicationName(QStringLiteral("isoloss-sweeps"));
    }
    void init()
    {
        QSettings().clear();
        m_dir = std::make_unique<QTemporaryDir>();
        qunsetenv("FAKE");
    }

    void aSweepIsDesignedStartedFollowedAndFoundAgain()
    {
        trainer(nullptr);
        QString folder;
        {
            MainWindow window;
            show(window);
            SweepPanel& panel = window.sweeps();
            auto* steps = child<QLineEdit>(panel, "sweepSteps");
            steps->setFocus();
            steps->selectAll();
            QTest::keyClicks(steps, QStringLiteral("60"));
            QTest::keyClick(steps, Qt::Key_Return);
            QVERIFY(panel.spec().contains("\"steps\": 60"));
            auto* cost = child<QLabel>(panel, "sweepCost");
            QTRY_VERIFY_WITH_TIMEOUT(cost->text().contains(QLatin1String("6 members")) && !panel.isBusy(), 30000);
            QVERIFY2(cost->text().contains(QLatin1String("FLOPs")) && cost->text().contains(QLatin1String("memory")), qPrintable(cost->text()));
            auto* start = child<QPushButton>(panel, "sweepStart");
            QVERIFY(start->isEnabled());
            QTest::mouseClick(start, Qt::LeftButton);
            folder = panel.watch().folder();
            QVERIFY(!folder.isEmpty());
            auto* table = child<QTableView>(panel, "sweepMembers");
            QTRY_COMPARE_WITH_TIMEOUT(table->model()->rowCount(), 6, 30000);
            QTRY_VERIFY_WITH_TIMEOUT(panel.watch().look().folder.isFinished() && !panel.watch().look().isLive(), 60000);
            // The members are ordinary runs, as far as they were trained.
            QTRY_COMPARE_WITH_TIMEOUT(window.session().workspace().runs.size(), std::size_t(6), 20000);
            const auto whole = [&] {
                for (const RunEntry& entry : window.session().workspace().runs) {
                    const data::Run* run = window.session().run(entry.hash);
                    if (!run || !run->config.contains("status") || store::contentHash(*run) != entry.hash)
                        return false;
                }
                return !window.isBusy();
            };
            QTRY_VERIFY_WITH_TIMEOUT(whole(), 20000);
            const auto* loss = window.session().run(window.session().workspace().runs[0].hash)->find("loss");
            QVERIFY(loss && loss->step->back() == 59);
            QVERIFY2(child<QLabel>(panel, "sweepState")->text().contains(QLatin1String("6 done")), qPrintable(child<QLabel>(panel, "sweepState")->text()));
            // Designed again as it was it would go on in the same folder, where all is done.
            panel.showMembers(false);
            QTRY_VERIFY2_WITH_TIMEOUT(cost->text().contains(QLatin1String("6 of them are finished")), qPrintable(cost->text()), 20000);
            window.close();
        }
        MainWindow other;
        other.show();
        other.openProject(m_dir->filePath(QStringLiteral("other.isoloss")));
        other.openPaths({folder});      // as a folder that is dropped
        QTRY_COMPARE_WITH_TIMEOUT(other.session().workspace().runs.size(), std::size_t(6), 20000);
        QCOMPARE(child<QTableView>(other.sweeps(), "sweepMembers")->model()->rowCount(), 6);
        QTRY_VERIFY_WITH_TIMEOUT(!other.isBusy(), 20000);
    }

    void editsOfTheFormAreUndoable()
    {
        trainer(nullptr);
        MainWindow window;
        show(window);
        SweepPanel& panel = window.sweeps();
        panel.usePreset(QStringLiteral("fig1"));
        QVERIFY(panel.spec().contains("qk_norm"));
        auto* sizes = child<QTableWidget>(panel, "sweepSizes");
        QCOMPARE(sizes->rowCount(), 3);
        sizes->item(0, 1)->setText(QStringLiteral("24"));
        QTRY_VERIFY(panel.spec().contains("24"));
        QCOMPARE(child<QTableWidget>(panel, "sweepSizes")->item(0, 3)->text(), QStringLiteral("13.8k"));
        auto* factor = child<QLineEdit>(panel, "factor-qk_norm");
        QVERIFY(factor);
        QCOMPARE(factor->text(), QStringLiteral("off, head"));
        QTest::qWait(550);      // two edits of a label within half a second are one step
        child<QAction>(window, "undo")->trigger();
        QTRY_COMPARE(child<QTableWidget>(panel, "sweepSizes")->item(0, 1)->text(), QStringLiteral("16"));
        child<QAction>(window, "undo")->trigger();
        QTRY_COMPARE(child<QTableWidget>(panel, "sweepSizes")->rowCount(), 2);
    }

    void aWrongSpecificationIsNamedByItsPlace()
    {
        trainer(nullptr);
        MainWindow window;
        show(window);
        SweepPanel& panel = window.sweeps();
        auto* rates = child<QLineEdit>(panel, "sweepRates");
        rates->setFocus();
        rates->selectAll();
        QTest::keyClicks(rates, QStringLiteral("1e-3, quick"));
        QTest::keyClick(rates, Qt::Key_Return);
        auto* cost = child<QLabel>(panel, "sweepCost");
        QTRY_VERIFY2_WITH_TIMEOUT(cost->text().contains(QLatin1String("/grid/lr/1")), qPrintable(cost->text()), 20000);
        QTRY_VERIFY(!child<QPushButton>(panel, "sweepStart")->isEnabled());
    }

    void devicesSayWhyTheyAreNotThere()
    {
        trainer(nullptr);
        MainWindow window;
        show(window);
        auto* device = child<QComboBox>(window, "sweepDevice");
        QTRY_VERIFY_WITH_TIMEOUT(device->count() >= 3, 20000);
        const int gpu = device->findData(QStringLiteral("cuda:0"));
        QVERIFY(gpu > 0);
        if (!qobject_cast<QStandardItemModel*>(device->model())->item(gpu)->isEnabled())
            QVERIFY(device->itemData(gpu, Qt::ToolTipRole).toString().size() > 20);
    }

    void theWindowSurvivesItsTrainer_data()
    {
        QTest::addColumn<QString>("says");
        QTest::addColumn<bool>("mustBeStopped");
        QTest::newRow("aborts") << "signal 6" << false;
        QTest::newRow("garbage") << "error of its own" << false;
        QTest::newRow("diskfull") << "no space left" << false;
        QTest::newRow("gpulost") << "fell off the bus" << false;
        QTest::newRow("never starts") << "could not be started" << false;
        QTest::newRow("hangs") << "without a word" << true;
        QTest::newRow("floods") << "" << true;
    }
    void theWindowSurvivesItsTrainer()
    {
        QFETCH(QString, says);
        QFETCH(bool, mustBeStopped);
        const QByteArray fake = QTest::currentDataTag();
        trainer(fake.constData());
        MainWindow window;
        show(window);
        SweepPanel& panel = window.sweeps();
        auto* start = child<QPushButton>(panel, "sweepStart");
        QTRY_VERIFY_WITH_TIMEOUT(!panel.isBusy(), 20000);
        const QString folder = child<QLineEdit>(panel, "sweepFolder")->text();
        if (fake == "never starts") {
            // Its plan fails as well: the button is not offered, so the launch is made by hand.
            QVERIFY(!start->isEnabled());
            QDir().mkpath(folder);
            QCOMPARE(local::start(panel.runner()->run({.spec = folder + QStringLiteral("/spec.json"), .folder = folder, .device = QStringLiteral("cpu"), .only = {}}), folder), QString());
            panel.watch().open(folder);
        } else {
            QVERIFY2(start->isEnabled(), qPrintable(child<QLabel>(panel, "sweepCost")->text() + child<QLabel>(panel, "sweepWhy")->text()));
            QTest::mouseClick(start, Qt::LeftButton);
        }
        if (mustBeStopped) {
            QTRY_VERIFY_WITH_TIMEOUT(panel.watch().look().running && panel.watch().look().folder.members().size() == 2, 20000);
            if (fake == "floods")
                QTest::qWait(1500);
            panel.stop();
            if (fake == "hangs") {
                QTest::qWait(500);
                QVERIFY(local::isRunning(folder));
                QCOMPARE(child<QPushButton>(panel, "sweepStop")->text(), QStringLiteral("End now"));
                panel.stop();
            }
        }
        QTRY_VERIFY2_WITH_TIMEOUT(panel.watch().look().ending.known && !panel.watch().look().running, fake.constData(), 20000);
        QTRY_VERIFY2_WITH_TIMEOUT(panel.sentence().contains(says), qPrintable(panel.sentence()), 10000);
        // What there is of the log is a run all the same.
        if (fake != "never starts")
            QTRY_VERIFY_WITH_TIMEOUT(!window.session().workspace().runs.empty(), 10000);
        QTRY_VERIFY_WITH_TIMEOUT(!window.isBusy(), 20000);
        if (fake == "floods")
            QVERIFY(QFileInfo(folder + QStringLiteral("/.launch/out")).size() < (qint64(4) << 30));
    }

    void aPlanThatFailsIsASentence_data()
    {
        QTest::addColumn<QString>("says");
        QTest::newRow("plangarbage") << "cannot be read";
        QTest::newRow("planaborts") << "without a word";
    }
    void aPlanThatFailsIsASentence()
    {
        QFETCH(QString, says);
        trainer(QTest::currentDataTag());
        MainWindow window;
        show(window);
        auto* cost = child<QLabel>(window, "sweepCost");
        QTRY_VERIFY2_WITH_TIMEOUT(cost->text().contains(says), qPrintable(cost->text()), 20000);
        QVERIFY(!child<QPushButton>(window, "sweepStart")->isEnabled());
    }

    void aPlanThatHangsHoldsNothingUp()
    {
        trainer("planhangs");
        MainWindow window;
        show(window);
        QTRY_VERIFY_WITH_TIMEOUT(window.sweeps().isBusy(), 5000);
        QElapsedTimer clock;
        clock.start();
        window.sweeps().usePreset(QStringLiteral("fig1"));
        QVERIFY(clock.elapsed() < 1000);
        QVERIFY(window.sweeps().spec().contains("qk_norm"));
    }

    void ordersOfTheWindowReachTheTrainer()
    {
        trainer(nullptr);
        MainWindow window;
        show(window);
        SweepPanel& panel = window.sweeps();
        auto* steps = child<QLineEdit>(panel, "sweepSteps");
        steps->setFocus();
        steps->selectAll();
        QTest::keyClicks(steps, QStringLiteral("40000"));
        QTest::keyClick(steps, Qt::Key_Return);
        QTRY_VERIFY_WITH_TIMEOUT(!panel.isBusy(), 30000);
        QTest::mouseClick(child<QPushButton>(panel, "sweepStart"), Qt::LeftButton);
        const auto done = [&] { return panel.watch().look().folder.progress(); };
        QTRY_VERIFY_WITH_TIMEOUT(done() > 0, 30000);
        panel.pause(true);
        QTest::qWait(1500);
        const double held = done();
        QTest::qWait(1500);
        QCOMPARE(done(), held);
        panel.pause(false);
        QTRY_VERIFY_WITH_TIMEOUT(done() > held, 20000);
        auto* table = child<QTableView>(panel, "sweepMembers");
        for (int r = 0; r < table->model()->rowCount(); ++r)
            if (table->model()->index(r, table->model()->columnCount() - 1).data().toString() == QLatin1String("training"))
                table->selectRow(r);
        panel.dropSelected();
        QTRY_VERIFY_WITH_TIMEOUT(panel.watch().look().folder.count(SweepMember::State::Stopped) == 1, 20000);
        QVERIFY(panel.watch().look().running);
        panel.stop();
        QTRY_VERIFY_WITH_TIMEOUT(!panel.watch().look().isLive(), 30000);
        QVERIFY2(panel.sentence().contains(QLatin1String("stopped")), qPrintable(panel.sentence()));
        QTRY_VERIFY_WITH_TIMEOUT(!window.isBusy(), 20000);
    }

    // Two hundred logs that grow ten times a second: how long the window does not answer.
    void twoHundredLiveMembersLeaveTheWindowFree()
    {
        trainer(nullptr);
        const QString folder = m_dir->filePath(QStringLiteral("big"));
        QDir().mkpath(folder + QStringLiteral("/members"));
        QByteArray manifest = "{\"name\":\"big\",\"status\":\"running\",\"members\":[";
        constexpr int n = 200;
        for (int i = 0; i < n; ++i) {
            const QByteArray id = QByteArray::number(i + 1000);
            manifest += (i ? "," : "") + QByteArray("{\"id\":\"") + id + "\",\"name\":\"m" + id + "\",\"N\":1000,\"config\":{\"lr\":" + QByteArray::number(1e-3 * (1 + i % 7)) + ",\"seed\":"
                + QByteArray::number(i) + ",\"steps\":1000}}";
            put(folder + QStringLiteral("/members/") + QString::fromLatin1(id) + QStringLiteral(".jsonl"),
                "{\"t\":\"cfg\",\"id\":\"" + id + "\",\"name\":\"m" + id + "\",\"steps\":1000,\"lr\":" + QByteArray::number(1e-3 * (1 + i % 7)) + "}\n");
        }
        put(folder + QStringLiteral("/manifest.json"), manifest + "]}");
        std::atomic<bool> go{true};
        std::thread writer([&] {
            for (int step = 0; step < 1000 && go; step += 5) {
                for (int i = 0; i < n && go; ++i) {
                    QByteArray lines;
                    for (int s = step; s < step + 5; ++s)
                        lines += "{\"t\":\"s\",\"step\":" + QByteArray::number(s) + ",\"loss\":" + QByteArray::number(3. / std::sqrt(1 + s) + .001 * i, 'g', 7)
                            + ",\"lr\":0.001,\"gn\":1.5,\"lz\":0.1,\"mal\":" + QByteArray::number(1 + s) + ",\"tok\":" + QByteArray::number(512 * (s + 1)) + "}\n";
                    QFile file(folder + QStringLiteral("/members/%1.jsonl").arg(i + 1000));
                    if (file.open(QIODevice::Append))
                        file.write(lines);
                }
                std::this_thread::sleep_for(std::chrono::milliseconds(60));
            }
        });
        MainWindow window;
        show(window);
        window.openPaths({folder});
        QTRY_VERIFY_WITH_TIMEOUT(window.session().workspace().runs.size() == n, 60000);
        QTest::qWait(1500);
        std::vector<double> gaps;
        QElapsedTimer since, all;
        QTimer beat;
        beat.setTimerType(Qt::PreciseTimer);
        connect(&beat, &QTimer::timeout, this, [&] { gaps.push_back(double(since.nsecsElapsed()) * 1e-6); since.start(); });
        since.start();
        all.start();
        beat.start(5);
        const double before = window.sweeps().watch().look().folder.progress();
        while (all.elapsed() < 5000)
            QCoreApplication::processEvents(QEventLoop::WaitForMoreEvents);
        beat.stop();
        const double after = window.sweeps().watch().look().folder.progress();
        go = false;
        writer.join();
        QVERIFY(after > before);
        std::ranges::sort(gaps);
        qInfo("gaps between turns of the event loop: median %.1f, 99 %% %.1f, largest %.1f ms, of %zu", gaps[gaps.size() / 2], gaps[gaps.size() * 99 / 100], gaps.back(), gaps.size());
        if (qEnvironmentVariableIsSet("ISOLOSS_TIMES"))
            QVERIFY2(gaps[gaps.size() * 99 / 100] < 33, "frames are late");
        QTRY_VERIFY_WITH_TIMEOUT(!window.isBusy(), 20000);
    }
};

QTEST_MAIN(TestSweeps)
#include "tst_sweeps.moc"
