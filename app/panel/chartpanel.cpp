// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/panel/chartpanel.h"

#include "app/chart/axis.h"
#include "app/model/runmodel.h"
#include "core/figure/build.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QSignalBlocker>
#include <QSlider>
#include <QToolButton>
#include <QVBoxLayout>

#include <algorithm>
#include <set>

namespace {

constexpr int controlHeight = 28;

QToolButton* barButton(const QString& text, const char* name, const QString& tip, bool checkable = true)
{
    auto* button = new QToolButton;
    button->setObjectName(QStringLiteral("bar"));
    button->setProperty("name", QString::fromLatin1(name));
    button->setText(text);
    button->setToolTip(tip);
    button->setAccessibleName(tip);
    button->setCheckable(checkable);
    button->setFocusPolicy(Qt::TabFocus);
    button->setFixedHeight(controlHeight);
    return button;
}

QLabel* second(const QString& text)
{
    auto* label = new QLabel(text);
    label->setProperty("role", QStringLiteral("second"));
    return label;
}

}

Workspace withChart(Workspace w, ChartEntry chart)
{
    if (w.charts.empty())
        w.charts.push_back(std::move(chart));
    else
        w.charts.front() = std::move(chart);
    return w;
}

ChartPanel::ChartPanel(Session& session, const theme::Theme& t, QWidget* parent)
    : QWidget(parent), m_session(session), m_view(new chart::PlotView(t)), m_y(new QComboBox), m_x(new QComboBox),
      m_smooth(new QSlider(Qt::Horizontal)), m_smoothText(second({})), m_build(this)
{
    setProperty("role", QStringLiteral("surface"));
    setAttribute(Qt::WA_StyledBackground);
    m_curves = barButton(tr("Curves"), "curves", tr("Show the curves of the runs"));
    m_fit = barButton(tr("Fit"), "fitChart", tr("Show the fit over its data"));
    m_logX = barButton(tr("log x"), "logX", tr("Logarithmic x axis (Shift+L)"));
    m_logY = barButton(tr("log y"), "logY", tr("Logarithmic y axis (L)"));
    m_fitPanel = barButton(tr("Fit a law"), "fitPanel", tr("Show or hide the fit panel (F)"));
    m_y->setObjectName(QStringLiteral("y"));
    m_y->setAccessibleName(tr("Quantity"));
    m_x->setObjectName(QStringLiteral("x"));
    m_x->setAccessibleName(tr("Against"));
    for (QComboBox* box : {m_y, m_x}) {
        box->setSizeAdjustPolicy(QComboBox::AdjustToContents);
        box->setMaximumWidth(190);
        box->setFixedHeight(controlHeight);
    }
    m_smooth->setRange(0, 99);
    m_smooth->setFixedWidth(90);
    m_smooth->setAccessibleName(tr("Smoothing"));
    m_smoothText->setFixedWidth(30);

    m_choices = new QWidget;
    auto* choices = new QHBoxLayout(m_choices);
    choices->setContentsMargins(8, 0, 0, 0);
    choices->setSpacing(8);
    choices->addWidget(m_y);
    choices->addWidget(second(tr("against")));
    choices->addWidget(m_x);
    choices->addWidget(m_logX);
    choices->addWidget(m_logY);
    choices->addSpacing(8);
    choices->addWidget(second(tr("smooth")));
    choices->addWidget(m_smooth);
    choices->addWidget(m_smoothText);
    auto* bar = new QHBoxLayout;
    bar->setContentsMargins(16, 8, 12, 4);
    bar->setSpacing(8);
    bar->addWidget(m_curves);
    bar->addWidget(m_fit);
    bar->addWidget(m_choices);
    bar->addStretch();
    bar->addWidget(m_fitPanel);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addLayout(bar);
    column->addWidget(m_view, 1);

    connect(m_curves, &QToolButton::clicked, this, [this] {
        ChartEntry chart = entry();
        chart.kind = "curves";
        edit(tr("Show curves"), chart);
        refresh();
    });
    connect(m_fit, &QToolButton::clicked, this, [this] {
        ChartEntry chart = entry();
        chart.kind = "fit";
        edit(tr("Show the fit"), chart);
        refresh();
    });
    connect(m_logX, &QToolButton::clicked, this, [this] { toggleLog(false); });
    connect(m_logY, &QToolButton::clicked, this, [this] { toggleLog(true); });
    connect(m_y, &QComboBox::activated, this, [this] {
        ChartEntry chart = entry();
        chart.y = m_y->currentText().toStdString();
        edit(tr("Draw %1").arg(m_y->currentText()), chart);
    });
    connect(m_x, &QComboBox::activated, this, [this] {
        ChartEntry chart = entry();
        chart.x = m_x->currentText().toStdString();
        edit(tr("Draw against %1").arg(m_x->currentText()), chart);
    });
    connect(m_smooth, &QSlider::valueChanged, this, [this](int value) {
        ChartEntry chart = entry();
        chart.smoothing = value / 100.;
        edit(tr("Smooth"), chart);
    });
    connect(&m_session, &Session::workspaceChanged, this, &ChartPanel::refresh);
    connect(&m_session, &Session::runsLoaded, this, &ChartPanel::refresh);
    connect(&m_session, &Session::fitted, this, &ChartPanel::refresh);
    refresh();
}

