// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/panel/sweepform.h"

#include "core/data/expression.h"
#include "core/figure/format.h"

#include <QComboBox>
#include <QFileDialog>
#include <QGridLayout>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QSignalBlocker>
#include <QTableWidget>
#include <QToolButton>

#include <algorithm>
#include <cmath>

using Json = nlohmann::ordered_json;

namespace {

QString text(const Json& value)
{
    if (value.is_string())
        return QString::fromStdString(value.get<std::string>());
    if (value.is_number_float()) {
        const double v = value.get<double>();
        // As people write rates: 3e-4 and 0.01 rather than 0.0003 and 1e-02.
        QString out = QString::number(v, 'g', 10);
        if (v != 0 && std::abs(v) < 1e-2) {
            out = QString::number(v, 'e', 9);
            QString digits = out.section(QLatin1Char('e'), 0, 0);
            while (digits.endsWith(QLatin1Char('0')))
                digits.chop(1);
            if (digits.endsWith(QLatin1Char('.')))
                digits.chop(1);
            out = digits + QLatin1Char('e') + QString::number(out.section(QLatin1Char('e'), 1).toInt());
        }
        return out;
    }
    return QString::fromStdString(value.dump());
}

Json valueOf(const QString& word)
{
    if (word == QLatin1String("null") || word == QLatin1String("true") || word == QLatin1String("false"))
        return Json::parse(word.toStdString());
    bool isInteger = false, isNumber = false;
    const qlonglong whole = word.toLongLong(&isInteger);
    if (isInteger)
        return whole;
    const double number = word.toDouble(&isNumber);
    if (isNumber)
        return number;
    try {
        const double v = data::parseNumber(word.toStdString());      // 10k, 2M
        return v == std::floor(v) && std::abs(v) < 9e15 ? Json(qint64(v)) : Json(v);
    } catch (const std::exception&) {
        return word.toStdString();
    }
}

QLabel* caption(const QString& words, const QString& tip)
{
    auto* label = new QLabel(words);
    label->setProperty("role", QStringLiteral("second"));
    label->setToolTip(tip);
    return label;
}

QToolButton* small(const QString& words, const char* name, const QString& tip)
{
    auto* button = new QToolButton;
    button->setText(words);
    button->setObjectName(QString::fromLatin1(name));
    button->setProperty("role", QStringLiteral("link"));
    button->setToolTip(tip);
    button->setFocusPolicy(Qt::StrongFocus);
    button->setSizePolicy(QSizePolicy::Maximum, QSizePolicy::Fixed);
    return button;
}

// Keys of `grid` that have fields of their own.
bool isOwn(const std::string& key)
{
    return key == "lr" || key == "seed";
}

Json& at(Json& spec, const char* key)
{
    if (!spec.contains(key) || !spec[key].is_object())
        spec[key] = Json::object();
    return spec[key];
}

}

Json valuesOf(const QString& line)
{
    Json out = Json::array();
    for (const QString& word : line.split(QLatin1Char(','), Qt::SkipEmptyParts))
        if (const QString plain = word.trimmed(); !plain.isEmpty())
            out.push_back(valueOf(plain));
    return out;
}

QString textOf(const Json& values)
{
    if (!values.is_array())
        return text(values);
    QStringList out;
    for (const Json& value : values)
        out << text(value);
    return out.join(QStringLiteral(", "));
}

