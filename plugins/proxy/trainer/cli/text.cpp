// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/failure.hpp"
#include "base/files.hpp"
#include "cli/commands.hpp"
#include "spec/spec.hpp"

#include <cmath>
#include <cstdio>

namespace proxy {

namespace {

int written(const Tokens& tokens, const std::filesystem::path& path)
{
    writeTokens(tokens, path);
    Json facts{{"file", path.string()}, {"tokens", tokens.values.size()}, {"vocab", tokens.vocab}};
    if (std::isfinite(tokens.entropy))
        facts["entropy_nats"] = tokens.entropy;
    std::puts(facts.dump().c_str());
    return 0;
}

}

int generate(const Arguments& arguments)
{
    const Source source = parseSource(readWhole(arguments.input, static_cast<int>(Exit::Usage)));
    const Tokens tokens = draw(source);
    // A file has no room for weights that change, so a mixture is written as one text.
    if (!tokens.domains.empty())
        return written(interleaved(tokens, source.sampleSeed, source.count), arguments.run.out);
    return written(tokens, arguments.run.out);
}

int tokenize(const Arguments& arguments)
{
    if (arguments.input != "bytes")
        throw Failure(
            Exit::Usage, "The tokenizer \"" + arguments.input.string() + "\" is not known; --tokenize takes bytes.");
    if (arguments.files.empty())
        throw Failure(Exit::Usage, "No file to read was given; write --tokenize bytes FILE.. --out FILE.tok.");
    Tokens all;
    all.vocab = 256;
    for (const std::filesystem::path& file : arguments.files) {
        const Tokens one = readTokens(file, FileFormat::Bytes);
        all.values.insert(all.values.end(), one.values.begin(), one.values.end());
    }
    return written(all, arguments.run.out);
}

}
