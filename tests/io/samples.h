// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/io/reader.h"
#include "core/io/wire.h"

#include <array>
#include <bit>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

// Small logs of every format, made here, and the ways tests read them.
namespace samples {

inline std::filesystem::path write(const std::filesystem::path& folder, const std::string& name, std::string_view bytes) {
    const std::filesystem::path path = folder / name;
    std::filesystem::create_directories(path.parent_path());
    // Writing over a file waits for the disk on some file systems; a new one does not.
    std::filesystem::remove(path);
    std::ofstream(path, std::ios::binary).write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    return path;
}

inline io::Import read(const std::filesystem::path& path, std::string_view format = {}) { return io::read({&path, 1}, format); }

inline std::string csv() {
    std::string text = "run,step,lr,loss\n";
    for (int r = 0; r < 3; ++r)
        for (int s = 0; s < 20; ++s)
            text += std::string("r") + std::to_string(r) + "," + std::to_string(s * 10) + "," + std::to_string(3e-4 * (20 - s)) + ","
                + std::to_string(5 - .1 * s + r) + "\n";
    return text;
}

inline std::string jsonl() {
    std::string text;
    for (int s = 0; s < 30; ++s)
        text += R"({"step": )" + std::to_string(s) + R"(, "loss": )" + (s == 7 ? "NaN" : std::to_string(4 - .1 * s))
            + R"(, "optim": {"lr": 1e-3, "betas": [0.9, 0.95]}, "note": "a \"quoted\" NaN", "done": false})" + "\n";
    return text;
}

inline std::string proxy() {
    std::string text = R"({"t":"cfg","id":"m1","width":64,"optim":{"lr":0.01,"name":"adamw"}})" "\n";
    for (int s = 0; s < 30; ++s) {
        text += R"({"t":"s","step":)" + std::to_string(s) + R"(,"loss":)" + (s > 25 ? "\"NaN\"" : std::to_string(4 - .1 * s))
            + R"(,"lr":0.01})" + "\n";
        if (s % 10 == 0) {
            text += R"({"t":"v","step":)" + std::to_string(s) + R"(,"mal":[1.5,"Infinity"],"grad_rms":{"wq":0.1,"wk":0.2}})" + "\n";
            text += R"({"t":"val","step":)" + std::to_string(s) + R"(,"loss":3.5,"acc":0.25})" + "\n";
        }
    }
    return text + R"({"t":"end","status":"diverged","nan_step":26,"val":"NaN","seconds":1.5})" "\n";
}

inline std::string llmcMain() {
    std::string text = "s:0 tel:11.0095\n";
    for (int s = 0; s < 30; ++s)
        text += "s:" + std::to_string(s) + " trl:" + std::to_string(11 - .1 * s) + " lr:0.000600 norm:1.25\n";
    return text + "s:30 tel:8.1234\ns:30 eval:0.2463\n";
}

inline std::string llmcTable() {
    std::string text = "+------+-----+\n| Parameter | Value |\n+------+-----+\n| sequence length T | 1024 |\n| LR scheduler | cosine |\n"
                       "+------+-----+\nval loss 11.009\n";
    for (int s = 1; s <= 20; ++s)
        text += "step " + std::string(s < 10 ? "   " : "  ") + std::to_string(s) + "/19560 | loss " + std::to_string(11 - .1 * s)
            + " (+nanz)| norm 15.1 (-1.1z)| lr 8.57e-07 | 4621.47 ms | 29.2% bf16 MFU | 113445 tok/s\n";
    return text + "val loss 9.5\n";
}

inline std::string nanogpt() {
    std::string text = "tokens per iteration will be: 491,520\nnumber of parameters: 10.65M\nstep 0: train loss 4.2874, val loss 4.2823\n";
    for (int s = 0; s < 20; ++s)
        text += "iter " + std::to_string(s) + ": loss " + (s == 5 ? "nan" : std::to_string(4 - .05 * s)) + ", time 250.11ms, mfu "
            + (s < 5 ? "-100.00" : "40.10") + "%\n";
    return text + "step 20: train loss 3.0, val loss 3.1\n";
}

