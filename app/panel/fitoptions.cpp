// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/panel/fitoptions.h"

#include "app/chart/axis.h"
#include "core/data/expression.h"
#include "core/text.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QSignalBlocker>
#include <QVBoxLayout>

#include <cmath>

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

struct Choice {
    const char* kind;       // of Spec::interval
    int resamples;
    const char* name;
    const char* tip;
};
constexpr Choice intervals[] = {
    {"", 0, QT_TRANSLATE_NOOP("FitOptions", "Wald intervals, at once"), QT_TRANSLATE_NOOP("FitOptions", "From the curvature at the minimum")},
    {"profile", 0, QT_TRANSLATE_NOOP("FitOptions", "Profile intervals"), QT_TRANSLATE_NOOP("FitOptions", "How far each parameter can go before the objective rises too much: right in a valley")},
    {"", 200, QT_TRANSLATE_NOOP("FitOptions", "Bootstrap, 200 resamples"), QT_TRANSLATE_NOOP("FitOptions", "Whole runs are drawn anew")},
    {"", 1000, QT_TRANSLATE_NOOP("FitOptions", "Bootstrap, 1,000 resamples"), QT_TRANSLATE_NOOP("FitOptions", "Whole runs are drawn anew")},
    {"", 4000, QT_TRANSLATE_NOOP("FitOptions", "Bootstrap, 4,000 resamples"), QT_TRANSLATE_NOOP("FitOptions", "Whole runs are drawn anew")},
    {"wild", 1000, QT_TRANSLATE_NOOP("FitOptions", "Wild bootstrap, 1,000 resamples"), QT_TRANSLATE_NOOP("FitOptions", "Rows stay where they are, signs of blocks of residuals are flipped: for few runs")},
    {"leave-one-out", 0, QT_TRANSLATE_NOOP("FitOptions", "Leave one run out at a time"), QT_TRANSLATE_NOOP("FitOptions", "The honest choice for three to seven runs")},
};

QString keyOf(const std::string& kind, int resamples)
{
    return QString::fromStdString(kind) + QLatin1Char(':') + QString::number(kind == "profile" || kind == "leave-one-out" ? 0 : resamples);
}

}

bool hasOptions(const fit::Spec& spec)
{
    return !spec.where.empty() || !spec.holdout.empty() || spec.bootstrap > 0 || !spec.interval.empty() || spec.set.contains("rows")
        || spec.set.contains("weight") || spec.set.contains("region");
}

std::optional<std::pair<double, double>> regionOf(const fit::Spec& spec)
{
    const auto region = spec.set.find("region");
    if (region == spec.set.end())
        return {};
    const auto cut = region->second.find(':');
    if (cut == std::string::npos)
        return {};
    const auto end = [](const std::string& s, double open) {
        try {
            return s.empty() ? open : data::parseNumber(s);
        } catch (const std::exception&) {
            return open;
        }
    };
    return std::pair{end(region->second.substr(0, cut), -infinity), end(region->second.substr(cut + 1), infinity)};
}

void setRegion(fit::Spec& spec, double from, double to)
{
    if (std::isinf(from) && std::isinf(to)) {
        spec.set.erase("region");
        return;
    }
    spec.set["region"] = (std::isinf(from) ? "" : text::number(from)) + ":" + (std::isinf(to) ? "" : text::number(to));
}

