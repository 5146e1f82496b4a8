// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/panel/icon.h"

#include <QFile>
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
    QFile file(QStringLiteral(":/icons/%1.svg").arg(QLatin1String(name)));
    if (!file.open(QIODevice::ReadOnly))
        return {};
    const QByteArray svg = file.readAll();
    QIcon out;
    for (const int size : {16, 24, 32, 48}) {
        out.addPixmap(render(svg, color, size));
        out.addPixmap(render(svg, color, size), QIcon::Selected);
        out.addPixmap(render(svg, disabled, size), QIcon::Disabled);
    }
    return out;
}

QIcon icon(const char* name, const theme::Theme& t)
{
    return icon(name, t.text2, theme::blend(t.text2, t.surface, .45));
}
