// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/formats.h"
#include "core/io/records.h"
#include "core/io/sheet.h"
#include "core/io/wire.h"

#include <cmath>

#include <cstring>

namespace io {

namespace {

template <class T> T load(std::string_view bytes) {
    T value;
    std::memcpy(&value, bytes.data(), sizeof value);
    return value;
}

double fromBits(std::uint64_t bits) { return std::bit_cast<double>(bits); }
float fromFloatBits(std::uint64_t bits) { return std::bit_cast<float>(static_cast<std::uint32_t>(bits)); }

// IEEE half precision.
double half(std::uint32_t bits) {
    const int exponent = static_cast<int>(bits >> 10 & 31);
    const double fraction = static_cast<double>(bits & 1023) / 1024;
    const double sign = bits >> 15 & 1 ? -1.0 : 1.0;
    if (exponent == 31) return fraction == 0 ? sign * std::numeric_limits<double>::infinity() : std::numeric_limits<double>::quiet_NaN();
    return sign * (exponent == 0 ? std::ldexp(fraction, -14) : std::ldexp(1 + fraction, exponent - 15));
}

double brain(std::uint32_t bits) { return std::bit_cast<float>(bits << 16); }

enum DataType : std::uint64_t { Float = 1, Double = 2, Int32 = 3, Int64 = 9, Bfloat16 = 14, Half = 19 };

// The one number of a tensor of rank 0; nothing for other tensors.
std::optional<double> scalar(std::string_view message) {
    Wire tensor(message);
    std::uint64_t type = 0;
    std::string_view content;
    std::optional<double> value;
    while (tensor.next()) {
        std::uint64_t number = tensor.number;
        std::string_view packed = tensor.text;
        switch (tensor.field) {
        case 1: type = number; break;
        case 2:
            for (Wire shape(tensor.text); shape.next();)
                if (shape.field == 2) return std::nullopt;
            break;
        case 4: content = tensor.text; break;
        case 5:
            if (tensor.type == 5) value = fromFloatBits(number);
            else if (packed.size() >= 4) value = load<float>(packed);
            break;
        case 6:
            if (tensor.type == 1) value = fromBits(number);
            else if (packed.size() >= 8) value = load<double>(packed);
            break;
        case 7:
        case 10:
        case 13:
            if (tensor.type == 2 && !Wire::varint(packed, number)) break;
            if (tensor.field == 13)
                value = type == Bfloat16 ? brain(static_cast<std::uint32_t>(number)) : half(static_cast<std::uint32_t>(number));
            else
                value = tensor.field == 7 ? static_cast<double>(static_cast<std::int32_t>(number))
                                          : static_cast<double>(static_cast<std::int64_t>(number));
            break;
        default: break;
        }
    }
    if (tensor.broken()) return std::nullopt;
    const auto holds = [&](std::size_t size) { return content.size() == size; };
    switch (type) {
    case Float: return holds(4) ? load<float>(content) : value;
    case Double: return holds(8) ? load<double>(content) : value;
    case Int32: return holds(4) ? static_cast<double>(load<std::int32_t>(content)) : value;
    case Int64: return holds(8) ? static_cast<double>(load<std::int64_t>(content)) : value;
    case Bfloat16: return holds(2) ? brain(load<std::uint16_t>(content)) : value;
    case Half: return holds(2) ? half(load<std::uint16_t>(content)) : value;
    default: return std::nullopt;
    }
}

// Adds the scalars of one event; false where its bytes are no event.
bool readEvent(std::string_view bytes, Records& records) {
    Wire event(bytes);
    double wall = std::numeric_limits<double>::quiet_NaN(), step = 0;
    std::vector<std::string_view> summaries;
    while (event.next()) {
        if (event.field == 1 && event.type == 1) wall = fromBits(event.number);
        if (event.field == 2 && event.type == 0) step = static_cast<double>(static_cast<std::int64_t>(event.number));
        if (event.field == 5 && event.type == 2) summaries.push_back(event.text);
    }
    bool good = !event.broken();
    for (std::string_view message : summaries) {
        Wire summary(message);
        while (summary.next()) {
            if (summary.field != 1 || summary.type != 2) continue;
            Wire item(summary.text);
            std::string_view tag;
            std::optional<double> value;
            while (item.next()) {
                if (item.field == 1 && item.type == 2) tag = item.text;
                if (item.field == 2 && item.type == 5) value = fromFloatBits(item.number);
                if (item.field == 8 && item.type == 2) value = scalar(item.text);
            }
            good = good && !item.broken();
            if (value && !tag.empty()) records.add(tag, step, *value, wall);
        }
        good = good && !summary.broken();
    }
    return good;
}

bool headerFits(std::string_view bytes) {
    return bytes.size() >= 12 && maskedCrc(bytes.substr(0, 8)) == load<std::uint32_t>(bytes.substr(8));
}

bool named(const Input& input) { return input.path.filename().string().find("tfevents") != std::string::npos; }

int sniff(const Input& head) { return headerFits(head.bytes) ? 100 : named(head) ? 90 : 0; }

Import read(const Input& input, const Tick& tick) {
    Losses losses(input.path.string());
    Records records;
    const std::string_view bytes = input.bytes;
    std::size_t at = 0, reported = 0, events = 0;
    while (at < bytes.size()) {
        if (at - reported > (1u << 20)) {
            reported = at;
            tickAt(tick, at, bytes.size());
            if (input.passed) input.passed(at);
        }
        const std::string_view rest = bytes.substr(at);
        if (rest.size() < 12) {
            losses.atOffset(at, "the file ends inside a record; it may still be written");
            break;
        }
        if (!headerFits(rest)) {
            if (events == 0 && at == 0 && !named(input))
                throw Error(input.path.string() + " is no TensorBoard event file (byte 0: the first record is damaged); choose a file named *tfevents*");
            losses.atOffset(at, "the length of the record here is damaged; the " + std::to_string(rest.size())
                                    + " bytes from here on are left out");
            break;
        }
        const auto size = load<std::uint64_t>(rest);
        if (size > rest.size() - 12 || rest.size() - 12 - size < 4) {
            losses.atOffset(at, "the file ends inside a record; it may still be written");
            break;
        }
        const std::string_view record = rest.substr(12, size);
        if (maskedCrc(record) != load<std::uint32_t>(rest.substr(12 + size)))
            losses.atOffset(at, "the record here is damaged (its checksum differs); it is left out");
        else if (!readEvent(record, records))
            losses.atOffset(at, "the record here is no event; what could be read of it is kept");
        at += 16 + size;
        ++events;
    }
    Import result;
    data::Run& run = result.runs.emplace_back();
    const std::string folder = std::filesystem::absolute(input.path).parent_path().filename().string();
    run.name = folder.empty() ? input.path.stem().string() : folder;
    run.format = "tensorboard";
    run.source = input.path.string();
    run.series = records.take();
    result.warnings = losses.take();
    return result;
}

}

extern const Reader tensorboardReader {.id = "tensorboard", .name = "TensorBoard event files", .patterns = "*tfevents*",
                                       .sniff = sniff, .read = read};

}
