// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/panel/bars.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QProgressBar>
#include <QPushButton>
#include <QToolButton>
#include <QVBoxLayout>

MessageBar::MessageBar(QWidget* parent) : QFrame(parent), m_text(new QLabel)
{
    setProperty("role", QStringLiteral("error"));
    setAttribute(Qt::WA_StyledBackground);
    setObjectName(QStringLiteral("message"));
    m_text->setWordWrap(true);
    m_text->setTextFormat(Qt::PlainText);
    m_text->setTextInteractionFlags(Qt::TextSelectableByMouse);
    auto* close = new QToolButton;
    close->setText(QStringLiteral("×"));
    close->setAutoRaise(true);
    close->setAccessibleName(tr("Close the message"));
    connect(close, &QToolButton::clicked, this, &QWidget::hide);
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(16, 6, 8, 6);
    row->addWidget(m_text, 1);
    row->addWidget(close);
    hide();
}

void MessageBar::say(const QString& sentence)
{
    m_text->setText(sentence);
    setVisible(!sentence.isEmpty());
}

QString MessageBar::sentence() const
{
    return m_text->text();
}

ProgressStrip::ProgressStrip(QWidget* parent) : QFrame(parent), m_text(new QLabel), m_bar(new QProgressBar)
{
    setObjectName(QStringLiteral("progress"));
    setProperty("role", QStringLiteral("surface"));
    setAttribute(Qt::WA_StyledBackground);
    m_bar->setTextVisible(false);
    m_bar->setRange(0, 1000);
    auto* cancel = new QPushButton(tr("Cancel"));
    connect(cancel, &QPushButton::clicked, this, &ProgressStrip::cancelAsked);
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(16, 6, 16, 6);
    row->setSpacing(12);
    row->addWidget(m_text);
    row->addWidget(m_bar, 1);
    row->addWidget(cancel);
    m_delay.setSingleShot(true);
    m_delay.setInterval(300);
    connect(&m_delay, &QTimer::timeout, this, &QWidget::show);
    hide();
}

void ProgressStrip::report(const QString& what, double at)
{
    if (at < 0) {
        m_delay.stop();
        hide();
        return;
    }
    m_text->setText(what);
    m_bar->setValue(int(at * 1000));
    if (isHidden() && !m_delay.isActive())
        m_delay.start();
}

EmptyPanel::EmptyPanel(QWidget* parent) : QWidget(parent)
{
    setProperty("role", QStringLiteral("surface"));
    setAttribute(Qt::WA_StyledBackground);
    auto* sentence = new QLabel(tr("Drop training logs here, or open them."));
    sentence->setProperty("role", QStringLiteral("title"));
    sentence->setAlignment(Qt::AlignCenter);
    auto* row = new QHBoxLayout;
    row->setSpacing(8);
    row->addStretch();
    const auto button = [&](const QString& text, const char* name, auto signal, bool primary = false) {
        auto* b = new QPushButton(text);
        b->setObjectName(QString::fromLatin1(name));
        b->setProperty("primary", primary);
        connect(b, &QPushButton::clicked, this, signal);
        row->addWidget(b);
    };
    button(tr("Open folder"), "openFolder", &EmptyPanel::folderAsked, true);
    button(tr("Open file"), "openFile", &EmptyPanel::fileAsked);
    button(tr("Sample project"), "sample", &EmptyPanel::sampleAsked);
    row->addStretch();
    auto* column = new QVBoxLayout(this);
    column->setSpacing(16);
    column->addStretch(2);
    column->addWidget(sentence);
    column->addLayout(row);
    column->addStretch(3);
}
