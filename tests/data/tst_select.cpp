// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/data/select.h"
#include "core/error.h"

#include <QTest>

class TestSelect : public QObject {
    Q_OBJECT
    std::vector<data::Config> m_configs{
        {{"N", 1e8}, {"schedule", std::string("wsd")}, {"lr", 1e-3}, {"opt/wd", .1}, {"steps", 100000.}},
        {{"N", 5e8}, {"schedule", std::string("cosine")}, {"lr", std::string("auto")}},
        {{"N", 5e8}, {"tag", std::string("Old WSD")}}, {}};
    std::vector<std::string> m_names{"small", "Large-1", "large-2", "bare wsd"};

    QString select(const QString& filter) const
    {
        std::vector<data::Selectable> runs;
        for (std::size_t i = 0; i < m_configs.size(); ++i)
            runs.push_back({m_names[i], &m_configs[i]});
        QString out;
        for (const bool in : data::select(runs, filter.toStdString()))
            out += in ? '1' : '0';
        return out;
    }

private slots:
    void filtersSelect_data()
    {
        QTest::addColumn<QString>("filter");
        QTest::addColumn<QString>("selected");
        QTest::newRow("nothing") << "" << "1111";
        QTest::newRow("blanks") << "  " << "1111";
        QTest::newRow("word of the name") << "LARGE" << "0110";
        QTest::newRow("word of a value") << "wsd" << "1011";
        QTest::newRow("two words") << "large wsd" << "0010";
        QTest::newRow("a number") << "100000" << "1000";
        QTest::newRow("no match") << "adam" << "0000";
        QTest::newRow("comparison") << "N>1e8" << "0110";
        QTest::newRow("suffix and words") << "N>=100M and schedule=='wsd'" << "1000";
        QTest::newRow("either") << "schedule=='wsd' or tag=='Old WSD'" << "1010";
        QTest::newRow("unlike does not match what is missing") << "schedule!='wsd'" << "0100";
        QTest::newRow("not does not match what is missing") << "not (schedule=='wsd')" << "0100";
        QTest::newRow("unlike in either") << "schedule!='wsd' or N==5e8" << "0111";
        QTest::newRow("numbers in some runs and words in others") << "lr<1" << "1000";
        QTest::newRow("and its words") << "lr=='auto'" << "0100";
        QTest::newRow("name of the run") << "run=='small'" << "1000";
        QTest::newRow("key with a slash") << "`opt/wd`>0" << "1000";
        QTest::newRow("sign in quotes is a word") << "'a>b'" << "0000";
    }
    void filtersSelect()
    {
        QFETCH(QString, filter);
        QTEST(select(filter), "selected");
    }

    void mistakesAreNamed_data()
    {
        QTest::addColumn<QString>("filter");
        QTest::addColumn<QString>("message");
        QTest::newRow("near key") << "shedule=='wsd'" << "did you mean 'schedule'";
        QTest::newRow("half") << "N>" << "N>";
        QTest::newRow("words by size") << "schedule<3" << "schedule";
        QTest::newRow("one sign") << "N=3" << "==";
    }
    void mistakesAreNamed()
    {
        QFETCH(QString, filter);
        QFETCH(QString, message);
        try {
            select(filter);
            QFAIL("it was taken");
        } catch (const UsageError& e) {
            if (message != "N>")
                QVERIFY2(QString(e.what()).contains(message), e.what());
            QVERIFY(QString(e.what()).size() > 10);
        }
    }

    void noRunsIsNoMistake()
    {
        QVERIFY(data::select({}, "N>3").empty());
        QVERIFY_EXCEPTION_THROWN(data::select({}, "N>"), UsageError);
    }
};

QTEST_GUILESS_MAIN(TestSelect)
#include "tst_select.moc"
