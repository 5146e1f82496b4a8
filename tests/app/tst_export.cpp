// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/chart/export.h"
#include "app/chart/figurescene.h"
#include "core/error.h"
#include "core/figure/json.h"

#include <QImage>
#include <QProcess>
#include <QRegularExpression>
#include <QStandardPaths>
#include <QTemporaryDir>
#include <QTest>
#include <QXmlStreamReader>

#include <cmath>
#include <random>

using figure::Layer;
using figure::Mark;
using figure::Style;

namespace {

constexpr double none = std::numeric_limits<double>::quiet_NaN();

// Curves, points, bars, bands and marks that reach far beyond the range that is shown.
figure::Figure example(bool log)
{
    std::mt19937_64 random(1);
    std::normal_distribution<double> noise(0, .3);
    figure::Panel top{.x = {.title = "tokens", .unit = "", .log = log, .from = 1e9, .to = 1e10},
                      .y = {.title = "loss", .unit = "nats/token", .log = log, .from = 2.5, .to = 3.5},
                      .layers = {}, .height = 3};
    figure::Panel below{.x = top.x, .y = {.title = "residual", .unit = ""}, .layers = {}, .height = 1};
    for (int k = 0; k < 4; ++k) {
        Layer line{.mark = Mark::Line, .style = k % 2 ? Style::Fit : Style::Data, .name = "run <" + std::to_string(k) + ">",
                   .color = k, .x = {}, .y = {}, .low = {}, .high = {}};
        Layer band{.mark = Mark::Band, .style = k % 2 ? Style::Extrapolated : Style::Interval,
                   .name = k % 2 ? "extrapolated ×12" : "interval", .color = k, .x = {}, .y = {}, .low = {}, .high = {}};
        Layer points{.mark = Mark::Points, .style = k == 0 ? Style::HeldOut : k == 1 ? Style::Excluded : Style::Data,
                     .name = {}, .color = k, .x = {}, .y = {}, .low = {}, .high = {}};
        for (int i = 0; i < 300; ++i) {
            const double x = 1e8 * std::pow(10, i / 100.), y = 2 + 30 / std::pow(x, .15) + noise(random);
            line.x.push_back(x);
            line.y.push_back(i == 150 ? none : y);
            band.x.push_back(x);
            band.low.push_back(y - 1);
            band.high.push_back(y + 1);
            if (i % 10 == 0) {
                points.x.push_back(x);
                points.y.push_back(y);
                points.low.push_back(y - .4);
                points.high.push_back(y + .4);
                below.layers.push_back({.mark = Mark::Points, .style = Style::Data, .name = {}, .color = k, .x = {x},
                                        .y = {noise(random)}, .low = {}, .high = {}});
            }
        }
        top.layers.insert(top.layers.end(), {band, line, points});
    }
    top.layers.push_back({.mark = Mark::Points, .style = Style::Diverged, .name = {}, .color = 2, .x = {4e9}, .y = {none},
                          .low = {}, .high = {}});
    top.layers.push_back({.mark = Mark::Rule, .style = Style::Reference, .name = "budget", .color = -1, .x = {5e9},
                          .y = {}, .low = {}, .high = {}});
    return {.id = "example", .title = "A figure", .note = "small print", .panels = {top, below},
            .recipe = R"({"where":"N>1e8 & L<5"})"};
}

QByteArray bytes(const QString& file)
{
    QFile in(file);
    return in.open(QIODevice::ReadOnly) ? in.readAll() : QByteArray();
}

}

class TestExport : public QObject {
    Q_OBJECT
private slots:
    void sameFigureGivesTheSameBytes_data();
    void sameFigureGivesTheSameBytes();
    void svgIsWellFormedAndDrawsNothingOutsideThePlotArea_data();
    void svgIsWellFormedAndDrawsNothingOutsideThePlotArea();
    void svgHasTheSizeAskedForAndTheRecipe();
    void paperSaysWhatAReaderMustKnow();
    void pdfHasFontsAndNoBitmaps();
    void pngHasTheSizeAskedFor();
    void plotAreasOfPanelsAlign();
    void wrongRequestsAreRefusedInOneSentence();
    void jsonRoundTrips();
    void jsonErrorsNameTheField_data();
    void jsonErrorsNameTheField();
    void programDrawsAFigureWithoutADisplay();

private:
    QTemporaryDir m_dir;
    QString path(const char* name) const { return m_dir.filePath(QString::fromLatin1(name)); }
};

