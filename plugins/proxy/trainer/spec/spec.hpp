// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "data/corpus.hpp"
#include "spec/member.hpp"

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace proxy {

using Json = nlohmann::json;
using OrderedJson = nlohmann::ordered_json;

// A sweep: one pair of corpora and the members trained on it.
struct Spec {
    std::string name;
    std::string text; // verbatim
    Source train;
    Source validation;
    double tail = 0; // above 0: validation is this share of the training text's end
    std::vector<Member> members;
    Json data; // canonical form of the corpora, part of every member's identity
};

// Reads and expands a spec. Paths inside it are relative to `folder`.
// Throws Failure(Usage) with a JSON pointer to the key at fault.
Spec parseSpec(const std::string& text, const std::filesystem::path& folder);

// Reads the description of one synthetic corpus, for --gen.
Source parseSource(const std::string& text);

// Makes both corpora. Throws Failure(Corpus) where they are too small for the members.
Corpus makeCorpus(const Spec& spec);

// The member in canonical form: every setting that decides its numbers, keys sorted; `id` is its hash.
Json describe(const Member& member);
std::string identify(const Member& member, const Json& data);

// The expanded members as JSON objects: sizes x zip x grid, last key fastest, over the defaults.
struct Expanded {
    OrderedJson config;
    std::vector<std::pair<std::string, std::string>> origin; // key -> JSON pointer of the value in the spec
};
std::vector<Expanded> expand(const OrderedJson& spec);

// Reads one expanded member.
Member parseMember(const Expanded& expanded, int vocab);

}