SweepForm::SweepForm(QWidget* parent) : QWidget(parent), m_grid(new QGridLayout), m_sizes(new QTableWidget(0, 4)), m_rows(new QWidget)
{
    m_grid->setContentsMargins(0, 0, 0, 0);
    m_grid->setHorizontalSpacing(8);
    m_grid->setVerticalSpacing(6);
    m_grid->setColumnStretch(1, 1);
    m_grid->setColumnMinimumWidth(0, 84);
    setLayout(m_grid);
    int row = 0;
    m_name = listField("sweepName", tr("Name"), tr("What the sweep is called; its folder is named after it"), row++);
    connect(m_name, &QLineEdit::editingFinished, this, [this] {
        Spec next = m_spec;
        next["name"] = m_name->text().trimmed().toStdString();
        ask(tr("Name the sweep"), std::move(next));
    });
    m_source = new QComboBox;
    m_source->setObjectName(QStringLiteral("sweepSource"));
    m_source->setAccessibleName(tr("Training text"));
    for (const auto& [id, name, tip] : {std::tuple{"markov", tr("Markov chain"), tr("16 symbols, order 2: learnt in a minute, its entropy known exactly")},
                                        {"zipf", tr("Zipf"), tr("Independent symbols, many of them rare: for output logits")},
                                        {"copy", tr("Copies"), tr("A random block, then the same again: for induction")},
                                        {"modular", tr("Modular sums"), tr("a + b = c modulo a prime: for repetition and sudden learning")},
                                        {"pcfg", tr("Grammar"), tr("Nested phrases: long range")},
                                        {"file", tr("A file…"), tr("Bytes of a text, or a token file")}}) {
        m_source->addItem(name, QString::fromLatin1(id));
        m_source->setItemData(m_source->count() - 1, tip, Qt::ToolTipRole);
    }
    m_tokens = new QLineEdit;
    m_tokens->setObjectName(QStringLiteral("sweepTokens"));
    m_tokens->setMaximumWidth(80);
    m_tokens->setToolTip(tr("Tokens of the training text"));
    m_tokens->setAccessibleName(tr("Tokens of the training text"));
    auto* source = new QHBoxLayout;
    source->setSpacing(6);
    source->addWidget(m_source, 1);
    source->addWidget(caption(tr("tokens"), m_tokens->toolTip()));
    source->addWidget(m_tokens);
    m_grid->addWidget(caption(tr("Text"), tr("What the models are trained on")), row, 0);
    m_grid->addLayout(source, row++, 1);
    connect(m_source, &QComboBox::activated, this, &SweepForm::takeSource);
    connect(m_tokens, &QLineEdit::editingFinished, this, [this] {
        const Json value = valueOf(m_tokens->text().trimmed());
        Spec next = m_spec;
        if (value.is_number())
            at(at(next, "data"), "train")["tokens"] = value;
        ask(tr("Tokens of the text"), std::move(next));
    });

    m_sizes->setObjectName(QStringLiteral("sweepSizes"));
    m_sizes->setAccessibleName(tr("Sizes"));
    m_sizes->setHorizontalHeaderLabels({tr("layers"), tr("width"), tr("heads"), tr("N")});
    m_sizes->horizontalHeaderItem(3)->setToolTip(tr("Parameters between embedding and head, 12 L d²"));
    m_sizes->horizontalHeader()->setSectionResizeMode(QHeaderView::Stretch);
    m_sizes->horizontalHeader()->setHighlightSections(false);
    m_sizes->verticalHeader()->hide();
    m_sizes->verticalHeader()->setDefaultSectionSize(24);
    m_sizes->setShowGrid(false);
    m_sizes->setTabKeyNavigation(false);
    m_sizes->setToolTip(tr("A row for each size of model. Double click or F2 changes a number, Delete removes a row."));
    connect(m_sizes, &QTableWidget::cellChanged, this, &SweepForm::takeSizes);
    auto* sizeBar = new QVBoxLayout;
    sizeBar->setSpacing(2);
    auto* more = small(tr("Add"), "sizeAdd", tr("Another size, twice the last one's width"));
    auto* less = small(tr("Remove"), "sizeRemove", tr("Remove the size that is chosen"));
    sizeBar->addWidget(caption(tr("Sizes"), m_sizes->toolTip()));
    sizeBar->addWidget(more, 0, Qt::AlignLeft);
    sizeBar->addWidget(less, 0, Qt::AlignLeft);
    sizeBar->addStretch();
    m_grid->addLayout(sizeBar, row, 0);
    m_grid->addWidget(m_sizes, row++, 1);
    connect(more, &QToolButton::clicked, this, [this] {
        Spec next = m_spec;
        Json& sizes = next["sizes"];
        Json size = sizes.is_array() && !sizes.empty() ? sizes.back() : Json{{"L", 2}, {"d", 16}, {"heads", 1}};
        if (sizes.is_array() && !sizes.empty() && size.is_object())
            size["d"] = 2 * size.value("d", 16), size["heads"] = 2 * size.value("heads", 1);
        if (!sizes.is_array())
            sizes = Json::array();
        sizes.push_back(size);
        ask(tr("Add a size"), std::move(next));
    });
    connect(less, &QToolButton::clicked, this, [this] {
        Spec next = m_spec;
        Json& sizes = next["sizes"];
        if (!sizes.is_array() || sizes.size() < 2)
            return;
        sizes.erase(std::size_t(std::clamp(m_sizes->currentRow() < 0 ? int(sizes.size()) - 1 : m_sizes->currentRow(), 0, int(sizes.size()) - 1)));
        ask(tr("Remove a size"), std::move(next));
    });

    m_rates = listField("sweepRates", tr("Rates"), tr("Peak learning rates, separated by commas"), row++);
    m_seeds = listField("sweepSeeds", tr("Seeds"), tr("Seeds of the first weights, separated by commas; several show how much is chance"), row++);
    connect(m_rates, &QLineEdit::editingFinished, this, [this] { takeList(m_rates, "lr", tr("Learning rates")); });
    connect(m_seeds, &QLineEdit::editingFinished, this, [this] { takeList(m_seeds, "seed", tr("Seeds")); });
    auto* factors = new QGridLayout(m_rows);
    factors->setContentsMargins(0, 0, 0, 0);
    factors->setHorizontalSpacing(6);
    factors->setVerticalSpacing(6);
    factors->setColumnStretch(1, 1);
    factors->setColumnMinimumWidth(0, 84);
    m_add = small(tr("Add a switch"), "factorAdd", tr("Vary something else: every value of it with every other"));
    m_add->setPopupMode(QToolButton::InstantPopup);
    m_add->setText(m_add->text() + QStringLiteral("\u2002\u2002"));     // room for the arrow, which is drawn over the text
    m_add->setMenu(new QMenu(m_add));
    m_grid->addWidget(m_rows, row++, 0, 1, 2);
    m_grid->addWidget(m_add, row++, 0, 1, 2, Qt::AlignLeft);

    auto* numbers = new QHBoxLayout;
    numbers->setSpacing(6);
    const auto number = [&](const char* name, const QString& title, const QString& tip, const char* key, const QString& label) {
        auto* field = new QLineEdit;
        field->setObjectName(QString::fromLatin1(name));
        field->setAccessibleName(tip);
        field->setToolTip(tip);
        field->setMinimumWidth(44);
        if (numbers->count() > 0)
            numbers->addWidget(caption(title, tip));
        numbers->addWidget(field, 1);
        connect(field, &QLineEdit::editingFinished, this, [this, field, key = std::string(key), label] { takeNumber(field, key, label); });
        return field;
    };
    m_steps = number("sweepSteps", tr("steps"), tr("Steps of training"), "steps", tr("Steps"));
    m_batch = number("sweepBatch", tr("batch"), tr("Sequences a step"), "B", tr("Batch"));
    m_context = number("sweepContext", tr("context"), tr("Tokens of a sequence"), "T", tr("Context"));
    m_grid->addWidget(caption(tr("Steps"), tr("Steps of training")), row, 0);
    m_grid->addLayout(numbers, row++, 1);
}

