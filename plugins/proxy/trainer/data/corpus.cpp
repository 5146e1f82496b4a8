// SPDX-License-Identifier: GPL-3.0-or-later
#include "data/corpus.hpp"

#include "base/failure.hpp"
#include "base/sha256.hpp"

#include <cmath>

namespace proxy {

Tokens draw(const Source& source)
{
    switch (source.kind) {
    case SourceKind::Zipf:
        return drawZipf(source);
    case SourceKind::Markov:
        return drawMarkov(source);
    case SourceKind::Copy:
        return drawCopy(source);
    case SourceKind::Modular:
        return drawModular(source);
    case SourceKind::Pcfg:
        return drawPcfg(source);
    case SourceKind::Mixture:
        return drawMixture(source);
    case SourceKind::File:
        return readTokens(source.file, source.format);
    }
    throw Failure(Exit::Internal, "A corpus of an unknown kind was asked for; please report this.");
}

Corpus splitTail(Tokens whole, double fraction)
{
    Corpus corpus;
    const auto total = static_cast<double>(whole.values.size());
    const auto cut = static_cast<std::ptrdiff_t>(std::llround(total * (1 - fraction)));
    corpus.validation = {{whole.values.begin() + cut, whole.values.end()}, whole.vocab, whole.entropy};
    whole.values.resize(static_cast<std::size_t>(cut));
    corpus.train = std::move(whole);
    return corpus;
}

std::string fingerprint(const Tokens& tokens)
{
    return sha256(tokens.values.data(), tokens.values.size() * sizeof(std::uint16_t));
}

}
