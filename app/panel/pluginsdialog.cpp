// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/panel/pluginsdialog.h"

#include <QDialogButtonBox>
#include <QDir>
#include <QLabel>
#include <QScrollArea>
#include <QVBoxLayout>

PluginsDialog::PluginsDialog(const std::vector<Plugin>& plugins, QWidget* parent) : QDialog(parent)
{
    setWindowTitle(tr("Plugins"));
    setObjectName(QStringLiteral("plugins"));
    setAttribute(Qt::WA_DeleteOnClose);
    resize(560, 360);
    QString html;
    for (const Plugin& plugin : plugins) {
        const QString name = plugin.name.isEmpty() ? QFileInfo(plugin.file).fileName() : plugin.name;
        html += QStringLiteral("<p><b>%1</b> %2<br>%3<br><small>%4</small></p>")
                    .arg(name.toHtmlEscaped(), plugin.version.toHtmlEscaped(),
                         plugin.why.isEmpty() ? tr("✓ loaded") : QStringLiteral("⚠ ") + plugin.why.toHtmlEscaped(), plugin.file.toHtmlEscaped());
    }
    if (plugins.empty())
        html = QStringLiteral("<p>%1</p>").arg(tr("No plugin was found."));
    html += QStringLiteral("<p><small>%1<br>%2</small></p>").arg(tr("Looked for in:"), pluginFolders().join(QLatin1Char('\n')).toHtmlEscaped().replace(QLatin1Char('\n'), QLatin1String("<br>")));
    auto* label = new QLabel(html);
    label->setObjectName(QStringLiteral("pluginList"));
    label->setWordWrap(true);
    label->setTextInteractionFlags(Qt::TextBrowserInteraction);
    label->setAlignment(Qt::AlignTop);
    label->setMargin(12);
    auto* scroll = new QScrollArea;
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setWidgetResizable(true);
    scroll->setWidget(label);
    auto* buttons = new QDialogButtonBox(QDialogButtonBox::Close);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    auto* column = new QVBoxLayout(this);
    column->addWidget(scroll, 1);
    column->addWidget(buttons);
}