// ---- TensorBoard, written by hand

inline std::string varint(std::uint64_t value) {
    std::string out;
    for (; value > 127; value >>= 7) out += static_cast<char>(value | 128);
    return out + static_cast<char>(value);
}
template <class T> std::string raw(T value) {
    const auto bytes = std::bit_cast<std::array<char, sizeof(T)>>(value);
    return {bytes.begin(), bytes.end()};
}
inline std::string field(unsigned number, unsigned type, const std::string& body) {
    return varint(number << 3 | type) + (type == 2 ? varint(body.size()) : "") + body;
}
inline std::string tfRecord(const std::string& data) {
    const std::string length = raw(static_cast<std::uint64_t>(data.size()));
    return length + raw(io::maskedCrc(length)) + data + raw(io::maskedCrc(data));
}
inline std::string scalarEvent(double wall, std::int64_t step, const std::string& summary) {
    return tfRecord(field(1, 1, raw(wall)) + field(2, 0, varint(static_cast<std::uint64_t>(step))) + field(5, 2, summary));
}
inline std::string simple(const std::string& tag, float value) {
    return field(1, 2, field(1, 2, tag) + field(2, 5, raw(value)));
}
inline std::string tensor(const std::string& tag, unsigned type, const std::string& body, const std::string& shape = {}) {
    return field(1, 2, field(1, 2, tag) + field(8, 2, field(1, 0, varint(type)) + field(2, 2, shape) + body));
}
inline std::string events() {
    std::string file = tfRecord(field(1, 1, raw(1.7e9)) + field(3, 2, "brain.Event:2"));
    for (int s = 0; s < 20; ++s)
        file += scalarEvent(1.7e9 + s, s * 5, simple("loss", 4.f - .1f * static_cast<float>(s)) + tensor("lr", 1, field(4, 2, raw(1e-3f))));
    return file;
}

// ---- Evaluations

