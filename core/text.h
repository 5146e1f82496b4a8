// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>
#include <vector>

// Words for messages and names; ASCII only.
namespace text {

std::string lower(std::string_view);
std::vector<std::string> split(std::string_view, char separator);   // empty parts are kept
std::string_view trim(std::string_view);
std::string join(const std::vector<std::string>&, std::string_view separator);
std::string number(double);                                          // shortest form that reads back as the same value

// ", did you mean 'x'?" for the nearest of the names (within a third of its length), else nothing.
std::string didYouMean(std::string_view, const std::vector<std::string>& names);

}