void TestExport::sameFigureGivesTheSameBytes_data()
{
    QTest::addColumn<QString>("ending");
    for (const char* ending : {"svg", "pdf", "png"})
        QTest::newRow(ending) << QString::fromLatin1(ending);
}

void TestExport::sameFigureGivesTheSameBytes()
{
    QFETCH(QString, ending);
    const QString first = m_dir.filePath(QStringLiteral("a.") + ending), second = m_dir.filePath(QStringLiteral("b.") + ending);
    chart::writePicture(example(true), first, {.dpi = 100});
    if (ending == QLatin1String("pdf"))
        QTest::qWait(1100);     // a date in the file would differ now
    chart::writePicture(example(true), second, {.dpi = 100});
    QVERIFY(bytes(first).size() > 5000);
    QVERIFY(bytes(first) == bytes(second));
}

void TestExport::svgIsWellFormedAndDrawsNothingOutsideThePlotArea_data()
{
    QTest::addColumn<bool>("log");
    QTest::newRow("linear") << false;
    QTest::newRow("log") << true;
}

void TestExport::svgIsWellFormedAndDrawsNothingOutsideThePlotArea()
{
    QFETCH(bool, log);
    const QString file = path("clip.svg");
    chart::writePicture(example(log), file);
    // The same layout tells where the plot areas are.
    theme::Theme t = theme::print();
    t.unit = 4;
    chart::FigureScene scene(t);
    scene.setFigure(example(log));
    const QSize size(int(std::lround(140 * 288 / 25.4)), int(std::lround(95 * 288 / 25.4)));
    scene.layOut(size, .8);
    const QRectF area = scene.frame(0).area;
    const QRectF all({0, 0}, size);

    QXmlStreamReader xml(bytes(file));
    static const QRegularExpression numbers(QStringLiteral("-?[0-9.]+(?:e-?[0-9]+)?"));
    int shapes = 0, curves = 0;
    bool coloured = false;
    QColor stroke, fill;
    QPointF shift;
    while (!xml.atEnd()) {
        if (xml.readNext() != QXmlStreamReader::StartElement)
            continue;
        const auto attribute = [&](const char* name) { return xml.attributes().value(QString::fromLatin1(name)).toString(); };
        if (xml.name() == QLatin1String("g")) {
            stroke = QColor(attribute("stroke"));
            fill = QColor(attribute("fill"));
            const auto vivid = [](const QColor& c) { return c.isValid() && c.saturation() > 60; };
            coloured = vivid(stroke) || vivid(fill);
            const QStringList matrix = attribute("transform").mid(7).chopped(1).split(QLatin1Char(','));
            if (matrix.size() == 6) {
                QCOMPARE(matrix.mid(0, 4).join(QLatin1Char(',')), QStringLiteral("1,0,0,1"));
                shift = {matrix[4].toDouble(), matrix[5].toDouble()};
            }
        }
        QString points = xml.name() == QLatin1String("path") ? attribute("d") : attribute("points");
        if (xml.name() == QLatin1String("rect") || points.isEmpty())
            continue;
        ++shapes;
        std::vector<double> values;
        for (auto it = numbers.globalMatch(points); it.hasNext();)
            values.push_back(it.next().captured().toDouble());
        for (std::size_t i = 0; i + 1 < values.size(); i += 2)
            QVERIFY2(all.adjusted(-1, -1, 1, 1).contains(shift + QPointF(values[i], values[i + 1])), qPrintable(points.left(200)));
        // What is coloured was measured or fitted, but for samples of the legend and leaders of labels, which are short.
        if (coloured && values.size() > 12) {
            ++curves;
            for (std::size_t i = 0; i + 1 < values.size(); i += 2) {
                const QPointF p = shift + QPointF(values[i], values[i + 1]);
                const bool inside = area.adjusted(-.01, -.01, .01, .01).contains(p) ||
                                    scene.frame(1).area.adjusted(-.01, -.01, .01, .01).contains(p);
                QVERIFY2(inside, qPrintable(QStringLiteral("%1,%2").arg(p.x()).arg(p.y())));
            }
        }
    }
    QVERIFY2(!xml.hasError(), qPrintable(xml.errorString()));
    QVERIFY(shapes > 50);
    QVERIFY(curves > 10);
}