inline std::string lmEval() {
    return R"({"results": {"arc_easy": {"alias": "arc_easy", "acc,none": 0.61, "acc_stderr,none": 0.01, "acc_norm,none": 0.58},
  "lambada": {"acc,none": 0.5, "acc_stderr,none": "N/A", "perplexity,none": NaN}}, "n-shot": {"arc_easy": 5, "lambada": 0},
 "n-samples": {"arc_easy": {"original": 2376, "effective": 100}}, "versions": {"arc_easy": 1},
 "config": {"model": "hf", "model_args": "pretrained=EleutherAI/pythia-1.4b,revision=step3000"}, "total_evaluation_time_seconds": "12.5"})";
}
inline std::string lmEvalOld() {
    return R"({"results": {"piqa": {"acc": 0.7, "acc_stderr": 0.011}, "sciq": {"acc": 0.8, "acc_stderr": 0.02}}, "versions": {"piqa": 0, "sciq": 0},
 "config": {"model": "hf-causal", "model_args": "pretrained=EleutherAI/pythia-70m,revision=step512", "num_fewshot": 0}})";
}
inline std::string lmEvalSamples() {
    std::string text;
    for (int q = 0; q < 6; ++q)
        text += R"({"doc_id": )" + std::to_string(q) + R"(, "doc": {"q": "why"}, "target": "1", "arguments": [["a", "b"]], "resps": [[["-1.5", "False"]], [["-)" + std::to_string(q)
            + R"(.25", "True"]]], "filtered_resps": [["-1.5", "False"], ["-)" + std::to_string(q) + R"(.25", "True"]], "acc": )" + (q < 2 ? "1.0" : "0.0") + "}\n";
    return text;
}
inline std::string olmes() {
    return R"({"task_name": "arc_challenge", "num_instances": 1172, "metrics": {"primary_score": 0.41, "acc_per_char": 0.41, "bits_per_byte_corr": 0.83}, "model_config": {"model": "OLMo-1B-step1000"}})" "\n"
           R"({"task_name": "piqa", "num_instances": 1838, "metrics": {"primary_score": 0.75}, "model_config": {"model": "OLMo-1B-step1000"}})" "\n";
}
inline std::string helm() {
    return R"([{"name": {"name": "exact_match", "split": "test"}, "count": 4, "sum": 3.0, "sum_squared": 3.0, "min": 0, "max": 1, "mean": 0.75, "variance": 0.1875, "stddev": 0.4330127},
 {"name": {"name": "exact_match", "split": "test", "perturbation": {"name": "robustness", "robustness": true}}, "count": 4, "sum": 2.0, "sum_squared": 2.0, "mean": 0.5, "stddev": 0.5}])";
}
inline std::string passRates() {
    return "question,small,large\nq1,0.1,0.9\nq2,0,0.25\nq3,,1\n";
}
inline std::string continual() {
    return "train_task,eval_task,step,score\n1,1,1,.5\n1,1,2,.8\n2,1,-1,.8\n2,1,3,.4\n2,2,3,.9\n";
}
inline std::string rl() {
    std::string text = "INFO starting\n";
    for (int s = 1; s <= 10; ++s)
        text += "(TaskRunner pid=12) step:" + std::to_string(s) + " - critic/rewards/mean:" + std::to_string(.1 * s) + " - actor/kl_loss:0.01 - response_length/mean:"
            + std::to_string(100 + s) + ".0\n";
    return text;
}
inline std::string trl() {
    std::string text;
    for (int s = 1; s <= 5; ++s)
        text += "{'loss': 0.1, 'reward': " + std::to_string(.2 * s) + ", 'kl': 0.05, 'completion_length': 99.5, 'epoch': 0.1}\n";
    return text + "{'train_runtime': 12.0, 'train_loss': 0.1}\n";
}
inline std::string buildNanogpt() {
    std::string text = "0 val 10.95\n0 hella 0.2461\n";
    for (int s = 0; s < 20; ++s) text += std::to_string(s) + " train " + std::to_string(10.9 - .1 * s) + "\n";
    return text;
}
inline std::string algoperfTargets() {
    return R"({"benchmark_version": "0.5", "base_workloads": ["wmt", "ogbg"], "held_out_workloads": ["wmt_glu"], "workloads": {"wmt": {"target_metric_name": "bleu",
 "validation_target_value": 30.8, "step_hint": 1}, "ogbg": {"target_metric_name": "loss", "validation_target_value": 0.2}, "wmt_glu": {"target_metric_name": "bleu",
 "validation_target_value": 30.0}}})";
}
inline std::string algoperf() {
    return "accumulated_submission_time,global_step,validation/bleu\n10,1,0.5\n20,2,31\n";
}

struct Sample {
    const char* format;
    const char* file;
    std::string bytes;
};
inline std::vector<Sample> all() {
    return {{"csv", "a.csv", csv()},          {"jsonl", "a.jsonl", jsonl()},
            {"isoloss-proxy", "m1.jsonl", proxy()}, {"llmc", "main.log", llmcMain()},
            {"llmc", "train.log", llmcTable()}, {"nanogpt", "out.log", nanogpt()},
            {"tensorboard", "events.out.tfevents.1.host", events()},
            {"lm-eval", "results.json", lmEval()}, {"lm-eval", "old.json", lmEvalOld()}, {"lm-eval-samples", "samples_arc_2024-01-02T03-04-05.jsonl", lmEvalSamples()},
            {"olmes", "metrics-all.jsonl", olmes()}, {"helm", "stats.json", helm()}, {"pass-rates", "rates.csv", passRates()},
            {"continual", "stream.csv", continual()}, {"rl", "verl.log", rl()}, {"build-nanogpt", "log.txt", buildNanogpt()},
            {"algoperf", "workload_targets.json", algoperfTargets()}};
}

}