FitOptions::FitOptions(QWidget* parent) : QWidget(parent)
{
    auto* options = new QVBoxLayout(this);
    options->setContentsMargins(22, 0, 0, 0);
    options->setSpacing(4);
    const auto field = [&](const QString& placeholder, const char* name, const QString& tip) {
        auto* e = new QLineEdit;
        e->setObjectName(QString::fromLatin1(name));
        e->setPlaceholderText(placeholder);
        e->setToolTip(tip);
        e->setAccessibleName(tip);
        e->setClearButtonEnabled(true);
        return e;
    };
    const auto box = [&](const char* name, const QString& tip) {
        auto* b = new QComboBox;
        b->setObjectName(QString::fromLatin1(name));
        b->setAccessibleName(tip);
        b->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
        b->setMinimumContentsLength(8);
        options->addWidget(b);
        return b;
    };
    m_where = field(tr("Fit rows where…"), "where", tr("Only these rows are fitted, such as N>1e8 and tokens<=2e10"));
    m_holdout = field(tr("Hold out rows where…"), "holdout",
                      tr("These rows are predicted, not fitted: the error on them is what an extrapolation is worth"));
    options->addWidget(m_where);
    options->addWidget(m_holdout);
    m_rowsOf = box("rowsOf", tr("Rows of a log"));
    m_rowsOf->addItem(tr("The last record of each run"), QString());
    m_rowsOf->addItem(tr("Every step of each run"), QStringLiteral("all"));

    m_region = new QWidget;
    auto* region = new QHBoxLayout(m_region);
    region->setContentsMargins(0, 0, 0, 0);
    region->setSpacing(4);
    m_regionOf = new QLabel;
    m_regionOf->setProperty("role", QStringLiteral("second"));
    m_from = field(tr("from"), "regionFrom", tr("Only rows from here on are fitted; the border can be dragged in the chart"));
    m_to = field(tr("to"), "regionTo", tr("Only rows up to here are fitted; the border can be dragged in the chart"));
    region->addWidget(m_regionOf);
    region->addWidget(m_from, 1);
    region->addWidget(m_to, 1);
    options->addWidget(m_region);

    m_weight = box("weight", tr("How much rows count"));
    m_weight->addItem(tr("All rows count alike"), QString());
    m_weight->addItem(tr("Each run counts alike"), QStringLiteral("run"));
    m_weight->addItem(tr("Rows count by a column…"), QStringLiteral("="));
    m_weight->setItemData(1, tr("Whatever its number of rows"), Qt::ToolTipRole);
    m_weight->setItemData(2, tr("As if the variance of a row were in inverse proportion, such as 1/se^2"), Qt::ToolTipRole);
    m_weightBy = field(tr("Column or expression, such as 1/se^2"), "weightBy", tr("How much each row counts"));
    m_weightBy->hide();
    options->addWidget(m_weightBy);
    m_interval = box("interval", tr("Intervals"));
    for (const Choice& one : intervals) {
        m_interval->addItem(tr(one.name), keyOf(one.kind, one.resamples));
        m_interval->setItemData(m_interval->count() - 1, tr(one.tip), Qt::ToolTipRole);
    }

    connect(m_where, &QLineEdit::editingFinished, this, [this] {
        const std::string to = m_where->text().trimmed().toStdString();
        if (to != m_spec.where)
            emit asked(to.empty() ? tr("Fit all rows") : tr("Fit rows where %1").arg(m_where->text()), [to](fit::Spec& s) { s.where = to; });
    });
    connect(m_holdout, &QLineEdit::editingFinished, this, [this] {
        const std::string to = m_holdout->text().trimmed().toStdString();
        if (to != m_spec.holdout)
            emit asked(to.empty() ? tr("Hold nothing out") : tr("Hold out rows where %1").arg(m_holdout->text()),
                       [to](fit::Spec& s) { s.holdout = to; });
    });
    connect(m_rowsOf, &QComboBox::activated, this, [this] {
        const std::string rows = m_rowsOf->currentData().toString().toStdString();
        emit asked(tr("Fit %1").arg(m_rowsOf->currentText().toLower()), [rows](fit::Spec& s) {
            if (rows.empty())
                s.set.erase("rows");
            else
                s.set["rows"] = rows;
        });
    });
    for (QLineEdit* end : {m_from, m_to})
        connect(end, &QLineEdit::editingFinished, this, &FitOptions::askRegion);
    connect(m_weight, &QComboBox::activated, this, [this] {
        const std::string kind = m_weight->currentData().toString().toStdString();
        m_weightBy->setVisible(kind == "=");
        if (kind == "=")
            m_weightBy->setFocus();         // nothing is asked before a column is named
        else
            askWeight(kind);
    });
    connect(m_weightBy, &QLineEdit::editingFinished, this, [this] { askWeight(m_weightBy->text().trimmed().toStdString()); });
    connect(m_interval, &QComboBox::activated, this, [this] {
        const QString key = m_interval->currentData().toString();
        const std::string kind = key.section(QLatin1Char(':'), 0, 0).toStdString();
        const int resamples = key.section(QLatin1Char(':'), 1).toInt();
        emit asked(m_interval->currentText(), [kind, resamples](fit::Spec& s) { s.interval = kind, s.bootstrap = resamples; });
    });
}

