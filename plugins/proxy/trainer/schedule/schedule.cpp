// SPDX-License-Identifier: GPL-3.0-or-later
#include "schedule/schedule.hpp"

#include <algorithm>
#include <cmath>

namespace proxy {

namespace {

Curve curveOf(DecayShape shape)
{
    switch (shape) {
    case DecayShape::Linear:
        return Curve::Linear;
    case DecayShape::Exponential:
        return Curve::Exponential;
    case DecayShape::OneMinusSqrt:
        return Curve::OneMinusSqrt;
    case DecayShape::Cosine:
        return Curve::Cosine;
    case DecayShape::MirrorCosine:
        return Curve::MirrorCosine;
    case DecayShape::Square:
        return Curve::Square;
    }
    return Curve::Linear;
}

// Appends segments end to end; those that would have no step in them are left out.
struct Course {
    std::vector<Segment> segments;
    double steps, at = 0;

    double span(double given) const { return given <= 1 ? given * steps : given; }
    void until(double end, Curve curve, double from, double to)
    {
        end = std::min(end, steps);
        if (end > at)
            segments.push_back({curve, at, end, from, to});
        at = std::max(at, end);
    }
};

// Level before the first point and after the last. A line may begin inside the warm-up, which covers its first part.
void addPoints(Course& course, const std::vector<SchedulePart>& points, double peak)
{
    double begin = 0, rate = peak * points.front().to;
    for (const SchedulePart& point : points) {
        const double end = course.span(point.at), to = peak * point.to;
        if (end > course.at)
            course.segments.push_back({Curve::Linear, begin, end, rate, to});
        course.at = std::max(course.at, end);
        begin = end;
        rate = to;
    }
    course.until(course.steps, Curve::Constant, rate, rate);
}

void addSegments(Course& course, const std::vector<SchedulePart>& parts, double peak)
{
    double rate = peak;
    for (const SchedulePart& part : parts) {
        const double end = &part == &parts.back() ? course.steps : course.at + course.span(part.length);
        course.until(end, part.curve, peak * part.from, peak * part.to);
        rate = peak * part.to;
    }
    course.until(course.steps, Curve::Constant, rate, rate);
}

void addMain(Course& course, const Schedule& s, double peak)
{
    const double all = course.steps, low = s.minLr;
    switch (s.kind) {
    case ScheduleKind::Constant:
        return course.until(all, Curve::Constant, peak, peak);
    case ScheduleKind::Linear:
        return course.until(all, Curve::Linear, peak, low);
    case ScheduleKind::Cosine:
        return course.until(all, Curve::Cosine, peak, low);
    case ScheduleKind::InverseSqrt:
        return course.until(all, Curve::InverseSqrt, peak, peak);
    case ScheduleKind::Wsd:
        course.until(all - course.span(s.decayFraction), Curve::Constant, peak, peak);
        return course.until(all, curveOf(s.decay), peak, low);
    case ScheduleKind::TwoStage:
        course.until(course.span(s.switchAt), Curve::Constant, peak, peak);
        return course.until(all, Curve::Constant, s.secondLr, s.secondLr);
    case ScheduleKind::MultiStep: {
        double rate = peak;
        for (const SchedulePart& part : s.parts) {
            course.until(course.span(part.at), Curve::Constant, rate, rate);
            rate = peak * part.to;
        }
        return course.until(all, Curve::Constant, rate, rate);
    }
    case ScheduleKind::Cyclic: {
        const double begin = course.at;
        for (int i = 1; i <= s.cycles; ++i)
            course.until(begin + (all - begin) * i / s.cycles, curveOf(s.decay), peak, low);
        return;
    }
    case ScheduleKind::Infinite:
        course.until(course.at + course.span(s.cooldown), Curve::Cosine, peak, s.secondLr);
        course.until(all - course.span(s.decayFraction), Curve::Constant, s.secondLr, s.secondLr);
        return course.until(all, Curve::Exponential, s.secondLr, low);
    case ScheduleKind::Rewarm:
        course.until(std::round(course.span(s.switchAt)), Curve::Cosine, peak, low);
        course.until(course.at + std::max(1.0, std::round(course.span(s.rewarm))), Curve::Warm, low, s.secondLr);
        return course.until(all, Curve::Cosine, s.secondLr, low);
    case ScheduleKind::Points:
        return addPoints(course, s.parts, peak);
    case ScheduleKind::Segments:
        return addSegments(course, s.parts, peak);
    }
}

}

long warmupSteps(const Schedule& schedule, long steps)
{
    const double asked =
        schedule.warmup < 1 ? std::round(schedule.warmup * static_cast<double>(steps)) : schedule.warmup;
    return std::clamp(std::lround(asked), 0L, steps);
}

std::vector<Segment> segmentsOf(const Schedule& schedule, double peak, long steps)
{
    Course course{{}, static_cast<double>(steps)};
    course.until(static_cast<double>(warmupSteps(schedule, steps)), Curve::Warm, 0, peak);
    addMain(course, schedule, peak);
    return std::move(course.segments);
}

double learningRate(const Schedule& schedule, double peak, long step, long steps)
{
    const std::vector<Segment> segments = segmentsOf(schedule, peak, steps);
    return segments.empty() ? peak : rateAt(segments.data(), static_cast<int>(segments.size()), step);
}

bool isCorner(const Schedule& schedule, long step, long steps)
{
    for (const Segment& segment : segmentsOf(schedule, 1, steps)) {
        const auto first = static_cast<long>(std::ceil(segment.begin));
        if (first > 0 && (step == first || step + 1 == first))
            return true;
    }
    return false;
}

}
