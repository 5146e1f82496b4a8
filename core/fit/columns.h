// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/data/table.h"
#include "core/fit/spec.h"
#include "core/law/law.h"

#include <string>
#include <vector>

// Which columns of a table a law reads, and its losses in one unit.
namespace fit {

// A law's inputs, its output and, for laws over curves, the learning rate.
std::vector<law::Quantity> quantities(const law::Law&);

std::vector<std::string> numericNames(const data::Table&);

// The column or expression a quantity is read from: that of spec.map, else the first alias that is there; empty where
// there is none.
std::string columnOf(const Spec&, const law::Quantity&, const data::Table&);

// Its values. Throws UsageError where it is neither a column nor an expression over columns.
std::vector<double> columnValues(const std::string& text, const data::Table&);

// A column of losses in one unit: the one asked for (spec.set unit=), else that of the first row that has one. What a
// row's loss is counted in, its bytes per token and its tokenizer are read from the columns its log's configuration made.
struct Losses {
    std::string unit;                           // empty where the quantity is no loss
    std::vector<double> values;                 // NaN where `unknown`
    std::vector<bool> unknown;                  // rows that cannot be converted: their bytes per token are not known
    std::vector<std::string> tokenizers;        // names
    std::vector<std::int32_t> tokenizer;        // per row, -1 where not known; empty where no row's is
};
Losses losses(const law::Quantity&, const std::string& column, std::vector<double> values, const data::Table&,
              const std::string& wanted);

}