void FitOptions::askWeight(const std::string& weight)
{
    const auto now = m_spec.set.find("weight");
    if (weight == (now == m_spec.set.end() ? std::string() : now->second))
        return;
    emit asked(weight.empty() ? tr("All rows count alike") : weight == "run" ? tr("Each run counts alike") : tr("Rows count by %1").arg(QString::fromStdString(weight)),
               [weight](fit::Spec& s) {
                   if (weight.empty())
                       s.set.erase("weight");
                   else
                       s.set["weight"] = weight;
               });
}

void FitOptions::askRegion()
{
    double ends[2] = {-infinity, infinity};
    int i = 0;
    for (QLineEdit* end : {m_from, m_to}) {
        const std::string typed = end->text().trimmed().toStdString();
        try {
            if (!typed.empty())
                ends[i] = data::parseNumber(typed);
            end->setToolTip({});
        } catch (const std::exception& e) {
            end->setToolTip(QString::fromUtf8(e.what()));
            end->selectAll();
            return;
        }
        ++i;
    }
    fit::Spec next = m_spec;
    setRegion(next, ends[0], ends[1]);
    if (next.set == m_spec.set)
        return;
    emit asked(tr("Fit %1 from %2 to %3").arg(m_regionOf->text(), m_from->text(), m_to->text()),
               [from = ends[0], to = ends[1]](fit::Spec& s) { setRegion(s, from, to); });
}

void FitOptions::show(const law::Law& law, const fit::Spec& spec)
{
    m_spec = spec;
    const auto put = [](QLineEdit* e, const std::string& s) {
        if (!e->hasFocus())
            e->setText(QString::fromStdString(s));
    };
    put(m_where, spec.where);
    put(m_holdout, spec.holdout);
    const auto rows = spec.set.find("rows");
    m_rowsOf->setCurrentIndex(rows != spec.set.end() && rows->second == "all" ? 1 : 0);
    m_rowsOf->setVisible(!law.curves);      // laws over curves read every step anyway
    m_region->setVisible(law.inputs.size() == 1);
    m_regionOf->setText(law.inputs.empty() ? QString() : QString::fromUtf8(law.inputs[0].name.data(), qsizetype(law.inputs[0].name.size())));
    const auto region = regionOf(spec);
    const auto end = [](double v) { return std::isinf(v) ? std::string() : text::number(v); };
    put(m_from, region ? end(region->first) : "");
    put(m_to, region ? end(region->second) : "");
    const auto weight = spec.set.find("weight");
    const bool byColumn = weight != spec.set.end() && weight->second != "run";
    const QSignalBlocker quietWeight(m_weight), quietInterval(m_interval);
    if (!m_weightBy->hasFocus()) {
        m_weight->setCurrentIndex(weight == spec.set.end() ? 0 : byColumn ? 2 : 1);
        m_weightBy->setVisible(byColumn);
        m_weightBy->setText(byColumn ? QString::fromStdString(weight->second) : QString());
    }
    const QString key = keyOf(spec.interval, spec.bootstrap);
    if (m_interval->findData(key) < 0)      // asked for on the command line, say
        m_interval->addItem(spec.interval == "wild" ? tr("Wild bootstrap, %L1 resamples").arg(spec.bootstrap) : tr("Bootstrap, %L1 resamples").arg(spec.bootstrap), key);
    m_interval->setCurrentIndex(m_interval->findData(key));
}
