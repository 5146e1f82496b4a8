// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/theme/theme.h"
#include "core/data/table.h"
#include "core/fit/fit.h"
#include "core/law/law.h"

#include <QWidget>

#include <functional>

QT_BEGIN_NAMESPACE
class QLabel;
QT_END_NAMESPACE

// One thing the laws of batch size need, and whether the project holds it.
struct GuideStep {
    QString need, state;        // what is needed; what there is, or what is missing
    bool isDone = false;
    bool ofBatch = false;       // without it the critical batch is not known
};

// What the estimation of Su et al. 2024 (arXiv:2403.06563) needs, step by step, and what of it these rows hold: sizes for the
// loss after endless steps, steps without warm-up, batch sizes at one model size for the critical batch. Empty for other laws.
std::vector<GuideStep> batchSteps(const law::Law&, const fit::Spec&, const data::Table*, const fit::Fit*);

// The list of these steps in the fit panel, with what can be predicted now as links to the answers of the law.
class BatchGuide : public QWidget {
    Q_OBJECT
public:
    explicit BatchGuide(QWidget* parent = nullptr);
    void show(const law::Law&, const fit::Spec&, const data::Table*, const fit::Fit*, const theme::Theme&);

signals:
    void answerAsked(const QString& id);
    void asked(const QString& label, const std::function<void(fit::Spec&)>& change);

private:
    QLabel* m_steps;
};
