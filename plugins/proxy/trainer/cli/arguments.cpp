// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/arguments.hpp"

#include "base/failure.hpp"

#include <charconv>
#include <optional>
#include <thread>

namespace proxy {

const char* const helpText =
    R"(isoloss-proxy trains many small language models at once and writes one log per model.

  isoloss-proxy --version [--json]         what this program is
  isoloss-proxy --probe                    the devices it can use, as JSON
  isoloss-proxy --selftest                 check its arithmetic on this machine
  isoloss-proxy --bench quick|full [--out FILE.csv|FILE.json]
                                           how fast it trains here, by size
  isoloss-proxy --plan SPEC                the members of a sweep and their cost, as JSON; writes nothing
  isoloss-proxy --run SPEC --out DIR [--resume] [--only ID,..] [--shard I/N] [--threads K]
                [--max-seconds S] [--max-tokens N] [--checkpoint-every S] [--progress json|text|none] [--detach]
  isoloss-proxy --gen SOURCE --out FILE    write a synthetic corpus as a token file
  isoloss-proxy --tokenize bytes IN.. --out FILE
                                           write text files as one token file

--device auto|cpu|cuda:N goes with --run, --plan and --bench. A running sweep obeys JSON lines on standard input and
those appended to DIR/control.jsonl: {"cmd":"pause"}, resume, checkpoint, cancel, and drop with "members":["<id>",..].

Exit codes: 0 done, 2 usage or spec, 3 corpus, 4 device, 5 memory, 6 CUDA, 7 files, 8 checkpoint of another spec or
build, 10 cancelled after a checkpoint, 11 budget reached, 70 internal.
)";

namespace {

[[noreturn]] void refuse(const std::string& sentence)
{
    throw Failure(Exit::Usage, sentence + " isoloss-proxy --help lists the commands.");
}

template <typename T> T number(const std::string& option, const std::string& text, T low)
{
    T value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || !(value >= low))
        refuse("The option " + option + " needs a number, not \"" + text + "\".");
    return value;
}

std::vector<std::string> split(const std::string& list)
{
    std::vector<std::string> parts;
    for (std::size_t begin = 0; begin <= list.size();) {
        const std::size_t end = std::min(list.find(',', begin), list.size());
        if (end > begin)
            parts.push_back(list.substr(begin, end - begin));
        begin = end + 1;
    }
    return parts;
}

// "2/8": the third of eight parts.
void readShard(const std::string& text, RunOptions& run)
{
    const std::size_t slash = text.find('/');
    if (slash == std::string::npos)
        refuse("The option --shard needs two numbers such as 0/4, not \"" + text + "\".");
    run.shard = number<int>("--shard", text.substr(0, slash), 0);
    run.shards = number<int>("--shard", text.substr(slash + 1), 1);
    if (run.shard >= run.shards)
        refuse("The option --shard counts its parts from 0, so " + text + " names none.");
}

ProgressStyle style(const std::string& text)
{
    if (text == "json")
        return ProgressStyle::Events;
    if (text == "text")
        return ProgressStyle::Text;
    if (text == "none")
        return ProgressStyle::None;
    refuse("The option --progress takes json, text or none, not \"" + text + "\".");
}

}

Arguments parseArguments(int count, char** values)
{
    Arguments arguments;
    arguments.run.threads = static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
    std::optional<Command> command;
    const auto become = [&command](Command wanted) {
        if (command && *command != wanted)
            refuse("Two commands were given; give one.");
        command = wanted;
    };
    for (int i = 1; i < count; ++i) {
        const std::string option = values[i];
        const auto value = [&]() -> std::string {
            if (i + 1 >= count)
                refuse("The option " + option + " needs a value.");
            return values[++i];
        };
        if (option == "--help" || option == "-h")
            become(Command::Help);
        else if (option == "--version")
            become(Command::Version);
        else if (option == "--json")
            arguments.json = true;
        else if (option == "--probe")
            become(Command::Probe);
        else if (option == "--selftest")
            become(Command::Selftest);
        else if (option == "--plan" || option == "--run" || option == "--gen") {
            become(option == "--plan" ? Command::Plan : option == "--run" ? Command::Run : Command::Generate);
            arguments.input = value();
        } else if (option == "--bench" || option == "--tokenize") {
            become(option == "--bench" ? Command::Bench : Command::Tokenize);
            arguments.input = value();
        } else if (command == Command::Tokenize && !option.starts_with("--"))
            arguments.files.emplace_back(option);
        else if (option == "--out")
            arguments.run.out = value();
        else if (option == "--threads")
            arguments.run.threads = number<int>(option, value(), 1);
        else if (option == "--resume")
            arguments.run.resume = true;
        else if (option == "--only")
            arguments.run.only = split(value());
        else if (option == "--max-seconds")
            arguments.run.maxSeconds = number<double>(option, value(), 0);
        else if (option == "--max-tokens")
            arguments.run.maxTokens = static_cast<std::int64_t>(number<double>(option, value(), 0));
        else if (option == "--checkpoint-every")
            arguments.run.checkpointEvery = number<double>(option, value(), 0);
        else if (option == "--shard")
            readShard(value(), arguments.run);
        else if (option == "--detach")
            arguments.run.detach = true;
        else if (option == "--progress")
            arguments.run.progress = style(value());
        else if (option == "--device")
            arguments.run.device = value();
        else
            refuse("The option " + option + " is not known.");
    }
    if (!command)
        refuse("No command was given.");
    arguments.command = *command;
    if ((*command == Command::Run || *command == Command::Generate || *command == Command::Tokenize)
        && arguments.run.out.empty())
        refuse("This command needs --out.");
    return arguments;
}

}
