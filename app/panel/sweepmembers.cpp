// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/panel/sweepmembers.h"

#include "app/chart/axis.h"

#include <QPainter>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

namespace {

constexpr double highLogit = 1e4;       // beyond it runs of the literature diverged (Wortsman et al. 2023)

QString words(const QJsonValue& value)
{
    if (value.isDouble())
        return chart::number(value.toDouble());
    if (value.isBool())
        return value.toBool() ? QObject::tr("yes") : QObject::tr("no");
    return value.isString() ? value.toString() : value.isNull() ? QObject::tr("none") : QString();
}

void flatten(const QJsonObject& object, const QString& prefix, std::map<QString, QJsonValue>& out)
{
    for (auto at = object.begin(); at != object.end(); ++at)
        if (at.value().isObject())
            flatten(at.value().toObject(), prefix + at.key() + QLatin1Char('/'), out);
        else
            out[prefix + at.key()] = at.value();
}

QString shortName(const QString& key)
{
    if (key == QLatin1String("L"))
        return QObject::tr("layers");
    if (key == QLatin1String("d"))
        return QObject::tr("width");
    return key.section(QLatin1Char('/'), -1);
}

}

QJsonValue configValue(const QJsonObject& config, const QString& key)
{
    QJsonValue value = config;
    for (const QString& part : key.split(QLatin1Char('/')))
        value = value.toObject()[part];
    return value;
}

QStringList keysThatDiffer(const std::vector<SweepMember>& members)
{
    std::map<QString, std::pair<QJsonValue, bool>> seen;
    for (const SweepMember& m : members) {
        std::map<QString, QJsonValue> flat;
        flatten(m.config, {}, flat);
        for (const auto& [key, value] : flat) {
            const auto [at, isNew] = seen.try_emplace(key, value, false);
            at->second.second = at->second.second || at->second.first != value;
        }
    }
    // Sizes first, then the rate; what follows from them (heads, an identity, when a log is written) says nothing more.
    static const std::set<QString> idle{QStringLiteral("heads"), QStringLiteral("id"), QStringLiteral("name"), QStringLiteral("t"),
                                        QStringLiteral("log_every"), QStringLiteral("N"), QStringLiteral("P"), QStringLiteral("tokens"),
                                        QStringLiteral("batch_tokens"), QStringLiteral("flop_per_token"), QStringLiteral("base_fan_in")};
    QStringList out;
    for (const char* first : {"L", "d", "lr"})
        if (const auto at = seen.find(QString::fromLatin1(first)); at != seen.end() && at->second.second)
            out << at->first;
    for (const auto& [key, one] : seen)
        if (one.second && !out.contains(key) && !idle.contains(key))
            out << key;
    return out;
}

QString summaryOf(const std::vector<SweepMember>& members)
{
    std::map<SweepMember::State, int> counts;
    double lowest = INFINITY;
    for (const SweepMember& m : members) {
        ++counts[m.state];
        if (m.state == SweepMember::State::Diverged)
            lowest = std::min(lowest, m.config[QLatin1String("lr")].toDouble(INFINITY));
    }
    QStringList parts;
    using S = SweepMember::State;
    for (const auto& [state, word] : {std::pair{S::Done, QObject::tr("done")}, {S::Diverged, QObject::tr("diverged")}, {S::Training, QObject::tr("training")},
                                      {S::Stopped, QObject::tr("stopped")}, {S::Waiting, QObject::tr("waiting")}})
        if (counts[state] > 0)
            parts << QStringLiteral("%1 %2").arg(counts[state]).arg(word)
                    + (state == S::Diverged && std::isfinite(lowest) ? QObject::tr(" (learning rates from %1 on)").arg(chart::number(lowest)) : QString());
    return (members.size() == 1 ? QObject::tr("1 member: ") : QObject::tr("%1 members: ").arg(members.size())) + parts.join(QStringLiteral(", "));
}

void MemberModel::set(const std::vector<SweepMember>& members, bool live)
{
    const bool same = members.size() == m_members.size()
        && std::equal(members.begin(), members.end(), m_members.begin(), [](const auto& a, const auto& b) { return a.id == b.id; });
    const QStringList keys = same ? m_keys : keysThatDiffer(members);
    const bool turned = std::exchange(m_live, live) != live;
    if (!same || keys != m_keys) {
        beginResetModel();
        m_members = members;
        m_keys = keys;
        endResetModel();
        return;
    }
    int first = -1;
    const auto told = [&](int end) {
        if (first >= 0)
            emit dataChanged(index(first, 0), index(end, columnCount() - 1));
        first = -1;
    };
    for (int r = 0; r < int(members.size()); ++r) {
        const auto i = std::size_t(r);
        // A configuration never changes, and is the one thing that takes long to compare.
        SweepMember with = members[i];
        with.config = m_members[i].config;
        const bool changed = turned || !(with == m_members[i]);
        if (changed) {
            m_members[i] = members[i];
            first = first < 0 ? r : first;
        } else {
            told(r - 1);
        }
    }
    told(int(members.size()) - 1);
}

void MemberModel::setTheme(const theme::Theme& t)
{
    m_theme = t;
    if (!m_members.empty())
        emit dataChanged(index(0, 0), index(rowCount() - 1, columnCount() - 1), {Qt::ForegroundRole});
}

