// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/panel/answers.h"
#include "app/panel/batchguide.h"
#include "app/panel/mainwindow.h"
#include "app/panel/regionborders.h"

#include <QAction>
#include <QComboBox>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QSettings>
#include <QStandardPaths>
#include <QTemporaryDir>
#include <QTest>
#include <QToolButton>

#include <cmath>

// What a law needs and tells beyond its curve: borders of the rows it is fitted to, its answers, the steps of a batch-size law.

namespace {

template <class T>
T* find(QWidget& in, const char* name)
{
    T* found = in.findChild<T*>(QString::fromLatin1(name));
    if (!found)
        qWarning("no widget is called %s", name);
    return found;
}

// The loss of Kaplan et al.'s constants at a batch size, by bisection of the implicit formula.
double trajectory(double N, double S, double B)
{
    double low = std::pow(6.5e13 / N, .077), high = 20;
    for (int i = 0; i < 200; ++i) {
        const double L = (low + high) / 2, right = std::pow(6.5e13 / N, .077) + std::pow(2.1e3 / S * (1 + 2.1e8 * std::pow(L, -1 / .21) / B), .76);
        (right > L ? low : high) = L;
    }
    return low;
}

}

class TestFitGuide : public QObject {
    Q_OBJECT
private slots:
    void init();
    void bordersOfTheFittedRegionAreDragged();
    void bordersAreMovedByKeysAndTyped();
    void stepsOfABatchLawSayWhatIsThereAndWhatIsMissing();
    void answersOfALawAreAsked();

private:
    void open(MainWindow&, const QByteArray& csv);
    void fitDecay(MainWindow&);
    QByteArray batches(std::initializer_list<double> sizes, std::initializer_list<double> batchSizes) const;

    std::unique_ptr<QTemporaryDir> m_dir;
};

void TestFitGuide::init()
{
    QStandardPaths::setTestModeEnabled(true);
    QCoreApplication::setOrganizationName(QStringLiteral("isoloss-test"));
    QCoreApplication::setApplicationName(QStringLiteral("isoloss-test-fitguide"));
    QSettings().clear();
    m_dir = std::make_unique<QTemporaryDir>();
}

void TestFitGuide::open(MainWindow& window, const QByteArray& csv)
{
    QFile out(m_dir->filePath(QStringLiteral("data.csv")));
    QVERIFY(out.open(QIODevice::WriteOnly));
    out.write(csv);
    out.close();
    window.resize(1280, 800);
    window.show();
    QVERIFY(QTest::qWaitForWindowActive(&window));
    window.openProject(m_dir->filePath(QStringLiteral("p.isoloss")));
    window.openPaths({out.fileName()});
    QTRY_VERIFY(!window.session().workspace().runs.empty() && !window.isBusy());
    window.showFitPanel(true);
}

// Every step of one run, and a power law fitted to them.
void TestFitGuide::fitDecay(MainWindow& window)
{
    QByteArray csv("step,loss\n");
    for (int step = 10; step <= 1000; step += 10)
        csv += QByteArray::number(step) + ',' + QByteArray::number(2 + 5 * std::pow(step, -.4) + 1e-3 * std::sin(step), 'g', 10) + '\n';
    open(window, csv);
    fit::Spec spec;
    spec.law = "power_law";
    spec.map["x"] = "step";
    spec.set["rows"] = "all";
    window.askFit(spec);
    QTRY_VERIFY_WITH_TIMEOUT(window.session().result("fit1") && !window.isBusy(), 30000);
}

void TestFitGuide::bordersOfTheFittedRegionAreDragged()
{
    MainWindow window;
    fitDecay(window);
    QCOMPARE(window.session().result("fit1")->n, 100);
    auto* border = find<BorderHandle>(window, "borderFrom");
    QVERIFY(border->isVisible());
    chart::PlotView& view = window.charts().view();
    const chart::Frame& frame = view.plot().frame(0);
    const int y = border->height() / 2;
    const int to = int(frame.sceneX(100));
    QTest::mousePress(border, Qt::LeftButton, {}, QPoint(6, y));
    for (int x = border->x() + 6; std::abs(x - to) > 3; x += (to - x) / 4 + (to > x ? 1 : -1))
        QTest::mouseMove(border, QPoint(x - border->x(), y));
    QTest::mouseMove(border, QPoint(to - border->x(), y));
    QTest::mouseRelease(border, Qt::LeftButton, {}, QPoint(6, y));
    const auto region = [&] { return window.session().workspace().fits.at(0).spec.set; };
    QTRY_VERIFY(region().contains("region"));
    const double from = QString::fromStdString(region()["region"]).section(QLatin1Char(':'), 0, 0).toDouble();
    QVERIFY2(from > 85 && from < 117, qPrintable(QString::number(from)));
    QTRY_VERIFY_WITH_TIMEOUT(window.session().result("fit1") && !window.isBusy(), 30000);
    QVERIFY(window.session().result("fit1")->n < 93);
    // What is cut off stays in sight, grey.
    std::size_t crosses = 0;
    for (const figure::Layer& layer : view.plot().shown().panels.at(0).layers)
        if (layer.style == figure::Style::Excluded)
            crosses += layer.x.size();
    QCOMPARE(int(crosses), 100 - window.session().result("fit1")->n);
    find<QAction>(window, "undo")->trigger();
    QVERIFY(!region().contains("region"));
    QTRY_VERIFY_WITH_TIMEOUT(window.session().result("fit1") && !window.isBusy(), 30000);
    QVERIFY(std::isinf(border->value()));
}

