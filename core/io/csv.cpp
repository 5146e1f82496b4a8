// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/delimited.h"
#include "core/io/formats.h"

namespace io {

namespace {

int sniff(const Input& head) {
    if (head.bytes.find('\0') != std::string_view::npos) return 0;
    std::string_view text = head.bytes;
    if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
    const auto first = text.find_first_not_of(" \t\r\n");
    if (first == std::string_view::npos) return 0;
    const std::string extension = head.path.extension().string();
    const bool named = equalsIgnoringCase(extension, ".csv") || equalsIgnoringCase(extension, ".tsv");
    if (text[first] == '{' || text[first] == '[') return named ? 5 : 0;
    const Dialect dialect = findDialect(text);
    if (dialect.columns >= 2 && dialect.agreement >= 0.8) return named ? 80 : dialect.numeric >= 0.3 ? 40 : 0;
    if (named) return dialect.columns >= 2 || dialect.numeric >= 0.5 ? 60 : 20;
    return 0;
}

Import read(const Input& input, const Tick& tick) {
    Losses losses(input.path.string());
    Sheet sheet = readDelimited(input, tick, losses);
    data::Run like {.name = input.path.stem().string(), .format = "csv", .source = input.path.string(), .kind = data::Kind::Log,
                    .config = {}, .series = {}, .text = {}};
    if (sheet.rows == 0) losses.add("there are column names but no rows");
    Import result;
    result.runs = arrange(std::move(sheet), like, losses);
    result.warnings = losses.take();
    return result;
}

}

extern const Reader csvReader {.id = "csv", .name = "Separated values (CSV, TSV), logs and tables", .patterns = "*.csv *.tsv",
                               .sniff = sniff, .read = read};

}