void TestExport::svgHasTheSizeAskedForAndTheRecipe()
{
    const QString file = path("size.svg");
    chart::writePicture(example(false), file, {.widthMm = 82.5, .heightMm = 60});
    QXmlStreamReader xml(bytes(file));
    QString description, title;
    while (!xml.atEnd()) {
        if (xml.readNext() != QXmlStreamReader::StartElement)
            continue;
        if (xml.name() == QLatin1String("svg")) {
            const QString width = xml.attributes().value(QLatin1String("width")).toString();
            QVERIFY(width.endsWith(QLatin1String("mm")));
            QVERIFY(std::abs(width.chopped(2).toDouble() - 82.5) < .1);
        } else if (xml.name() == QLatin1String("desc")) {
            description = xml.readElementText();
        } else if (xml.name() == QLatin1String("title")) {
            title = xml.readElementText();
        }
    }
    QVERIFY(!xml.hasError());
    QCOMPARE(title, QStringLiteral("A figure"));
    QCOMPARE(description, QString::fromStdString(example(false).recipe));
}

void TestExport::paperSaysWhatAReaderMustKnow()
{
    figure::Figure f = example(false);
    f.warnings = {"Two runs use another tokenizer.", "Run a < b logs no loss."};
    f.shading = {.title = "parameters", .unit = {}, .log = true, .from = 1e7, .to = 1e9};
    f.panels[0].layers[1].shade = 1e8;
    chart::writePicture(f, path("warnings.svg"));
    QXmlStreamReader xml(bytes(path("warnings.svg")));
    QString words;
    while (!xml.atEnd())
        if (xml.readNext() == QXmlStreamReader::Characters)
            words += xml.text().toString() + QLatin1Char(' ');
    words = words.simplified();
    const qsizetype note = words.indexOf(QLatin1String("small print"));
    QVERIFY(note >= 0);
    QVERIFY2(words.indexOf(QLatin1String("another tokenizer"), note) > note, qPrintable(words));
    QVERIFY(words.contains(QLatin1String("Run a < b")));
    for (const char* word : {"parameters", "10M", "1B"})
        QVERIFY2(words.contains(QLatin1String(word)), word);
}

void TestExport::pdfHasFontsAndNoBitmaps()
{
    const QString file = path("a.pdf");
    chart::writePicture(example(true), file);
    const auto output = [&](const char* program, const QStringList& arguments) {
        QProcess process;
        process.start(QString::fromLatin1(program), arguments);
        process.waitForFinished(20000);
        return QString::fromUtf8(process.readAllStandardOutput());
    };
    if (QStandardPaths::findExecutable(QStringLiteral("pdfimages")).isEmpty())
        QSKIP("pdfimages and pdffonts (poppler-utils) are not installed");
    QCOMPARE(output("pdfimages", {QStringLiteral("-list"), file}).trimmed().count(QLatin1Char('\n')), 1);   // its heading
    const QStringList fonts = output("pdffonts", {file}).trimmed().split(QLatin1Char('\n')).mid(2);
    QVERIFY(!fonts.isEmpty());
    for (const QString& font : fonts)
        QVERIFY2(font.simplified().contains(QLatin1String("Identity-H yes")), qPrintable(font));
    const QString info = output("pdfinfo", {file});
    QVERIFY2(info.contains(QRegularExpression(QStringLiteral("Page size: +39[67](\\.\\d+)? x 269(\\.\\d+)? pts"))), qPrintable(info));
}

void TestExport::pngHasTheSizeAskedFor()
{
    const QString file = path("a.png");
    chart::writePicture(example(true), file, {.widthMm = 127, .heightMm = 76.2, .dpi = 100});
    const QImage image(file);
    QVERIFY(std::abs(image.width() - 500) <= 1 && std::abs(image.height() - 300) <= 1);
    QCOMPARE(image.text(QStringLiteral("Recipe")), QString::fromStdString(example(true).recipe));
    QCOMPARE(image.pixelColor(0, 0), QColor(Qt::white));
}

void TestExport::plotAreasOfPanelsAlign()
{
    chart::FigureScene scene(theme::light());
    figure::Figure f = example(false);
    f.panels[1].layers.front().y = {-123456};      // long labels below, short ones above
    scene.setFigure(f);
    scene.layOut({900, 600});
    const QRectF top = scene.frame(0).area, below = scene.frame(1).area;
    QCOMPARE(top.left(), below.left());
    QCOMPARE(top.right(), below.right());
    QVERIFY(top.bottom() < below.top());
    QVERIFY(std::abs(top.height() / below.height() - 3) < .1);
    QVERIFY(QRectF(0, 0, 900, 600).contains(top | below));
}

