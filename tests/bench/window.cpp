// SPDX-License-Identifier: GPL-3.0-or-later
// The window as a user feels it, by mouse and keys: the time from an event to the end of the repaint that answers it,
// and the longest time of every deed in which the window answered nothing.
#include "app/panel/mainwindow.h"
#include "app/panel/samples.h"
#include "tests/bench/meter.h"

#include <QAction>
#include <QLineEdit>
#include <QPushButton>
#include <QScrollArea>
#include <QSettings>
#include <QStandardPaths>
#include <QTabBar>
#include <QTableView>
#include <QTemporaryDir>
#include <QTest>
#include <QWheelEvent>

#include <cmath>
#include <cstdio>
#include <random>
#include <set>

namespace {

void writeTable(const QString& file)
{
    QFile out(file);
    if (!out.open(QIODevice::WriteOnly))
        qFatal("cannot write %s", qPrintable(file));
    out.write("params,tokens,loss\n");
    std::mt19937_64 random(11);
    std::normal_distribution<double> normal;
    for (int i = 0; i < 10; ++i)
        for (int j = 0; j < 100; ++j) {
            const double n = 5e7 * std::pow(100, i / 9.), d = 1e9 * std::pow(1000, j / 99.);
            const double loss = 1.69 + 406.4 / std::pow(n, .34) + 410.7 / std::pow(d, .28);
            out.write(QByteArray::number(n, 'g', 12) + ',' + QByteArray::number(d, 'g', 12) + ','
                      + QByteArray::number(loss * (1 + .01 * normal(random)), 'g', 12) + '\n');
        }
}

void writeLog(const QString& file, int records, unsigned seed)
{
    QFile out(file);
    if (!out.open(QIODevice::WriteOnly))
        qFatal("cannot write %s", qPrintable(file));
    std::mt19937_64 random(seed);
    std::normal_distribution<double> normal;
    QByteArray text("step,tokens,loss,lr,grad_norm\n");
    for (int i = 1; i <= records; ++i)
        text += QByteArray::number(i) + ',' + QByteArray::number(i * 4096.) + ','
                + QByteArray::number(2 + .002 * seed + 9 * std::pow(i + 10, -.3) + .06 * normal(random), 'g', 7) + ",0.001,"
                + QByteArray::number(1 + .1 * normal(random), 'g', 5) + '\n';
    out.write(text);
}

double quantile(std::vector<double> times, double q)
{
    std::ranges::sort(times);
    return times.empty() ? std::nan("") : times[std::size_t(q * double(times.size() - 1))];
}

void say(const char* what, const std::vector<double>& times, const char* goal = "")
{
    std::printf("%-44s median %8.2f ms   95 %% %8.2f ms   (%zu)%s\n", what, quantile(times, .5), quantile(times, .95),
                times.size(), goal);
    std::fflush(stdout);
}

// Turns the event loop until something holds.
template <class F>
bool until(F&& holds, int timeout = 120'000)
{
    QElapsedTimer clock;
    clock.start();
    QTimer wake;        // what holds may hold without an event
    wake.start(5);
    while (!holds()) {
        if (clock.elapsed() > timeout)
            return false;
        QCoreApplication::processEvents(QEventLoop::AllEvents | QEventLoop::WaitForMoreEvents);
    }
    return true;
}

// A window with a project of its own, and what happens in it.
struct Bench {
    Meter& meter;
    QTemporaryDir dir;
    MainWindow window;
    ChartPanel* panel = nullptr;
    int drawn = 0, paintsWhenDrawn = 0, fitted = 0, previews = 0, drawnWhenPreviewed = 0;

    explicit Bench(Meter& m) : meter(m)
    {
        window.resize(1280, 720);
        window.show();
        panel = window.findChild<ChartPanel*>();
        meter.watched = &panel->view();
        QObject::connect(panel, &ChartPanel::drawn, &window, [this] {
            ++drawn;
            paintsWhenDrawn = meter.paints;
        });
        QObject::connect(&window.session(), &Session::fitted, &window, [this] { ++fitted; });
        QObject::connect(&window.session(), &Session::previewReady, &window, [this] {
            ++previews;
            drawnWhenPreviewed = drawn;
        });
        settle();
    }
    ~Bench() { meter.watched = nullptr; }

    QString path(const QString& name) const { return dir.filePath(name); }
    void settle()
    {
        if (!until([this] { return !window.isBusy(); }))
            std::printf("still busy after two minutes\n");
        for (int i = 0; i < 3; ++i)
            QTest::qWait(20);
        until([this] { return !window.isBusy(); });
    }
    void open(const char* project) { window.openProject(path(QString::fromLatin1(project))); }
    void import(const QStringList& files)
    {
        window.openPaths(files);
        until([this] { return !window.session().workspace().runs.empty(); });
        settle();
    }
    // As the event loop calls what was clicked.
    template <class F>
    void do_(F f) { QMetaObject::invokeMethod(&window, f, Qt::QueuedConnection); }
    void trigger(const char* action)
    {
        do_([a = window.findChild<QAction*>(QString::fromLatin1(action))] { a->trigger(); });
    }

    // From an event until the picture that answers it is on screen.
    template <class F>
    double toRepaint(F&& deed, int pictures = 1)
    {
        settle();
        const int before = drawn;
        const auto start = Clock::now();
        deed();
        if (!until([&] { return drawn >= before + pictures && meter.paints > paintsWhenDrawn; }, 20'000))
            return std::nan("");
        return milliseconds(start, meter.painted);
    }

    // A deed and all that follows from it: what the window could not answer meanwhile.
    template <class F>
    void stall(const char* what, F&& deed)
    {
        settle();
        meter.stalls.clear();
        deed();
        settle();
        std::ranges::sort(meter.stalls, std::ranges::greater{}, &Meter::Stall::ms);
        const auto over = std::ranges::count_if(meter.stalls, [](const auto& s) { return s.ms > 16; });
        std::printf("%-34s longest %7.1f ms, %2td over 16\n", what, meter.stalls.empty() ? 0 : meter.stalls[0].ms, over);
        for (std::size_t i = 0; i < std::min<std::size_t>(3, meter.stalls.size()); ++i)
            if (i == 0 || meter.stalls[i].ms > 16)
                std::printf("      %7.1f  %s\n", meter.stalls[i].ms, meter.stalls[i].what.c_str());
        std::fflush(stdout);
    }
};

void drag(Meter& meter)
{
    Bench b(meter);
    writeTable(b.path(QStringLiteral("table.csv")));
    b.open("drag.isoloss");
    b.import({b.path(QStringLiteral("table.csv"))});
    b.do_([&] { b.window.askFit(QStringLiteral("chinchilla")); });
    until([&] { return b.window.session().result("fit1") != nullptr; });
    b.settle();
    const fit::Fit* fit = b.window.session().result("fit1");
    if (!fit)
        qFatal("no fit: %s", qPrintable(b.window.session().failure("fit1")));
    std::printf("chinchilla, %zu rows, 1280 x 720, %s: alpha %.4f\n", std::size_t(fit->n),
                qPrintable(QGuiApplication::platformName()), fit->value("alpha"));

    RangeBar& bar = b.window.findChild<FitPanel*>()->row(QStringLiteral("alpha"))->bar();
    for (QWidget* w = &bar; w; w = w->parentWidget())
        if (auto* area = qobject_cast<QScrollArea*>(w))
            area->ensureWidgetVisible(&bar);
    b.settle();
    QWindow* handle = b.window.windowHandle();
    const auto place = [&](double share) {
        return bar.mapTo(&b.window, QPoint(int(std::lround(7 + share * (bar.width() - 14))), bar.height() / 2));
    };
    const double from = bar.place(bar.shown().value);
    std::vector<double> moves, refits;
    int lost = 0;
    QTest::mousePress(handle, Qt::LeftButton, {}, place(from));
    for (int i = 1; i <= 200; ++i) {
        // There and back over a third of the bar, by at least a pixel.
        const QPoint to = place(from) + QPoint((i <= 100 ? i : 200 - i) * (from < .5 ? 1 : -1) * std::max(1, bar.width() / 300), 0);
        const int previews = b.previews;
        const auto start = Clock::now();
        QTest::mouseMove(handle, to);
        const auto own = [&] {
            const fit::Fit* now = b.window.session().previewed("fit1");
            return b.previews > previews && now && now->value("alpha") == bar.shown().value;
        };
        double refit = 0;
        const bool done = until([&] {
            if (own() && refit == 0)
                refit = milliseconds(start);
            return refit > 0 && b.drawn > b.drawnWhenPreviewed && meter.paints > b.paintsWhenDrawn;
        }, 3000);
        lost += !done;
        if (done) {
            moves.push_back(milliseconds(start, meter.painted));
            refits.push_back(refit);
        }
    }
    say("drag: mouse to the repaint of its refit", moves, "   goal 16");
    say("      of that until the refit is known", refits);
    if (lost)
        std::printf("%d moves were never drawn\n", lost);
    const int fitted = b.fitted;
    const auto start = Clock::now();
    QTest::mouseRelease(handle, Qt::LeftButton, {}, place(from));
    until([&] { return b.fitted > fitted && b.window.session().result("fit1"); });
    const int drawn = b.drawn;
    const double known = milliseconds(start);
    until([&] { return b.drawn > drawn && meter.paints > b.paintsWhenDrawn; }, 5000);
    std::printf("release: intervals known after %.1f ms, shown after %.1f ms   goal 300\n", known, milliseconds(start, meter.painted));

    std::vector<double> undone, redone, tabs;
    for (int i = 0; i < 10; ++i) {
        undone.push_back(b.toRepaint([&] { b.trigger("undo"); }));
        redone.push_back(b.toRepaint([&] { b.trigger("redo"); }));
    }
    say("undo of a fit's start, refitted", undone);
    say("redo", redone);
    auto* bars = b.window.findChild<QTabBar*>(QStringLiteral("charts"));
    for (int i = 0; i < 20; ++i)
        tabs.push_back(b.toRepaint([&] { QTest::mouseClick(bars, Qt::LeftButton, {}, bars->tabRect(1 - bars->currentIndex()).center() - QPoint(10, 0)); }));
    say("another tab", tabs);
}

void sample(Meter& meter)
{
    std::vector<double> opened, filtered;
    for (int i = 0; i < 5; ++i) {
        Bench b(meter);
        auto* button = b.window.findChild<QPushButton*>(QStringLiteral("sample"));
        const auto first = [&] {
            const auto& shown = b.panel->view().plot().shown();
            return !shown.panels.empty() && !shown.panels[0].layers.empty() && meter.paints > b.paintsWhenDrawn;
        };
        const auto start = Clock::now();
        QTest::mouseClick(button, Qt::LeftButton);
        if (!until(first, 20'000))
            continue;
        opened.push_back(milliseconds(start, meter.painted));
        b.settle();
        auto* filter = b.window.findChild<QLineEdit*>(QStringLiteral("filter"));
        for (const char* text : {"ladder", "cosine", "sweep=='ladder'", "lr"}) {
            filter->setFocus();
            filter->selectAll();
            QTest::keyClicks(filter, QString::fromLatin1(text));
            filtered.push_back(b.toRepaint([&] { QTest::keyClick(filter, Qt::Key_Return); }));
        }
        QFile::remove(b.window.session().path());
    }
    say("sample: click to the first curves", opened);
    std::erase_if(filtered, [](double t) { return std::isnan(t); });
    say("a filter: Return to the repaint", filtered);
}

std::vector<double> wheel(Bench& b, int notches)
{
    std::vector<double> times;
    chart::PlotView& view = b.panel->view();
    for (int i = 0; i < notches; ++i) {
        const QPointF at(view.width() * (.35 + .01 * (i % 7)), view.height() * .6);
        QWheelEvent event(at, view.mapToGlobal(at), {}, {0, i % 24 < 12 ? 120 : -120}, Qt::NoButton, Qt::NoModifier, Qt::NoScrollPhase, false);
        const int before = b.meter.paints;
        const auto start = Clock::now();
        QApplication::sendEvent(&view, &event);
        until([&] { return b.meter.paints > before; }, 1000);
        times.push_back(milliseconds(start, b.meter.painted));
        QTest::qWait(4);
    }
    return times;
}

void stalls(Meter& meter)
{
    std::printf("\nLongest events\n");
    Bench b(meter);
    b.stall("open and import the sample", [&] { QTest::mouseClick(b.window.findChild<QPushButton*>(QStringLiteral("sample")), Qt::LeftButton); b.settle(); });
    auto* filter = b.window.findChild<QLineEdit*>(QStringLiteral("filter"));
    b.stall("type a filter", [&] { filter->setFocus(); QTest::keyClicks(filter, QStringLiteral("sweep=='ladder'")); QTest::qWait(250); });
    b.stall("fit the sample", [&] { b.do_([&] { b.window.askFit(QStringLiteral("chinchilla")); }); QTest::qWait(50); });
    b.stall("undo the fit", [&] { b.trigger("undo"); });
    b.stall("redo the fit", [&] { b.trigger("redo"); });
    b.stall("undo it and the filter", [&] { b.trigger("undo"); QTest::qWait(50); b.trigger("undo"); });
    auto* table = b.window.findChild<QTableView*>(QStringLiteral("runs"));
    b.stall("toggle 35 runs, one by one", [&] {
        for (int row = 0; row < 35; ++row) {
            b.do_([=] { table->model()->setData(table->model()->index(row, 0), Qt::Unchecked, Qt::CheckStateRole); });
            QTest::qWait(20);
        }
    });
    b.stall("toggle them all", [&] { QTest::mouseClick(b.window.findChild<QWidget*>(QStringLiteral("showAll")), Qt::LeftButton); });
    b.stall("theme", [&] { b.do_([&] { b.window.setLook(MainWindow::Look::Dark); }); });
    QFile::remove(b.window.session().path());

    writeLog(b.path(QStringLiteral("long.csv")), 1'000'000, 1);
    b.open("long.isoloss");
    b.stall("import 1e6 records of 3 series", [&] { b.import({b.path(QStringLiteral("long.csv"))}); });
    b.stall("reopen that project", [&] { b.window.session().close(); b.do_([&] { b.open("long.isoloss"); }); QTest::qWait(300); });

    QDir(b.dir.path()).mkdir(QStringLiteral("many"));
    for (int i = 0; i < 200; ++i)
        writeLog(b.path(QStringLiteral("many/run%1.csv").arg(i)), 5000, unsigned(i));
    writeTable(b.path(QStringLiteral("table.csv")));
    b.open("many.isoloss");
    b.stall("import 200 runs of 5,000", [&] { b.import({b.path(QStringLiteral("many"))}); });
    b.stall("toggle 35 of 200 runs", [&] {
        for (int row = 0; row < 35; ++row) {
            b.do_([=] { table->model()->setData(table->model()->index(row, 0), Qt::Unchecked, Qt::CheckStateRole); });
            QTest::qWait(20);
        }
    });
    b.stall("undo five of them", [&] { for (int i = 0; i < 5; ++i) b.trigger("undo"); });
    b.stall("import a table beside", [&] { b.import({b.path(QStringLiteral("table.csv"))}); });
    b.stall("filter 200 runs", [&] { filter->setFocus(); QTest::keyClicks(filter, QStringLiteral("run1")); QTest::qWait(250); });
    b.stall("unfilter", [&] { filter->setFocus(); QTest::keyClick(filter, Qt::Key_Escape); });
    b.stall("a second tab", [&] { QTest::mouseClick(b.window.findChild<QWidget*>(QStringLiteral("newChart")), Qt::LeftButton); });
    auto* bars = b.window.findChild<QTabBar*>(QStringLiteral("charts"));
    b.stall("switch tabs, 200 runs", [&] {
        for (int i = 0; i < 6; ++i) {
            QTest::mouseClick(bars, Qt::LeftButton, {}, bars->tabRect(i % 2).center() - QPoint(10, 0));
            QTest::qWait(100);
        }
    });
    b.stall("theme, 200 runs", [&] { b.do_([&] { b.window.setLook(MainWindow::Look::Light); }); });

    std::printf("\n");
    b.settle();
    say("zoom, 200 runs of 5,000, idle", wheel(b, 48));
    fit::Spec spec;
    spec.law = "chinchilla";
    spec.bootstrap = 4000;
    const std::string curves = b.window.session().workspace().current;
    b.do_([&] { b.window.askFit(spec); });
    until([&] { return b.window.session().isFitting(); }, 2000);
    b.do_([&] {
        Workspace back = b.window.session().workspace();
        back.current = back.charts.front().id;
        b.window.session().amend(back);
    });
    const int drawn = b.drawn;
    const auto since = Clock::now();
    until([&] { return b.drawn > drawn; }, 5000);
    std::printf("%-44s %8.2f ms\n", "another chart drawn during the bootstrap", milliseconds(since));
    std::vector<double> busy;
    while (b.window.session().isFitting() && busy.size() < 480)
        std::ranges::copy(wheel(b, 24), std::back_inserter(busy));
    say("zoom while 4,000 resamples are fitted", busy);
}

}

int main(int argc, char** argv)
{
    if (!qEnvironmentVariableIsSet("QT_QPA_PLATFORM"))
        qputenv("QT_QPA_PLATFORM", "offscreen");
    Meter app(argc, argv);
    QStandardPaths::setTestModeEnabled(true);
    QCoreApplication::setOrganizationName(QStringLiteral("isoloss-test"));
    QCoreApplication::setApplicationName(QStringLiteral("isoloss-bench"));
    QSettings().clear();
    const QStringList only = app.arguments().mid(1);
    const auto wanted = [&](const char* part) { return only.isEmpty() || only.contains(QLatin1String(part)); };
    if (wanted("drag"))
        drag(app);
    if (wanted("sample"))
        sample(app);
    if (wanted("stalls"))
        stalls(app);
}
