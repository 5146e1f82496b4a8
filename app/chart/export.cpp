// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/chart/export.h"

#include "app/chart/figurescene.h"
#include "core/error.h"

#include <QBuffer>
#include <QFileInfo>
#include <QImage>
#include <QPageSize>
#include <QPainter>
#include <QPdfWriter>
#include <QSaveFile>
#include <QSvgGenerator>

namespace chart {

namespace {

// Scene units per point of paper. Whole units carry text metrics and tick positions: a quarter point is fine enough.
constexpr double unitsPerPoint = 4;
constexpr int resolution = int(72 * unitsPerPoint);

void draw(FigureScene& scene, QPaintDevice& device, const QRectF& target)
{
    QPainter painter(&device);
    painter.setRenderHints(QPainter::Antialiasing | QPainter::TextAntialiasing);
    scene.render(&painter, target, scene.sceneRect(), Qt::IgnoreAspectRatio);
}

QByteArray svg(FigureScene& scene, const figure::Figure& f, QSize size)
{
    QByteArray bytes;
    QBuffer buffer(&bytes);
    QSvgGenerator generator;
    generator.setOutputDevice(&buffer);
    generator.setResolution(resolution);
    generator.setSize(size);
    generator.setViewBox(QRect({}, size));
    // The generator writes both as they are.
    generator.setTitle(QString::fromStdString(f.title.empty() ? f.id : f.title).toHtmlEscaped());
    generator.setDescription(QString::fromStdString(f.recipe).toHtmlEscaped());
    draw(scene, generator, QRectF({}, size));
    return bytes;
}

// Every date and identifier that differs from one writing to the next, overwritten in place: offsets stay right.
void strip(QByteArray& pdf)
{
    for (const char* key : {"/CreationDate (D:", "/ModDate (D:"})
        for (qsizetype at = 0; (at = pdf.indexOf(key, at)) >= 0; ++at) {
            at += qsizetype(qstrlen(key));
            for (qsizetype i = at; i < pdf.size() && pdf[i] != ')'; ++i)
                if (pdf[i] >= '0' && pdf[i] <= '9')
                    pdf[i] = '0';
            // A valid date: 1 January 2000.
            pdf.replace(at, 8, "20000101");
        }
    if (qsizetype at = pdf.lastIndexOf("/ID ["); at >= 0)
        for (bool hex = false; at < pdf.size() && pdf[at] != ']'; ++at) {
            if (pdf[at] == '<' || pdf[at] == '>')
                hex = pdf[at] == '<';
            else if (hex)
                pdf[at] = '0';
        }
}

QByteArray pdf(FigureScene& scene, const figure::Figure& f, QSize size, const Paper& paper)
{
    QByteArray bytes;
    QBuffer buffer(&bytes);
    buffer.open(QIODevice::WriteOnly);
    {
        QPdfWriter writer(&buffer);
        writer.setResolution(resolution);
        writer.setPageSize(QPageSize(QSizeF(paper.widthMm, paper.heightMm), QPageSize::Millimeter, {},
                                     QPageSize::ExactMatch));
        writer.setPageMargins({});
        writer.setTitle(QString::fromStdString(f.title.empty() ? f.id : f.title));
        writer.setCreator(QStringLiteral("Isoloss"));
        if (!f.recipe.empty())
            writer.addFileAttachment(QStringLiteral("recipe.json"), QByteArray::fromStdString(f.recipe),
                                     QStringLiteral("application/json"));
        draw(scene, writer, QRectF({}, size));
    }
    strip(bytes);
    return bytes;
}

QByteArray png(FigureScene& scene, const figure::Figure& f, QSize size, const Paper& paper)
{
    const double scale = paper.dpi / resolution;
    QImage image((QSizeF(size) * scale).toSize(), QImage::Format_RGB32);
    if (image.isNull())
        throw Error("a picture of that size does not fit into memory; choose fewer dots per inch");
    image.setDotsPerMeterX(int(paper.dpi / .0254));
    image.setDotsPerMeterY(int(paper.dpi / .0254));
    image.fill(scene.theme().surface);
    draw(scene, image, QRectF(image.rect()));
    if (!f.recipe.empty())
        image.setText(QStringLiteral("Recipe"), QString::fromStdString(f.recipe));
    QByteArray bytes;
    QBuffer buffer(&bytes);
    buffer.open(QIODevice::WriteOnly);
    image.save(&buffer, "PNG");
    return bytes;
}

}

void writePicture(const figure::Figure& f, const QString& file, const Paper& paper)
{
    const auto within = [](double v, double low, double high) { return v >= low && v <= high; };
    if (!within(paper.widthMm, 20, 2000) || !within(paper.heightMm, 15, 2000))
        throw UsageError("a picture is 20 to 2000 mm wide and 15 to 2000 mm high");
    if (!within(paper.dpi, 20, 2400))
        throw UsageError("--dpi is between 20 and 2400");
    const QString ending = QFileInfo(file).suffix().toLower();
    if (ending != QLatin1String("svg") && ending != QLatin1String("pdf") && ending != QLatin1String("png"))
        throw UsageError("a picture is written as .svg, .pdf or .png, not as " + file.toStdString());

    // Other schemes are drawn on paper too: their colours, the sizes of print.
    theme::Theme t = theme::print();
    if (paper.scheme != theme::Scheme::Print) {
        const theme::Theme& screen = paper.scheme == theme::Scheme::Dark ? theme::dark() : theme::light();
        t = screen;
        t.family = theme::print().family;
        t.unit = .75 * unitsPerPoint;
    } else {
        t.unit = unitsPerPoint;
    }
    const double perMm = resolution / 25.4;
    const QSize size(int(std::lround(paper.widthMm * perMm)), int(std::lround(paper.heightMm * perMm)));
    FigureScene scene(t);
    scene.setFigure(f);
    const bool vector = ending != QLatin1String("png");
    // Vector: a column of a fifth of a point is below what any press resolves.
    scene.layOut(size, vector ? unitsPerPoint / 5 : std::min(1., paper.dpi / resolution));
    const QByteArray bytes = ending == QLatin1String("svg")   ? svg(scene, f, size)
                             : ending == QLatin1String("pdf") ? pdf(scene, f, size, paper)
                                                              : png(scene, f, size, paper);
    QSaveFile out(file);
    if (!out.open(QIODevice::WriteOnly) || out.write(bytes) != bytes.size() || !out.commit())
        throw Error("cannot write " + file.toStdString() + ": " + out.errorString().toStdString());
}

}