QLineEdit* SweepForm::listField(const char* name, const QString& title, const QString& tip, int row)
{
    auto* field = new QLineEdit;
    field->setObjectName(QString::fromLatin1(name));
    field->setAccessibleName(title);
    field->setToolTip(tip);
    m_grid->addWidget(caption(title, tip), row, 0);
    m_grid->addWidget(field, row, 1);
    return field;
}

void SweepForm::setFactors(const QList<Runner::Factor>& factors)
{
    m_factors = factors;
    m_add->menu()->clear();
    m_add->menu()->setToolTipsVisible(true);
    for (const Runner::Factor& factor : factors)
        m_add->menu()->addAction(factor.name, this, [this, factor] {
            Spec next = m_spec;
            Json& grid = at(next, "grid");
            if (!grid.contains(factor.key.toStdString()))
                grid[factor.key.toStdString()] = valuesOf(factor.values);
            ask(tr("Vary %1").arg(factor.name), std::move(next));
        })->setToolTip(factor.meaning);
}

void SweepForm::set(const Spec& spec)
{
    if (spec == m_spec)
        return;
    m_spec = spec;
    const auto defaults = spec.value("defaults", Json::object());
    const auto grid = spec.value("grid", Json::object());
    const auto show = [](QLineEdit* field, const QString& words) {
        const QSignalBlocker quiet(field);
        if (field->text() != words)
            field->setText(words);
    };
    show(m_name, QString::fromStdString(spec.value("name", std::string())));
    const auto listed = [&](const char* key, const char* usual) {
        return grid.contains(key) ? textOf(grid[key]) : defaults.contains(key) ? text(defaults[key]) : QString::fromLatin1(usual);
    };
    show(m_rates, listed("lr", ""));
    show(m_seeds, listed("seed", "1"));
    show(m_steps, defaults.contains("steps") ? text(defaults["steps"]) : QString());
    show(m_batch, defaults.contains("B") ? text(defaults["B"]) : QString());
    show(m_context, defaults.contains("T") ? text(defaults["T"]) : QString());
    for (const auto& [field, key] : {std::pair{m_steps, "steps"}, {m_batch, "B"}, {m_context, "T"}})
        field->setEnabled(!grid.contains(key));     // it is varied below
    const Json train = spec.value("data", Json::object()).value("train", Json::object());
    const bool file = train.contains("file");
    m_source->setCurrentIndex(m_source->findData(file ? QStringLiteral("file") : QString::fromStdString(train.value("gen", std::string("markov")))));
    m_source->setItemText(m_source->findData(QStringLiteral("file")),
                          file ? QString::fromStdString(train.value("file", std::string())).section(QLatin1Char('/'), -1) : tr("A file…"));
    show(m_tokens, train.contains("tokens") ? text(train["tokens"]) : QString());
    m_tokens->setEnabled(!file);
    fillSizes();
    fillFactors();
}

