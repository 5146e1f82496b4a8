// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/panel/icon.h"

#include <QCoreApplication>
#include <QFile>
#include <QHash>
#include <QPainter>
#include <QSvgRenderer>

namespace {

QPixmap render(QByteArray svg, const QColor& color, int size)
{
    svg.replace("currentColor", color.name().toLatin1());
    QSvgRenderer renderer(svg);
    QPixmap out(size, size);
    out.fill(Qt::transparent);
    QPainter painter(&out);
    renderer.render(&painter);
    return out;
}

}

QIcon icon(const char* name, const QColor& color, const QColor& disabled)
{
    // Drawn once: panels set their icons at every change.
    static QHash<QByteArray, QIcon> made;
    static const bool cleared = [] {
        qAddPostRoutine([] { made.clear(); });      // no pixmap outlives the application
        return true;
    }();
    Q_UNUSED(cleared)
    const QByteArray key = QByteArray(name) + color.name().toLatin1() + disabled.name().toLatin1();
    if (const auto at = made.constFind(key); at != made.constEnd())
        return *at;
    QFile file(QStringLiteral(":/icons/%1.svg").arg(QLatin1String(name)));
    if (!file.open(QIODevice::ReadOnly))
        return {};
    const QByteArray svg = file.readAll();
    QIcon out;
    for (const int size : {16, 24, 32, 48}) {
        const QPixmap pixmap = render(svg, color, size);
        out.addPixmap(pixmap);
        out.addPixmap(pixmap, QIcon::Selected);
        out.addPixmap(render(svg, disabled, size), QIcon::Disabled);
    }
    made.insert(key, out);
    return out;
}

QIcon icon(const char* name, const theme::Theme& t)
{
    return icon(name, t.text2, theme::blend(t.text2, t.surface, .45));
}
