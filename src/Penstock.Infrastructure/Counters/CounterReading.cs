namespace Penstock.Infrastructure.Counters;

/// <summary>One counter as a reader of the file sees it.</summary>
/// <param name="Label">Empty when the counter has a single instance.</param>
public sealed record CounterReading(int Id, string Name, string Label, string Sentence, CounterKind Kind, long Value);

/// <summary>One distribution as a reader of the file sees it.</summary>
public sealed record HistogramReading(int Id, string Name, string Label, string Sentence, HistogramSummary Summary);