void SweepForm::fillSizes()
{
    const QSignalBlocker quiet(m_sizes);
    const Json sizes = m_spec.value("sizes", Json::array());
    m_sizes->setRowCount(int(sizes.size()));
    for (int r = 0; r < int(sizes.size()); ++r) {
        const Json& size = sizes[std::size_t(r)];
        int c = 0;
        for (const char* key : {"L", "d", "heads"}) {
            auto* item = new QTableWidgetItem(size.is_object() && size.contains(key) ? text(size[key]) : QString());
            item->setTextAlignment(Qt::AlignRight | Qt::AlignVCenter);
            m_sizes->setItem(r, c++, item);
        }
        const double L = m_sizes->item(r, 0)->text().toDouble(), d = m_sizes->item(r, 1)->text().toDouble();
        auto* n = new QTableWidgetItem(L > 0 && d > 0 ? QString::fromStdString(figure::si(12 * L * d * d)) : QString());
        n->setTextAlignment(Qt::AlignRight | Qt::AlignVCenter);
        n->setFlags(Qt::ItemIsEnabled);
        m_sizes->setItem(r, 3, n);
    }
    m_sizes->setFixedHeight(38 + 24 * std::clamp(int(sizes.size()), 1, 6));
}

void SweepForm::takeSizes()
{
    Spec next = m_spec;
    Json& sizes = next["sizes"];
    for (int r = 0; r < m_sizes->rowCount() && sizes.is_array() && r < int(sizes.size()); ++r) {
        int c = 0;
        for (const char* key : {"L", "d", "heads"}) {
            const QString words = m_sizes->item(r, c++)->text().trimmed();
            if (!words.isEmpty())
                sizes[std::size_t(r)][key] = valueOf(words);
        }
    }
    // Not from inside the signal of a cell that is about to be replaced.
    QMetaObject::invokeMethod(this, [this, next] { ask(tr("Change a size"), next); }, Qt::QueuedConnection);
}

void SweepForm::fillFactors()
{
    qDeleteAll(m_rows->findChildren<QWidget*>(QString(), Qt::FindDirectChildrenOnly));
    const Json grid = m_spec.value("grid", Json::object());
    for (const auto& [key, values] : grid.items())
        if (!isOwn(key))
            addFactor(QString::fromStdString(key), textOf(values));
}

