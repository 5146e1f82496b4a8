// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace chart {

// Where the smallest and largest of each block of 16 records lie, then of each four such blocks, and so on: what a pixel
// column shows of a long curve is found without looking at its records. In values as they are, which serves logarithmic
// axes too, because a logarithm keeps the order. 0.7 bytes a record.
class Pyramid {
public:
    explicit Pyramid(std::span<const double> y);     // at most 2^31 records

    // Of what is finite in the block; where none is, both are `none`. `broken`: some record is not finite.
    class Node {
    public:
        static constexpr std::uint32_t none = 0x7fffffff;
        Node() = default;
        Node(std::uint32_t smallest, std::uint32_t largest, bool broken)
            : m_smallest(smallest | (broken ? flag : 0)), m_largest(largest) {}
        std::uint32_t smallest() const { return m_smallest & none; }
        std::uint32_t largest() const { return m_largest; }
        bool broken() const { return (m_smallest & flag) != 0; }

    private:
        static constexpr std::uint32_t flag = 0x80000000;
        std::uint32_t m_smallest = none, m_largest = none;
    };

    std::size_t levels() const { return m_levels.size(); }
    std::span<const Node> level(std::size_t k) const { return m_levels[k]; }
    static std::size_t block(std::size_t level) { return std::size_t(16) << (2 * level); }     // records of a node

private:
    std::vector<std::vector<Node>> m_levels;
};

// Whether x ascends (equal neighbours allowed) and is finite, which binary searches and pyramids need.
bool ascends(std::span<const double> x);

// What one visit of a curve is told, from left to right: a record, or a break in the line. `whole` says of the records
// from i to j, all of which can be drawn, whether they are one to whoever draws; then only the first, the smallest,
// the largest and the last of them are told.
template <class Whole, class Record, class Break>
void walk(const Pyramid& pyramid, std::span<const double> y, std::size_t begin, std::size_t end, bool positive,
          const Whole& whole, const Record& record, const Break& broken)
{
    const auto drawable = [&](double v) { return v - v == 0 && !(positive && v <= 0); };
    const auto visit = [&](const auto& self, std::size_t level, std::size_t index) -> void {
        const std::size_t first = index * Pyramid::block(level);
        const std::size_t last = std::min(first + Pyramid::block(level), y.size()) - 1;
        if (last < begin || first >= end)
            return;
        if (first >= begin && last < end) {
            const Pyramid::Node node = pyramid.level(level)[index];
            if (node.smallest() == Pyramid::Node::none || (positive && !(y[node.largest()] > 0)))
                return broken();
            if (!node.broken() && drawable(y[node.smallest()]) && whole(first, last)) {
                const std::size_t low = node.smallest(), high = node.largest();
                record(first);
                for (const std::size_t i : {std::min(low, high), std::max(low, high)})
                    if (i != first && i != last)
                        record(i);
                if (last != first)
                    record(last);
                return;
            }
        }
        if (level > 0) {
            const std::size_t children = pyramid.level(level - 1).size();
            for (std::size_t child = 4 * index; child < std::min(4 * index + 4, children); ++child)
                self(self, level - 1, child);
            return;
        }
        for (std::size_t i = std::max(first, begin); i <= last && i < end; ++i)
            drawable(y[i]) ? record(i) : broken();
    };
    if (const std::size_t top = pyramid.levels(); top > 0)
        for (std::size_t i = 0; i < pyramid.level(top - 1).size(); ++i)
            visit(visit, top - 1, i);
}

}