void TestExport::wrongRequestsAreRefusedInOneSentence()
{
    QVERIFY_EXCEPTION_THROWN(chart::writePicture(example(true), path("a.bmp")), UsageError);
    QVERIFY_EXCEPTION_THROWN(chart::writePicture(example(true), path("a.svg"), {.widthMm = -1}), UsageError);
    QVERIFY_EXCEPTION_THROWN(chart::writePicture(example(true), path("a.svg"), {.widthMm = none}), UsageError);
    QVERIFY_EXCEPTION_THROWN(chart::writePicture(example(true), path("no/such/folder/a.svg")), Error);
}

void TestExport::jsonRoundTrips()
{
    figure::Figure f = example(true);
    f.panels[0].layers[0].y = {1, none, std::numeric_limits<double>::infinity()};
    f.panels[0].layers[0].mark = Mark::Rule;
    const auto once = figure::toJson(f);
    const auto twice = figure::toJson(figure::fromJson(nlohmann::ordered_json::parse(once.dump())));
    QCOMPARE(QString::fromStdString(twice.dump()), QString::fromStdString(once.dump()));
    QVERIFY(once["panels"][0]["layers"][0]["y"][1].is_null());
}

void TestExport::jsonErrorsNameTheField_data()
{
    QTest::addColumn<QString>("json");
    QTest::addColumn<QString>("field");
    QTest::newRow("no panels") << QStringLiteral(R"({})") << QStringLiteral("panels");
    QTest::newRow("empty") << QStringLiteral(R"({"panels":[]})") << QStringLiteral("panels");
    QTest::newRow("mark") << QStringLiteral(R"({"panels":[{"layers":[{"mark":"pie"}]}]})")
                          << QStringLiteral("panels[0].layers[0].mark");
    QTest::newRow("word in numbers") << QStringLiteral(R"({"panels":[{"layers":[{"x":[1,"two"],"y":[1,2]}]}]})")
                                     << QStringLiteral("panels[0].layers[0].x[1]");
    QTest::newRow("lengths") << QStringLiteral(R"({"panels":[{"layers":[{"x":[1],"y":[1,2]}]}]})")
                             << QStringLiteral("panels[0].layers[0]");
    QTest::newRow("array") << QStringLiteral("[]") << QStringLiteral("document");
}

void TestExport::jsonErrorsNameTheField()
{
    QFETCH(QString, json);
    QFETCH(QString, field);
    try {
        figure::fromJson(nlohmann::ordered_json::parse(json.toStdString()));
        QFAIL("accepted");
    } catch (const Error& e) {
        QVERIFY2(QString::fromUtf8(e.what()).contains(field), e.what());
    }
}

void TestExport::programDrawsAFigureWithoutADisplay()
{
    QFile json(path("figure.json"));
    QVERIFY(json.open(QIODevice::WriteOnly));
    json.write(QByteArray::fromStdString(figure::toJson(example(true)).dump()));
    json.close();
    const auto run = [&](const QStringList& arguments) {
        QProcess process;
        QProcessEnvironment bare = QProcessEnvironment::systemEnvironment();
        for (const char* name : {"QT_QPA_PLATFORM", "DISPLAY", "WAYLAND_DISPLAY"})
            bare.remove(QString::fromLatin1(name));
        process.setProcessEnvironment(bare);
        process.start(QStringLiteral(ISOLOSS), arguments);
        process.waitForFinished(30000);
        return std::pair(process.exitCode(), QString::fromUtf8(process.readAllStandardError()));
    };
    const QString out = path("program.svg");
    QCOMPARE(run({QStringLiteral("--figure"), json.fileName(), QStringLiteral("--out"), out}).first, 0);
    chart::writePicture(example(true), path("here.svg"));
    QVERIFY(bytes(out) == bytes(path("here.svg")));
    QCOMPARE(run({QStringLiteral("--figure"), path("absent.json"), QStringLiteral("--out"), out}).first, 1);
    QCOMPARE(run({QStringLiteral("--figure"), json.fileName()}).first, 2);
    const auto [code, why] = run({QStringLiteral("--figure"), json.fileName(), QStringLiteral("--out"), path("a.xyz")});
    QCOMPARE(code, 2);
    QVERIFY(why.contains(QLatin1String("a.xyz")));
}

QTEST_MAIN(TestExport)
#include "tst_export.moc"