void SweepForm::addFactor(const QString& key, const QString& values)
{
    auto* grid = static_cast<QGridLayout*>(m_rows->layout());
    const int row = grid->rowCount();
    const auto known = std::ranges::find(m_factors, key, &Runner::Factor::key);
    const QString name = known == m_factors.end() ? key : known->name;
    auto* label = caption(name, known == m_factors.end() ? key : known->meaning + QStringLiteral(" (") + key + QLatin1Char(')'));
    auto* field = new QLineEdit(values);
    field->setObjectName(QStringLiteral("factor-") + key);
    field->setAccessibleName(name);
    field->setToolTip(tr("Values, separated by commas; usual: %1").arg(known == m_factors.end() ? values : known->values));
    auto* remove = small(tr("×"), "factorRemove", tr("Vary it no longer"));
    remove->setAccessibleName(tr("Vary %1 no longer").arg(name));
    grid->addWidget(label, row, 0);
    grid->addWidget(field, row, 1);
    grid->addWidget(remove, row, 2);
    connect(field, &QLineEdit::editingFinished, this, [this, field, key, name] { takeList(field, key.toStdString(), tr("Values of %1").arg(name)); });
    connect(remove, &QToolButton::clicked, this, [this, key, name] {
        Spec next = m_spec;
        at(next, "grid").erase(key.toStdString());
        QMetaObject::invokeMethod(this, [this, next, name] { ask(tr("Do not vary %1").arg(name), next); }, Qt::QueuedConnection);
    });
}

void SweepForm::takeList(const QLineEdit* field, const std::string& key, const QString& label)
{
    if (!field->isModified())
        return;
    Spec next = m_spec;
    const Json values = valuesOf(field->text());
    if (values.empty())
        at(next, "grid").erase(key);
    else
        at(next, "grid")[key] = values;
    QMetaObject::invokeMethod(this, [this, next, label] { ask(label, next); }, Qt::QueuedConnection);
}

void SweepForm::takeNumber(const QLineEdit* field, const std::string& key, const QString& label)
{
    Spec next = m_spec;
    if (field->text().trimmed().isEmpty())
        at(next, "defaults").erase(key);
    else
        at(next, "defaults")[key] = valueOf(field->text().trimmed());
    ask(label, std::move(next));
}

void SweepForm::takeSource()
{
    const QString id = m_source->currentData().toString();
    Spec next = m_spec;
    Json& text = at(next, "data");
    const auto other = [&](Json train, Json val) {
        text["train"] = std::move(train);
        text["val"] = std::move(val);
    };
    const Json same{{"gen", "same"}, {"seed", 2}, {"tokens", 20000}};
    if (id == QLatin1String("file")) {
        auto* ask = new QFileDialog(this, tr("Text to train on"));
        ask->setAttribute(Qt::WA_DeleteOnClose);
        ask->setFileMode(QFileDialog::ExistingFile);
        connect(ask, &QFileDialog::fileSelected, this, [this](const QString& file) {
            Spec with = m_spec;
            at(with, "data")["train"] = Json{{"file", file.toStdString()}};
            at(with, "data")["val"] = Json{{"gen", "tail"}, {"fraction", .1}};
            this->ask(tr("Train on %1").arg(file.section(QLatin1Char('/'), -1)), std::move(with));
        });
        connect(ask, &QFileDialog::rejected, this, [this] {
            const Spec now = std::exchange(m_spec, Spec());
            set(now);
        });
        ask->open();
        return;
    }
    if (id == QLatin1String("markov"))
        other({{"gen", "markov"}, {"order", 2}, {"vocab", 16}, {"temp", 1.5}, {"seed", 11}, {"tokens", 1000000}}, same);
    else if (id == QLatin1String("zipf"))
        other({{"gen", "zipf"}, {"vocab", 512}, {"seed", 11}, {"tokens", 1000000}}, same);
    else
        other({{"gen", id.toStdString()}, {"tokens", 1000000}}, same);
    ask(tr("Train on %1").arg(m_source->currentText()), std::move(next));
}

void SweepForm::ask(const QString& label, Spec next)
{
    if (!(next == m_spec))
        emit asked(label, next);
}