ChartEntry ChartPanel::entry() const
{
    const Workspace& w = m_session.workspace();
    if (!w.charts.empty())
        return w.charts.front();
    ChartEntry first{.id = "chart1"};
    for (const RunEntry& run : w.runs) {
        const data::Run* loaded = m_session.run(run.hash);
        const data::Series* loss = loaded ? seriesOf(*loaded, law::quantity::L) : nullptr;
        if (!loss)
            continue;
        first.y = loss->name;
        if (loaded->kind == data::Kind::Log) {
            // A loss falls as a power of the steps: on logarithms one sees all of it. Noise is drawn faint behind.
            first.logX = first.logY = true;
            first.smoothing = loss->value && loss->value->size() > 300 ? .9 : 0;
            break;
        }
        // Rows of a table have no steps: what they were trained with is what they are drawn against.
        for (const law::Quantity* quantity : {&law::quantity::C, &law::quantity::D, &law::quantity::N})
            if (const data::Series* x = seriesOf(*loaded, *quantity); x) {
                first.x = x->name;
                first.logX = true;
                break;
            }
        break;
    }
    return first;
}

void ChartPanel::edit(const QString& label, ChartEntry chart)
{
    m_session.edit(label, withChart(m_session.workspace(), std::move(chart)));
}

void ChartPanel::toggleLog(bool vertical)
{
    ChartEntry chart = entry();
    bool& log = vertical ? chart.logY : chart.logX;
    log = !log;
    edit(tr(log ? "Log %1" : "Linear %1").arg(vertical ? QLatin1Char('y') : QLatin1Char('x')), chart);
}

void ChartPanel::setTheme(const theme::Theme& t)
{
    m_view->setTheme(t);
}

void ChartPanel::refreshChoices()
{
    const ChartEntry chart = entry();
    std::set<std::string> names, xs{"step"};
    for (const RunEntry& run : m_session.workspace().runs)
        if (const data::Run* loaded = m_session.run(run.hash))
            for (const data::Series& series : loaded->series) {
                names.insert(series.name);
                if (loaded->kind == data::Kind::Table || series.name == "tok" || series.name.ends_with("tokens"))
                    xs.insert(series.name);
            }
    const auto fill = [](QComboBox* box, const std::vector<std::string>& items, const std::string& current) {
        const QSignalBlocker quiet(box);
        box->clear();
        for (const std::string& item : items)
            box->addItem(QString::fromStdString(item));
        if (box->findText(QString::fromStdString(current)) < 0)
            box->addItem(QString::fromStdString(current));
        box->setCurrentText(QString::fromStdString(current));
    };
    fill(m_y, {names.begin(), names.end()}, chart.y);
    fill(m_x, {xs.begin(), xs.end()}, chart.x);
    const bool isFit = chart.kind == "fit";
    m_curves->setChecked(!isFit);
    m_fit->setChecked(isFit);
    m_fit->setEnabled(!m_session.workspace().fits.empty());
    m_logX->setChecked(chart.logX);
    m_logY->setChecked(chart.logY);
    m_choices->setVisible(!isFit);
    const QSignalBlocker quiet(m_smooth);
    m_smooth->setValue(int(std::lround(chart.smoothing * 100)));
    m_smoothText->setText(chart.smoothing > 0 ? QString::number(chart.smoothing, 'f', 2) : tr("off"));
}

void ChartPanel::refresh()
{
    refreshChoices();
    draw();
}

void ChartPanel::draw()
{
    const ChartEntry chart = entry();
    std::function<figure::Figure(const Tick&)> work;
    std::string shows = chart.kind + '\n' + chart.x + '\n' + chart.y + '\n' + chart.fit;
    if (const fit::Fit* fit = chart.kind == "fit" ? m_session.result(chart.fit) : nullptr) {
        work = [fit = *fit](const Tick&) { return figure::ofFit(fit); };
        shows += fit->spec.law;
    } else if (chart.kind == "fit" && m_session.isFitting()) {
        return;     // the old picture stays until the new one is there
    } else {
        Session::Loaded runs = m_session.visible();
        work = [runs = std::move(runs), chart](const Tick&) { return figure::ofRuns(runs.runs, runs.entries, chart); };
    }
    m_build.start(std::move(work),
                  {.done =
                       [this, shows](figure::Figure f) {
                           const bool same = shows == m_shown;
                           m_shown = shows;
                           m_figure = f;
                           // The bar above and the status bar say both.
                           f.title.clear();
                           f.note.clear();
                           m_view->setFigure(std::move(f), same);
                           emit drawn();
                       },
                   .failed = [this](QString why) { emit failed(why); },
                   .progress = {}});
}
