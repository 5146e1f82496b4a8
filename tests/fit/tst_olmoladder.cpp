// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/fit/predict.h"
#include "core/fit/solve.h"
#include "core/io/reader.h"

#include <QFileInfo>
#include <QTest>

using namespace fit;

// The two steps of the OLMo ladder (arXiv:2412.04403) on its runs of 190M to 1.3B: N, D -> task loss (bits per byte) ->
// accuracy, against its predictions at 7B and 13B.
class TestOlmoLadder : public QObject
{
    Q_OBJECT

private slots:
    void twoStepsPredictTheTable_data()
    {
        QTest::addColumn<QString>("loss");
        QTest::addColumn<QString>("score");
        QTest::addColumn<double>("at7B");
        QTest::addColumn<double>("at13B");
        QTest::addColumn<double>("loss7B");
        QTest::addColumn<double>("loss13B");
        const auto mmlu = [](const char* kind, const char* tail) {
            QStringList terms;
            for (const auto& [part, weight] : {std::pair("stem", ".215"), {"humanities", ".335"}, {"social_sciences", ".219"}, {"other", ".231"}})
                terms << QStringLiteral("%1*`%2/mmlu_%3_test_rc_5shot_%4`").arg(QLatin1String(weight), QLatin1String(kind), QLatin1String(part), QLatin1String(tail));
            return terms.join(QStringLiteral(" + "));
        };
        QTest::newRow("MMLU") << mmlu("downstream_bpb", "bpb") << mmlu("downstream", "len_norm") << .4838 << .5127 << .7869 << .7502;
        const auto row = [](const char* name, const char* task, double a7, double a13, double l7, double l13) {
            QTest::newRow(name) << QStringLiteral("downstream_bpb/%1_rc_5shot_bpb").arg(QLatin1String(task))
                                << QStringLiteral("downstream/%1_rc_5shot_len_norm").arg(QLatin1String(task)) << a7 << a13 << l7 << l13;
        };
        row("HellaSwag", "hellaswag_val", .8252, .8530, .6713, .6532);
        row("ARC-Challenge", "arc_challenge_test", .5150, .5267, .7941, .7833);
        row("PIQA", "piqa_val", .8122, .8208, .8903, .8748);
    }
    void twoStepsPredictTheTable()
    {
        const std::filesystem::path path = std::filesystem::path(SHARED_DIR) / "data" / "olmo_ladder.csv";
        if (!std::filesystem::exists(path))
            QSKIP("the shared data sets are not beside the project");
        QFETCH(QString, loss);
        QFETCH(QString, score);
        const data::Table table = data::tabulate(io::read(std::span(&path, 1)).runs);

        Spec first{.law = "chinchilla"};
        first.map = {{"L", loss.toStdString()}, {"D", "first(`throughput/total_tokens`, _step*batch_size_in_tokens)"}};
        first.where = "mode=='train'";
        first.holdout = "mode=='eval'";
        first.set = {{"last", "5"}};
        Spec second{.law = "loss_to_score"};
        second.map = {{"L", loss.toStdString()}, {"score", score.toStdString()}};
        second.where = "mode=='train'";
        second.set = {{"rows", "all"}, {"skip", "0.1"}, {"smooth", "5"}, {"anchor", "0:1"}};
        const Chain chain{solve(makeProblem(first, table)), solve(makeProblem(second, table))};
        QCOMPARE(chain.first.n, 16);
        QCOMPARE(chain.second.n, 1402);

        const std::map<std::string, double> small{{"N", 6887575552}, {"D", 3945065873408}}, large{{"N", 13202396160}, {"D", 5000088518656}};
        const auto close = [](double got, double want, double tolerance) {
            if (std::abs(got - want) <= tolerance)
                return true;
            qWarning("%.5f, not %.5f", got, want);
            return false;
        };
        QFETCH(double, at7B);
        QFETCH(double, at13B);
        QFETCH(double, loss7B);
        QFETCH(double, loss13B);
        QVERIFY(close(predict(chain.first, small).value, loss7B, .001));
        QVERIFY(close(predict(chain.first, large).value, loss13B, .001));
        QVERIFY(close(predict(chain, small).value, at7B, .002));
        QVERIFY(close(predict(chain, large).value, at13B, .002));
        const Prediction p = predict(chain, large);
        QVERIFY(p.ci.lower < p.value && p.value < p.ci.upper);
        QVERIFY(p.extrapolation.at("N") > 10);
    }
};

QTEST_APPLESS_MAIN(TestOlmoLadder)
#include "tst_olmoladder.moc"