void TestFitGuide::bordersAreMovedByKeysAndTyped()
{
    MainWindow window;
    fitDecay(window);
    auto* border = find<BorderHandle>(window, "borderTo");
    border->setFocus();
    QTest::keyClick(border, Qt::Key_Left);
    const auto region = [&] { return window.session().workspace().fits.at(0).spec.set; };
    QTRY_VERIFY(region().contains("region"));
    QTRY_VERIFY_WITH_TIMEOUT(window.session().result("fit1") && !window.isBusy(), 30000);
    // The field of the panel says the same, and takes another.
    auto* to = find<QLineEdit>(window, "regionTo");
    QTRY_VERIFY(to->isVisible());
    QVERIFY(to->text().toDouble() > 500);
    to->setFocus();
    to->selectAll();
    QTest::keyClicks(to, QStringLiteral("400"));
    QTest::keyClick(to, Qt::Key_Return);
    QTRY_COMPARE(region()["region"], std::string(":400"));
    QTRY_VERIFY_WITH_TIMEOUT(window.session().result("fit1") && !window.isBusy(), 30000);
    QCOMPARE(window.session().result("fit1")->n, 40);
    border->setFocus();
    QTest::keyClick(border, Qt::Key_End);
    QTRY_VERIFY(!region().contains("region"));
    QTRY_VERIFY_WITH_TIMEOUT(window.session().result("fit1") && !window.isBusy(), 30000);
}

QByteArray TestFitGuide::batches(std::initializer_list<double> sizes, std::initializer_list<double> batchSizes) const
{
    QByteArray csv("params,steps,batch_tokens,loss\n");
    for (const double n : sizes)
        for (const double b : batchSizes)
            for (const double s : {2e3, 4e3, 8e3, 1.6e4, 3.2e4}) {
                const double loss = trajectory(n, s, b) * (1 + 1e-4 * std::sin(n + s + b));
                csv += QByteArray::number(n) + ',' + QByteArray::number(s) + ',' + QByteArray::number(b) + ',' + QByteArray::number(loss, 'g', 12) + '\n';
            }
    return csv;
}

void TestFitGuide::stepsOfABatchLawSayWhatIsThereAndWhatIsMissing()
{
    MainWindow window;
    open(window, batches({1e6, 1e7, 1e8}, {2e5}));
    auto* panel = window.findChild<FitPanel*>();
    panel->setLaw("batch_trajectory");
    auto* guide = find<QWidget>(window, "batchGuide");
    QTRY_VERIFY(guide->isVisible());
    const auto steps = [&] { return batchSteps(law::get("batch_trajectory"), panel->spec(), window.session().table().get(), nullptr); };
    QCOMPARE(steps().size(), std::size_t(5));
    QVERIFY(steps()[0].isDone && steps()[1].isDone);
    QVERIFY2(!steps()[3].isDone && steps()[3].state.contains(QLatin1String("at most 1")), qPrintable(steps()[3].state));
    QVERIFY(!steps()[4].isDone);
    // The first tenth is left out by a link.
    auto* label = find<QLabel>(window, "guideSteps");
    QVERIFY(label->text().contains(QLatin1String("href=\"every\"")));
    emit label->linkActivated(QStringLiteral("every"));
    QCOMPARE(panel->spec().set["skip"], std::string("0.1"));
    QVERIFY(steps()[2].isDone);
    // Fitted, it is not asked for what one batch size cannot tell.
    window.askFit(panel->spec());
    QTRY_VERIFY_WITH_TIMEOUT(!window.session().workspace().fits.empty() && !window.isBusy(), 60000);
    if (window.session().result("fit1")) {
        QVERIFY(label->text().contains(QLatin1String("href=\"minimum_loss\"")));
        QVERIFY(!label->text().contains(QLatin1String("href=\"critical_batch\"")));
    }
    // Other laws need none of it.
    panel->setLaw("chinchilla");
    QVERIFY(!guide->isVisible());
}

void TestFitGuide::answersOfALawAreAsked()
{
    MainWindow window;
    open(window, batches({1e6, 1e7, 1e8}, {5e4, 4e5, 3e6}));
    window.askFit(QStringLiteral("batch_trajectory"));
    QTRY_VERIFY_WITH_TIMEOUT(window.session().result("fit1") && !window.isBusy(), 60000);
    auto* label = find<QLabel>(window, "guideSteps");
    QVERIFY(label->text().contains(QLatin1String("href=\"critical_batch\"")));
    emit label->linkActivated(QStringLiteral("critical_batch"));
    auto* which = find<QComboBox>(window, "answer");
    QCOMPARE(which->currentData().toString(), QStringLiteral("critical_batch"));
    QVERIFY(which->isVisibleTo(&window));
    auto* loss = find<QLineEdit>(window, "argument-L");
    auto* result = find<QLabel>(window, "answerResult");
    QVERIFY2(result->text().contains(QLatin1String("loss")), qPrintable(result->text()));      // what is to be given
    loss->setFocus();
    QTest::keyClicks(loss, QStringLiteral("3"));
    QTest::keyClick(loss, Qt::Key_Return);
    QTRY_VERIFY2(result->text().contains(QLatin1String("tokens")), qPrintable(result->text()));
    // B_* L^(-1/alpha_B) at a loss of 3 is 1.12 million tokens.
    const double expected = 2.1e8 * std::pow(3, -1 / .21);
    const double shown = fit::answer(*window.session().result("fit1"), "critical_batch", {{"L", 3}}).value;
    QVERIFY2(std::abs(shown / expected - 1) < .1, QByteArray::number(shown));
    QVERIFY2(result->text().contains(QLatin1String(" to ")), qPrintable(result->text()));
    loss->selectAll();
    QTest::keyClicks(loss, QStringLiteral("three"));
    QTest::keyClick(loss, Qt::Key_Return);
    QTRY_VERIFY(result->text().contains(QLatin1String("no number")));
}

QTEST_MAIN(TestFitGuide)
#include "tst_fitguide.moc"