int MemberModel::rowCount(const QModelIndex& parent) const { return parent.isValid() ? 0 : int(m_members.size()); }
int MemberModel::columnCount(const QModelIndex& parent) const { return parent.isValid() || m_members.empty() ? 0 : int(m_keys.size()) + 4; }

// With what a live run gives away before it ends.
QString MemberModel::judged(const SweepMember& m) const
{
    if (m.state != SweepMember::State::Training)
        return verdict(m);
    if (!m_live)
        return tr("interrupted");
    if (!std::isnan(m.maxLogit) && m.maxLogit > highLogit)
        return tr("logits high");
    return verdict(m);
}

QVariant MemberModel::shown(const SweepMember& m, int column) const
{
    const auto number = [](double v) { return std::isnan(v) ? QStringLiteral("–") : chart::number(v, 4); };
    if (column < m_keys.size())
        return words(configValue(m.config, m_keys[column]));
    switch (column - int(m_keys.size())) {
    case 0: return QStringLiteral("%1 / %2").arg(m.step).arg(m.steps);
    case 1: return m.step > 0 && std::isnan(m.loss) ? QStringLiteral("NaN") : number(m.loss);
    case 2: return std::isnan(m.maxLogit) ? QStringLiteral("–") : chart::number(m.maxLogit, 3);
    default: return judged(m);
    }
}

QVariant MemberModel::sorted(const SweepMember& m, int column) const
{
    if (column < m_keys.size()) {
        const QJsonValue value = configValue(m.config, m_keys[column]);
        return value.isDouble() ? QVariant(value.toDouble()) : QVariant(words(value));
    }
    switch (column - int(m_keys.size())) {
    case 0: return m.steps > 0 ? double(m.step) / double(m.steps) : 0.;
    case 1: return m.loss;
    case 2: return m.maxLogit;
    default: return judged(m);
    }
}

QVariant MemberModel::data(const QModelIndex& index, int role) const
{
    if (!index.isValid())
        return {};
    const SweepMember& m = m_members[std::size_t(index.row())];
    const int own = index.column() - int(m_keys.size());
    switch (role) {
    case Qt::DisplayRole: return shown(m, index.column());
    case SortRole: return sorted(m, index.column());
    case ProgressRole: return m.steps > 0 ? std::clamp(double(m.step) / double(m.steps), 0., 1.) : 0.;
    case Qt::TextAlignmentRole: return int(own == 3 || (own < 0 && !configValue(m.config, m_keys[index.column()]).isDouble()) ? Qt::AlignLeft | Qt::AlignVCenter : Qt::AlignRight | Qt::AlignVCenter);
    case Qt::ForegroundRole:
        if (own == 3) {
            if (m.state == SweepMember::State::Diverged)
                return m_theme.bad;
            if (m.state == SweepMember::State::Done)
                return m_theme.good;
            if (m.state == SweepMember::State::Stopped || judged(m) != verdict(m))
                return m_theme.warn;
            return m_theme.text2;
        }
        return own == 2 && m.maxLogit > highLogit ? QVariant(m_theme.warn) : QVariant();
    case Qt::ToolTipRole:
        return own == 2 && m.maxLogit > highLogit ? tr("Runs of the literature diverged beyond attention logits of 10⁴.")
               : std::isnan(m.validation)         ? m.name
                                                  : tr("%1\nvalidation loss %2").arg(m.name, chart::number(m.validation));
    default: return {};
    }
}

QVariant MemberModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal)
        return {};
    const int own = section - int(m_keys.size());
    if (role == Qt::TextAlignmentRole)
        return int((own == 3 ? Qt::AlignLeft : Qt::AlignRight) | Qt::AlignVCenter);
    if (role == Qt::ToolTipRole && own < 0)
        return m_keys.value(section);
    if (role != Qt::DisplayRole)
        return {};
    if (own < 0)
        return shortName(m_keys[section]);
    return QStringList{tr("step"), tr("loss"), tr("max logit"), tr("verdict")}.value(own);
}

bool MemberOrder::lessThan(const QModelIndex& left, const QModelIndex& right) const
{
    const QVariant a = left.data(MemberModel::SortRole), b = right.data(MemberModel::SortRole);
    if (a.typeId() == QMetaType::Double && b.typeId() == QMetaType::Double) {
        const double x = a.toDouble(), y = b.toDouble();
        if (std::isnan(x) || std::isnan(y))
            return sortOrder() == Qt::AscendingOrder ? !std::isnan(x) && std::isnan(y) : std::isnan(x) && !std::isnan(y);
        return x < y;
    }
    return QString::localeAwareCompare(a.toString(), b.toString()) < 0;
}

void ProgressDelegate::paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const
{
    QStyledItemDelegate::paint(painter, option, index);
    const double at = index.data(MemberModel::ProgressRole).toDouble();
    const QRectF ground(option.rect.left() + 6, option.rect.bottom() - 4, option.rect.width() - 12, 2);
    painter->fillRect(ground, theme::blend(m_theme.text, m_theme.surface, .08));
    painter->fillRect(QRectF(ground.left(), ground.top(), ground.width() * at, ground.height()), m_theme.text2);
}
