// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/figurecommand.h"

#include "app/chart/export.h"
#include "core/error.h"
#include "core/figure/json.h"

#include <QCommandLineParser>
#include <QFile>

#include <cstdio>

namespace {

figure::Figure readFigure(const QString& file)
{
    QFile in;
    if (file == QLatin1String("-")) {
        if (!in.open(stdin, QIODevice::ReadOnly))
            throw Error("cannot read standard input");
    } else {
        in.setFileName(file);
        if (!in.open(QIODevice::ReadOnly))
            throw Error("cannot read " + file.toStdString() + ": " + in.errorString().toStdString());
    }
    const QByteArray bytes = in.readAll();
    try {
        return figure::fromJson(nlohmann::ordered_json::parse(bytes.begin(), bytes.end()));
    } catch (const nlohmann::json::parse_error& e) {
        throw Error(file.toStdString() + " is not JSON: it breaks at byte " + std::to_string(e.byte));
    }
}

}

int figureCommand(const QStringList& arguments)
{
    const auto option = [](const char* name, const char* meaning, const char* value, const char* byDefault = "") {
        return QCommandLineOption(QString::fromLatin1(name), QString::fromLatin1(meaning), QString::fromLatin1(value),
                                  QString::fromLatin1(byDefault));
    };
    QCommandLineParser parser;
    parser.addOptions({option("figure", "The figure as JSON, - for standard input", "FIGURE.json"),
                       option("out", "Where the picture goes: .svg, .pdf or .png", "FILE"),
                       option("width-mm", "Width in millimetres", "MM", "140"),
                       option("height-mm", "Height in millimetres", "MM", "95"),
                       option("dpi", "Dots per inch of a .png", "DPI", "300"),
                       option("theme", "light, dark or print", "NAME", "print")});
    try {
        if (!parser.parse(arguments))
            throw UsageError(parser.errorText().toStdString());
        const auto value = [&](const char* name) { return parser.value(QString::fromLatin1(name)); };
        const auto number = [&](const char* name) {
            bool fine = false;
            const double v = value(name).toDouble(&fine);
            if (!fine)
                throw UsageError("--" + std::string(name) + " takes a number, not " + value(name).toStdString());
            return v;
        };
        if (value("out").isEmpty())
            throw UsageError("--figure needs --out FILE.svg, .pdf or .png");
        chart::Paper paper{.widthMm = number("width-mm"), .heightMm = number("height-mm"), .dpi = number("dpi")};
        const QString name = value("theme");
        if (name == QLatin1String("light"))
            paper.scheme = theme::Scheme::Light;
        else if (name == QLatin1String("dark"))
            paper.scheme = theme::Scheme::Dark;
        else if (name != QLatin1String("print"))
            throw UsageError("--theme is light, dark or print, not " + name.toStdString());
        chart::writePicture(readFigure(value("figure")), value("out"), paper);
        return 0;
    } catch (const UsageError& e) {
        std::fprintf(stderr, "isoloss: %s\n", e.what());
        return 2;
    } catch (const std::exception& e) {
        std::fprintf(stderr, "isoloss: %s\n", e.what());
        return 1;
    }
}
